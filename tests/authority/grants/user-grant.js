import { readClaimsRequest } from "../claims-request.js";
import { unmetPolicy } from "../conditional-access.js";
import { scopesForToken } from "../consent.js";
import { GRAPH } from "../directory.js";
import { requireResource } from "../request.js";
import { checkScopesExist, firstApi, readResource, readScope } from "../scopes.js";
import { userTokenResponse } from "../tokens/response.js";

/**
 * The part that all grants for a user have in common: which API, whether consent and Conditional
 * Access allow it, and the answer.
 *
 * @param {object} request with the tenant that the token is for
 * @param {object} grant `{ client, clientAuthentication, redirectType, session, fallbackWanted?, offline, nonce?, fixedEnd? }`;
 *   `fallbackWanted` is what the sign-in asked for, when this request names nothing
 */
export async function grantToUser(authority, request, grant) {
  const { directory } = authority;
  const { client, session } = grant;
  const { tenant, version, origin, parameters } = request;
  const wanted = wantedNow(request, grant, directory);
  // With scopes of several resources the first one wins ("Refresh tokens").
  const api = firstApi(wanted, directory);
  checkScopesExist(api, client);
  requireResource(authority, api, tenant);
  const claimsRequest = mergeCapabilities(readClaimsRequest(parameters.claims), grant.capabilities);

  const refusal = unmetPolicy({
    tenant,
    account: session.account,
    resources: [api.resource],
    mfa: session.mfa,
    authenticationContexts: claimsRequest.authenticationContexts,
  });
  if (refusal) throw refusal;

  const user = session.account.user;
  const granted = scopesForToken({ directory, tenantId: tenant.id, client, user, api });
  const oidc = wanted.oidc;
  const scopes = api.resource.clientId === GRAPH ? [...new Set([...granted, ...oidc])] : granted;
  const refreshToken = grant.offline
    ? authority.refreshTokens.issue({
        client,
        user,
        redirectType: grant.redirectType,
        mfa: session.mfa,
        authTime: session.authTime,
        sid: session.sid,
        capabilities: claimsRequest.capabilities,
        wanted: { apis: wanted.apis, oidc },
        fixedEnd: grant.fixedEnd,
      })
    : undefined;
  return userTokenResponse(authority, {
    version,
    origin,
    tenant,
    client,
    clientAuthentication: grant.clientAuthentication,
    session,
    api,
    scopes,
    oidc,
    claimsRequest,
    refreshToken,
    nonce: grant.nonce,
    wantsClientInfo: parameters.client_info === "1",
  });
}

function wantedNow({ version, parameters }, { fallbackWanted }, directory) {
  const named = version === 1 ? parameters.resource : parameters.scope;
  const wanted =
    version === 1
      ? readResource(parameters.resource, parameters.scope, directory)
      : readScope(parameters.scope, directory);
  if (!fallbackWanted) return wanted;
  // Named nothing, asked for the same again (RFC 6749 section 6).
  if (!named) return fallbackWanted;
  // The ID token and the refresh token follow what was asked for at sign-in.
  return { apis: wanted.apis, oidc: new Set([...wanted.oidc, ...fallbackWanted.oidc]) };
}

/** A client that declared a capability at sign-in has it for the grant's whole life. */
function mergeCapabilities(claimsRequest, earlier = []) {
  return { ...claimsRequest, capabilities: [...new Set([...claimsRequest.capabilities, ...earlier])] };
}
