import { authenticateClient } from "../client-authentication/authenticate.js";
import { Refusal } from "../refusals.js";
import { isShared, notInTenant, requireClient } from "../request.js";
import { grantToUser } from "./user-grant.js";

/**
 * RFC 6749 section 6. One refresh token serves every API and every tenant that its user and client
 * reach ("Refresh tokens in the Microsoft identity platform").
 */
export async function refreshToken(authority, request) {
  const { parameters } = request;
  const client = requireClient(authority, request);
  if (!parameters.refresh_token) throw new Refusal(900144, { parameter: "refresh_token" });
  const repeatable = [request.tenantSegment, parameters.scope, parameters.resource, parameters.claims].join("\n");
  const grant = authority.refreshTokens.use(parameters.refresh_token, { clientId: client.clientId, policy: request.policy, request: repeatable });
  const clientAuthentication = await authenticateClient(authority, request, client, grant.redirectType);

  const { directory } = authority;
  const home = directory.tenant(grant.user.tenant);
  const tenant = isShared(request) ? home : request.tenant;
  const account = directory.account(grant.user, tenant.id);
  if (!account) throw notInTenant(home, grant.user, tenant, client);
  if (!directory.isInstalled(client, tenant.id)) throw new Refusal(65001, { client: client.clientId, name: client.name });

  return grantToUser(authority, { ...request, tenant }, {
    client,
    clientAuthentication,
    redirectType: grant.redirectType,
    session: { account, mfa: grant.mfa, authTime: grant.authTime, sid: grant.sid },
    capabilities: grant.capabilities,
    fallbackWanted: grant.wanted,
    // With scopes of several APIs the first one counts ("OAuth 2.0 authorization code flow", refresh the access token).
    severalApis: true,
    offline: true,
    fixedEnd: grant.fixedEnd,
  });
}
