import { X509Certificate } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, errors, importX509, jwtVerify } from "jose";
import { issuers } from "../issuers.js";
import { Refusal } from "../refusals.js";
import { verifyFederatedAssertion } from "./federated-assertion.js";

/** Algorithms of "Microsoft identity platform application authentication certificate credentials"; RS256 for older libraries. */
const ALGORITHMS = ["PS256", "RS256"];

/** Verifies a client assertion (RFC 7523 section 3): the client's own certificate, or a federated credential. */
export async function verifyAssertion(authority, request, client, assertion) {
  const { header, claims } = decode(assertion);
  if (claims.iss !== client.clientId && (client.federatedIdentityCredentials ?? []).length) {
    return verifyFederatedAssertion(authority, client, assertion, claims);
  }
  // A list is refused even with the right value in it.
  if (typeof claims.aud !== "string") throw new Refusal(50027, { reason: "The 'aud' claim must be a single string." });
  if (claims.exp === undefined) throw new Refusal(50027, { reason: "The 'exp' claim is missing." });
  if (claims.sub !== claims.iss) throw new Refusal(50048);
  if (claims.iss !== client.clientId) throw new Refusal(700021);
  if (!acceptedAudiences(authority, request).has(claims.aud)) throw new Refusal(700023);

  const certificate = findCertificate(authority, client, header);
  if (new Date(certificate.validTo).getTime() <= authority.clock.milliseconds()) {
    throw new Refusal(700027, { reason: "The key used is expired." });
  }
  await verifySignature(authority, assertion, header, certificate);
  // The same assertion may come again until it ends: Microsoft's libraries keep one for its ten minutes.
}

function decode(assertion) {
  try {
    return { header: decodeProtectedHeader(assertion), claims: decodeJwt(assertion) };
  } catch {
    throw new Refusal(50027);
  }
}

async function verifySignature({ clock }, assertion, header, certificate) {
  if (!ALGORITHMS.includes(header.alg)) throw new Refusal(50027, { reason: "The signature algorithm is not supported." });
  const key = await importX509(certificate.toString(), header.alg);
  try {
    await jwtVerify(assertion, key, { algorithms: ALGORITHMS, currentDate: new Date(clock.milliseconds()), clockTolerance: 300 });
  } catch (error) {
    if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) {
      throw new Refusal(700024, { reason: `Current time: ${clock.timestamp()}.` });
    }
    throw new Refusal(700027, { reason: "The signature is not valid." });
  }
}

/** By thumbprint among the registered certificates, or by the chain in `x5c` and a trusted subject name. */
function findCertificate(authority, client, header) {
  // Python's msal pads the thumbprint, which RFC 7515 section 2 does not; the service takes both.
  const bare = (value) => value?.replace(/=+$/, "");
  const registered = authority.certificatesOf(client.clientId);
  const byThumbprint = registered.find(
    (c) => (header["x5t#S256"] !== undefined && c.x5tS256 === bare(header["x5t#S256"])) || (header.x5t !== undefined && c.x5t === bare(header.x5t)),
  );
  if (byThumbprint) return new X509Certificate(byThumbprint.pem);
  if (header.x5c?.length && (client.trustedCertificateSubjects ?? []).length) return findBySubject(client, header.x5c);
  throw new Refusal(700027, { reason: "The key was not found." });
}

function findBySubject(client, x5c) {
  const chain = readChain(x5c);
  const [leaf, ...rest] = chain;
  const trusted = client.trustedCertificateSubjects.find((t) => leaf.subject === t.subject);
  if (!trusted) throw new Refusal(700030);
  const authorityCertificate = new X509Certificate(trusted.authority);
  const links = [...rest, authorityCertificate];
  // Each certificate is signed by the next; the last by the authority that the registration trusts.
  const sound = [leaf, ...rest].every((certificate, i) => certificate.verify(links[i].publicKey) || certificate.fingerprint256 === authorityCertificate.fingerprint256);
  if (!sound) throw new Refusal(700030);
  return leaf;
}

function readChain(x5c) {
  try {
    return [x5c].flat().map((der) => new X509Certificate(Buffer.from(der, "base64")));
  } catch {
    throw new Refusal(50027, { reason: "The 'x5c' header is not a certificate chain." });
  }
}

/** `aud` is the token endpoint of the tenant or its issuer, in either version of either listener. */
function acceptedAudiences(authority, request) {
  const { tenant } = request;
  const names = [request.tenantSegment, tenant?.id, tenant?.domain].filter(Boolean);
  const audiences = authority.allOrigins().flatMap((origin) =>
    names.flatMap((name) => [
      `${origin}/${name}/oauth2/token`,
      `${origin}/${name}/oauth2/v2.0/token`,
      ...Object.values(issuers(origin, { ...tenant, id: name })),
    ]),
  );
  return new Set(audiences);
}
