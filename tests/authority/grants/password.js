import { authenticateClient } from "../client-authentication/authenticate.js";
import { CONSUMERS } from "../directory/directory.js";
import { Refusal } from "../refusals.js";
import { isShared, notInTenant, requireClient } from "../request.js";
import { OIDC_SCOPES } from "../scopes.js";
import { grantToUser } from "./user-grant.js";

/**
 * RFC 6749 section 4.3, for test suites: a user's name and password in one request. No page can ask for a
 * second factor or for consent, so a policy or missing consent is an error ("OAuth 2.0 Resource Owner
 * Password Credentials").
 */
export async function password(authority, request) {
  const { directory } = authority;
  const { parameters, tenantSegment } = request;
  const client = requireClient(authority, request);
  if (tenantSegment === "common" || request.tenant?.id === CONSUMERS) throw new Refusal(9001023);
  for (const parameter of ["username", "password"]) {
    if (!parameters[parameter]) throw new Refusal(900144, { parameter });
  }
  if (request.version === 2 && !parameters.scope) throw new Refusal(900144, { parameter: "scope" });
  const redirectType = client.isFallbackPublicClient ? "native" : "web";
  const clientAuthentication = await authenticateClient(authority, request, client, redirectType);

  const user = directory.user(parameters.username);
  const home = user && directory.tenant(user.tenant);
  // Personal accounts are unknown to this grant.
  if (!user || home.id === CONSUMERS) throw new Refusal(50034, { user: parameters.username, tenant: request.tenant?.name ?? tenantSegment });
  if (user.password !== parameters.password) throw new Refusal(50126);
  const tenant = isShared(request) ? home : request.tenant;
  const account = directory.account(user, tenant.id);
  if (!account) throw notInTenant(home, user, tenant, client);
  if (!directory.isInstalled(client, tenant.id)) throw new Refusal(65001, { client: client.clientId, name: client.name });
  const oidc = new Set((parameters.scope ?? "").split(/\s+/).filter((value) => OIDC_SCOPES.has(value)));
  return grantToUser(authority, { ...request, tenant }, {
    client,
    clientAuthentication,
    redirectType,
    session: { account, mfa: false, authTime: authority.clock.now(), sid: crypto.randomUUID() },
    capabilities: [],
    offline: oidc.has("offline_access") || request.version === 1,
  });
}
