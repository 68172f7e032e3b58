import { issueAccessToken, grantedScopeText } from "./access-token.js";
import { issueIdToken } from "./id-token.js";
import { clientInfo } from "./identity.js";

/**
 * The token endpoint's response for a user: an access token, and an ID and a refresh token if they were asked for.
 * At v1.0 the numbers are strings and `resource`, `expires_on`, `not_before` come along.
 */
export async function userTokenResponse(authority, grant) {
  const { version, origin, tenant, policy, client, session, api, scopes, oidc } = grant;
  const access = await issueAccessToken(authority, grant);
  const body = {
    token_type: "Bearer",
    scope: grantedScopeText({ version, api, scopes, oidc }),
    ...lifetimeMembers(access),
    access_token: access.token,
  };
  if (grant.refreshToken) {
    body.refresh_token = grant.refreshToken.token;
    if (grant.refreshToken.fixedEnd) body.refresh_token_expires_in = grant.refreshToken.fixedEnd - authority.clock.now();
  }
  if (oidc.has("openid")) {
    body.id_token = await issueIdToken(authority, { origin, tenant, policy, client, session, version, nonce: grant.nonce, oidc });
  }
  if (grant.wantsClientInfo) body.client_info = clientInfo(authority, session.account.user, policy);
  return version === 1 ? asVersion1(body, access, api) : body;
}

/** The response for the application itself: no refresh token, no ID token (RFC 6749 section 4.4.3). */
export async function applicationTokenResponse(authority, grant) {
  const access = await issueAccessToken(authority, grant);
  const body = { token_type: "Bearer", ...lifetimeMembers(access), access_token: access.token };
  return grant.version === 1 ? asVersion1(body, access, grant.api) : body;
}

function lifetimeMembers({ lifetime, continuous }) {
  return {
    expires_in: lifetime,
    ext_expires_in: lifetime,
    // Long-lived tokens come with the time from which a new one may be had.
    ...(continuous && { refresh_in: Math.floor(lifetime / 2) }),
  };
}

function asVersion1(body, access, api) {
  const strings = {
    expires_in: String(body.expires_in),
    ext_expires_in: String(body.ext_expires_in),
    expires_on: String(access.claims.exp),
    not_before: String(access.claims.nbf),
    ...(body.refresh_in !== undefined && { refresh_in: String(body.refresh_in) }),
    ...(body.refresh_token_expires_in !== undefined && { refresh_token_expires_in: String(body.refresh_token_expires_in) }),
  };
  return { ...body, ...strings, resource: api.audience };
}
