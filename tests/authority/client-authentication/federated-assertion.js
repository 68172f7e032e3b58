import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import { Refusal } from "../refusals.js";

/**
 * Verifies a token of another identity provider that the registration trusts ("Workload identity
 * federation": issuer, subject and audience match exactly, case included).
 */
export async function verifyFederatedAssertion(authority, client, assertion, claims) {
  const credentials = client.federatedIdentityCredentials.map((c) => ({ ...c, issuer: c.issuer.replace("{control}", authority.origins.control) }));
  const ofIssuer = credentials.filter((c) => c.issuer === claims.iss);
  if (ofIssuer.length === 0) throw new Refusal(700211, { issuer: claims.iss });
  const ofSubject = ofIssuer.filter((c) => c.subject === claims.sub);
  if (ofSubject.length === 0) throw new Refusal(700213, { subject: claims.sub });
  const audiences = [claims.aud].flat();
  const credential = ofSubject.find((c) => c.audiences.some((audience) => audiences.includes(audience)));
  if (!credential) throw new Refusal(700212, { audience: audiences.join(" ") });

  try {
    await jwtVerify(assertion, await keysOf(credential.issuer), { issuer: credential.issuer, currentDate: new Date(authority.clock.milliseconds()), clockTolerance: 300 });
  } catch (error) {
    if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) throw new Refusal(700024);
    throw new Refusal(50027, { reason: "The federated assertion failed signature verification." });
  }
}

/** The issuer's keys by its own discovery (OpenID Connect Discovery section 4). */
async function keysOf(issuer) {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  const document = response?.ok ? await response.json().catch(() => undefined) : undefined;
  if (document?.issuer !== issuer) throw new Refusal(50027, { reason: "The issuer's discovery document could not be read." });
  return createRemoteJWKSet(new URL(document.jwks_uri));
}
