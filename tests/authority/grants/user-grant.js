import { readClaimsRequest } from "../claims-request.js";
import { unmetPolicy } from "../conditional-access.js";
import { scopesForToken } from "../consent.js";
import { GRAPH } from "../directory/directory.js";
import { Refusal } from "../refusals.js";
import { requireResource } from "../request.js";
import { checkResourceParameter, checkScopesExist, firstApi, readResource, readScope } from "../scopes.js";
import { userTokenResponse } from "../tokens/response.js";

/**
 * The part that all grants for a user have in common: which API, whether consent and Conditional
 * Access allow it, and the response.
 *
 * @param {object} request with the tenant that the token is for
 * @param {object} grant `{ client, clientAuthentication, redirectType, session, fallbackWanted?, severalApis?, offline, nonce?, fixedEnd? }`;
 *   `fallbackWanted` is what the sign-in asked for, when this request names nothing; `severalApis` takes the
 *   first of several APIs, as a refresh token does, where other grants refuse them
 */
export async function grantToUser(authority, request, grant) {
  const { directory } = authority;
  const { client, session } = grant;
  const { tenant, version, origin, parameters, policy } = request;
  const wanted = wantedNow(request, grant, directory);
  const api = firstApi(wanted, directory);
  requireResource(authority, api, tenant);
  checkScopesExist(api, client);
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
        policy,
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
    policy,
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

function wantedNow({ version, parameters, tenant }, { fallbackWanted, severalApis }, directory) {
  const named = version === 1 ? parameters.resource : parameters.scope;
  // Named nothing, asked for the same again (RFC 6749 section 6).
  const wanted = !named && fallbackWanted ? fallbackWanted : readNamed(version, parameters, tenant, directory);
  if (version === 2) checkResourceParameter(parameters.resource, wanted.apis);
  if (wanted.apis.length > 1 && !severalApis) throw named ? new Refusal(28000, { scope: parameters.scope }) : new Refusal(28003);
  // The ID token and the refresh token follow what was asked for at sign-in.
  return { apis: wanted.apis, oidc: new Set([...wanted.oidc, ...(fallbackWanted?.oidc ?? [])]) };
}

function readNamed(version, parameters, tenant, directory) {
  return version === 1 ? readResource(parameters.resource, parameters.scope, directory) : readScope(parameters.scope, directory, tenant);
}

/** A client that declared a capability at sign-in has it for the grant's whole life. */
function mergeCapabilities(claimsRequest, earlier = []) {
  return { ...claimsRequest, capabilities: [...new Set([...claimsRequest.capabilities, ...earlier])] };
}
