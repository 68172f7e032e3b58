import { decodeJwt, errors } from "jose";
import { authenticateClient } from "../client-authentication/authenticate.js";
import { issuers, tenantOfIssuer } from "../issuers.js";
import { Refusal } from "../refusals.js";
import { isShared, requireClient } from "../request.js";
import { unsealed } from "../tokens/access-token.js";
import { grantToUser } from "./user-grant.js";

/**
 * "OAuth 2.0 On-Behalf-Of flow", v1.0 and v2.0: an API turns the access token that it was called
 * with into one for the next API, with the same user.
 */
export async function onBehalfOf(authority, request) {
  const { parameters } = request;
  const client = requireClient(authority, request);
  requireTokenUse(parameters.requested_token_use);
  if (!parameters.assertion) throw new Refusal(900144, { parameter: "assertion" });
  if (request.version === 1 && !parameters.resource) throw new Refusal(900144, { parameter: "resource" });
  if (request.version === 2 && !parameters.scope) throw new Refusal(900144, { parameter: "scope" });
  const clientAuthentication = await authenticateClient(authority, request, client, "web");

  const claims = await verifyUserAssertion(authority, client, parameters.assertion);
  const { directory } = authority;
  const tenant = isShared(request) ? directory.tenant(claims.tid) : request.tenant;
  const account = directory.accountByObjectId(claims.oid, claims.tid);
  // The assertion's user is known by its tenant; another tenant's endpoint does not serve it.
  if (!account || tenant.id !== claims.tid) throw new Refusal(50013, { reason: "The assertion is of another tenant." });
  const state = unsealed(claims.aio);
  authority.revocations.checkGrant(account.user, { place: state.place, issuedAt: claims.iat });
  return grantToUser(authority, { ...request, tenant }, {
    client,
    clientAuthentication,
    redirectType: "web",
    session: { account, mfa: state.mfa, authTime: state.authTime, sid: state.sid },
    capabilities: [],
    offline: (parameters.scope ?? "").split(/\s+/).includes("offline_access"),
  });
}

/** The grant has one use at Entra; without it the request is incomplete, with another one it is not supported. */
function requireTokenUse(use) {
  if (!use) throw new Refusal(900144, { parameter: "requested_token_use" });
  if (use !== "on_behalf_of") throw new Refusal(90023, { reason: `Unsupported 'requested_token_use' value '${use}'.` });
}

async function verifyUserAssertion(authority, client, assertion) {
  let unverified;
  try {
    unverified = decodeJwt(assertion);
  } catch {
    throw new Refusal(50013, { reason: "It is malformed." });
  }
  const claims = await verifySignature(authority, assertion);
  const home = authority.directory.tenant(claims.tid);
  const sound = home && authority.allOrigins().some((origin) => Object.values(issuers(origin, home)).includes(claims.iss));
  if (!sound || tenantOfIssuer(unverified.iss) !== claims.tid) throw new Refusal(50013, { reason: "The issuer is not this authority." });
  const own = [client.clientId, ...(client.identifierUris ?? [])];
  if (!own.includes(claims.aud)) throw new Refusal(500131, { audience: claims.aud, expected: client.clientId });
  // An ID token has no client in it; v1.0 stopped taking them on 2018-05-01.
  if (claims.azp === undefined && claims.appid === undefined) throw new Refusal(240002);
  // "Only user tokens": an app-only token belongs to client credentials.
  if (claims.scp === undefined) throw new Refusal(7000114, { client: client.clientId });
  return claims;
}

async function verifySignature({ keys, clock }, assertion) {
  try {
    return await keys.verify(assertion, clock);
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new Refusal(500133);
    if (error instanceof errors.JOSEError) throw new Refusal(50013, { reason: "Its signature is not valid." });
    throw error;
  }
}
