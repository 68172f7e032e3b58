import { createHash } from "node:crypto";
import { authenticateClient } from "../client-authentication/authenticate.js";
import { Refusal } from "../refusals.js";
import { isShared, requireClient } from "../request.js";
import { grantToUser } from "./user-grant.js";

/** RFC 6749 section 4.1.3 with PKCE (RFC 7636), by the rules of the redirect URI's type. */
export async function authorizationCode(authority, request) {
  const { parameters } = request;
  const client = requireClient(authority, request);
  for (const parameter of ["code", "redirect_uri"]) {
    if (!parameters[parameter]) throw new Refusal(900144, { parameter });
  }
  const grant = authority.codes.find(parameters.code, client.clientId);
  checkTenant(request, grant);
  if (grant.policy !== request.policy) throw new Refusal("AADB2C90088", { actual: grant.policy, expected: request.policy });
  const clientAuthentication = await authenticateClient(authority, request, client, grant.redirectType);
  if (parameters.redirect_uri !== grant.redirectUri) {
    throw new Refusal(50011, { redirectUri: parameters.redirect_uri, client: client.clientId }, { error: "invalid_client" });
  }
  checkVerifier(grant, parameters.code_verifier);
  authority.codes.redeem(parameters.code);
  return grantToUser(authority, { ...request, tenant: grant.tenant }, {
    ...grant,
    client,
    clientAuthentication,
    fallbackWanted: grant.wanted,
    offline: grant.wanted.oidc.has("offline_access") || request.version === 1,
    nonce: grant.nonce,
  });
}

/** A code is redeemed at the tenant's URL at which it was issued, or at the tenant itself. */
function checkTenant(request, grant) {
  const same = request.tenantSegment === grant.tenantSegment || request.tenant?.id === grant.tenant.id;
  if (!same || (isShared(request) && request.tenantSegment !== grant.tenantSegment)) throw new Refusal(700005);
}

/** RFC 7636 section 4.6. */
function checkVerifier({ challenge, challengeMethod, redirectType }, verifier) {
  if (challenge === undefined) {
    if (redirectType === "spa") throw new Refusal(9002325);
    if (verifier !== undefined) throw new Refusal(501481);
    return;
  }
  if (verifier === undefined) throw redirectType === "spa" ? new Refusal(9002325) : new Refusal(501481);
  const computed = challengeMethod === "S256" ? createHash("sha256").update(verifier).digest("base64url") : verifier;
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier) || computed !== challenge) throw new Refusal(501481);
}
