import { CERTIFICATE } from "../client-authentication/authenticate.js";
import { readClaimsRequest } from "../claims-request.js";
import { issueAccessToken } from "../tokens/access-token.js";

/** Tokens of managed identities last a day ("Managed identities: token caching"). */
const LIFETIME = 24 * 3600;

/**
 * The registration that stands for a managed identity: the one that was named, or the system-assigned one.
 * @param {{ clientId?: string, objectId?: string, resourceId?: string }} named
 */
export function findIdentity({ directory }, { clientId, objectId, resourceId }) {
  const identities = directory.data.registrations.filter((registration) => registration.managedIdentity);
  const same = (a, b) => a?.toLowerCase() === b?.toLowerCase();
  if (clientId) return identities.find((identity) => same(identity.clientId, clientId));
  if (objectId) return identities.find((identity) => same(directory.servicePrincipalId(identity, directory.homeTenant(identity).id), objectId));
  if (resourceId) return identities.find((identity) => same(identity.managedIdentity.resourceId, resourceId));
  const [system] = identities.filter((identity) => identity.managedIdentity.type === "SystemAssigned");
  return system;
}

/** A token for the resource, its times as strings; undefined when the tenant has no such resource. */
export async function issueIdentityToken(authority, identity, audience) {
  const { directory } = authority;
  const tenant = directory.homeTenant(identity);
  const resource = directory.resource(audience);
  if (!resource || !directory.isInstalled(resource, tenant.id)) return undefined;
  const { token, claims } = await issueAccessToken(authority, {
    origin: authority.mainOrigin,
    tenant,
    client: identity,
    clientAuthentication: CERTIFICATE,
    api: { resource, audience },
    roles: directory.assignedRoles({ tenantId: tenant.id, client: identity, resource }),
    claimsRequest: readClaimsRequest(undefined),
    lifetime: LIFETIME,
  });
  const expires_on = String(claims.exp);
  return {
    access_token: token,
    token_type: "Bearer",
    expires_on,
    times: { expires_in: String(LIFETIME - 1), expires_on, ext_expires_in: String(LIFETIME - 1), not_before: String(claims.nbf) },
  };
}
