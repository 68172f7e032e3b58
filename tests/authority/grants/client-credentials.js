import { authenticateClient } from "../client-authentication/authenticate.js";
import { readClaimsRequest } from "../claims-request.js";
import { Refusal } from "../refusals.js";
import { isShared, requireClient, requireResource } from "../request.js";
import { checkResourceParameter, readResource, readScope } from "../scopes.js";
import { applicationTokenResponse } from "../tokens/response.js";

/** RFC 6749 section 4.4: the application itself, one resource, all its app roles there. */
export async function clientCredentials(authority, request) {
  if (isShared(request)) throw new Refusal(50059);
  const client = requireClient(authority, request, { installed: true });
  const api = requireOneResource(request, authority.directory);
  const clientAuthentication = await authenticateClient(authority, request, client, "web");
  requireResource(authority, api, request.tenant);

  const roles = authority.directory.assignedRoles({ tenantId: request.tenant.id, client, resource: api.resource });
  // Without any role a token is still issued, unless the API requires assignment.
  if (roles.length === 0 && api.resource.appRoleAssignmentRequired) {
    throw new Refusal(501051, { client: client.clientId, name: client.name, resource: api.resource.clientId });
  }
  return applicationTokenResponse(authority, {
    version: request.version,
    origin: request.origin,
    tenant: request.tenant,
    client,
    clientAuthentication,
    api,
    roles,
    claimsRequest: readClaimsRequest(request.parameters.claims),
  });
}

function requireOneResource({ version, parameters }, directory) {
  if (version === 1) {
    if (!parameters.resource) throw new Refusal(900144, { parameter: "resource" });
    return readResource(parameters.resource, undefined, directory).apis[0];
  }
  if (!parameters.scope) throw new Refusal(900144, { parameter: "scope" });
  const notDefault = parameters.scope.split(/\s+/).find((value) => value && !value.endsWith("/.default") && !["openid", "profile", "offline_access"].includes(value));
  if (notDefault) throw new Refusal(1002012, { scope: notDefault });
  const { apis } = readScope(parameters.scope, directory);
  if (apis.length !== 1) throw new Refusal(70011, { reason: "It must name exactly one resource." });
  checkResourceParameter(parameters.resource, apis);
  return apis[0];
}
