// Keys, made at run time, and tokens that they sign.

import { base64url, exportJWK, SignJWT } from "jose";

export const AUDIENCE = "https://api.example";
export const ISSUER = "https://login.example";

/** What WebCrypto needs to know of an algorithm. */
const PARAMETERS = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  PS256: { name: "RSA-PSS", hash: "SHA-256", saltLength: 32, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  ES384: { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  EdDSA: { name: "Ed25519" },
};
export const ALGORITHMS = Object.keys(PARAMETERS);

/** Keys that are there, as data: on Workers a promise of one case may not be awaited by another. */
const made = new Map();

/**
 * The key of this name, made when first asked for.
 *
 * @returns {Promise<{ alg: string, kid: string, privateKey: CryptoKey, jwk: object }>} `jwk` is the public half
 */
export async function key(alg, kid = `${alg}-1`) {
  if (!made.has(kid)) made.set(kid, await newKey(alg, kid));
  return made.get(kid);
}

/** A key that no other case has. */
export async function newKey(alg, kid, parameters = {}) {
  const { privateKey, publicKey } = await crypto.subtle.generateKey({ ...PARAMETERS[alg], ...parameters }, true, ["sign", "verify"]);
  const { kty, crv, n, e, x, y } = await exportJWK(publicKey);
  const jwk = Object.fromEntries(Object.entries({ kty, crv, n, e, x, y, kid, alg, use: "sig" }).filter(([, value]) => value !== undefined));
  return { alg, kid, privateKey, jwk };
}

/** The JWK Set of these keys. */
export const jwks = (...keys) => ({ keys: keys.map(({ jwk }) => jwk) });

/** Claims that are good; those given replace them, and `undefined` leaves one out. */
export function claims(given = {}) {
  const now = Math.floor(Date.now() / 1000);
  return { iss: ISSUER, aud: AUDIENCE, sub: "alice", iat: now, nbf: now, exp: now + 600, ...given };
}

/** A token by jose. */
export function token(by, given = {}, header = {}) {
  return new SignJWT(claims(given)).setProtectedHeader({ alg: by.alg, kid: by.kid, ...header }).sign(by.privateKey);
}

/** A token of exactly these texts, whose signature is right whatever they say. */
export function tokenOf(by, header, payload) {
  return tokenOfParts(by, base64url.encode(header), base64url.encode(payload));
}

/** The same of parts that are encoded already. */
export async function tokenOfParts(by, header, payload) {
  const signingInput = `${header}.${payload}`;
  const bytes = new TextEncoder().encode(signingInput);
  const signature = await crypto.subtle.sign(PARAMETERS[by.alg], by.privateKey, bytes);
  return `${signingInput}.${base64url.encode(new Uint8Array(signature))}`;
}
