// Keys, made at run time, and tokens that they sign.

import { p521 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { base64url, exportJWK, SignJWT } from "jose";

export const AUDIENCE = "https://api.example";
export const ISSUER = "https://login.example";

const RSA = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };

/** What WebCrypto needs to know of an algorithm. */
const PARAMETERS = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", ...RSA },
  RS384: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-384", ...RSA },
  RS512: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-512", ...RSA },
  PS256: { name: "RSA-PSS", hash: "SHA-256", saltLength: 32, ...RSA },
  PS384: { name: "RSA-PSS", hash: "SHA-384", saltLength: 48, ...RSA },
  PS512: { name: "RSA-PSS", hash: "SHA-512", saltLength: 64, ...RSA },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  ES384: { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  EdDSA: { name: "Ed25519" },
};
/** Curves that not every runtime can sign on, with the length of their coordinates. */
const CURVES = {
  ES512: { curve: p521, crv: "P-521", length: 66 },
  ES256K: { curve: secp256k1, crv: "secp256k1", length: 32 },
};

/** The algorithms that every runtime's crypto has. */
export const ALGORITHMS = Object.keys(PARAMETERS);
/** Those that some leave to Rust. */
export const FURTHER_ALGORITHMS = Object.keys(CURVES);

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
  if (alg in CURVES) return newKeyOnCurve(alg, kid);
  const { privateKey, publicKey } = await crypto.subtle.generateKey({ ...PARAMETERS[alg], ...parameters }, true, ["sign", "verify"]);
  const { kty, crv, n, e, x, y } = await exportJWK(publicKey);
  const jwk = Object.fromEntries(Object.entries({ kty, crv, n, e, x, y, kid, alg, use: "sig" }).filter(([, value]) => value !== undefined));
  return { alg, kid, privateKey, jwk };
}

function newKeyOnCurve(alg, kid) {
  const { curve, crv, length } = CURVES[alg];
  const { secretKey } = curve.keygen();
  const [x, y] = [0, 1].map((place) => base64url.encode(curve.getPublicKey(secretKey, false).slice(1 + place * length, 1 + (place + 1) * length)));
  return { alg, kid, sign: (bytes) => curve.sign(bytes, secretKey, { lowS: false }), jwk: { kty: "EC", crv, x, y, kid, alg, use: "sig" } };
}

/** The JWK Set of these keys. */
export const jwks = (...keys) => ({ keys: keys.map(({ jwk }) => jwk) });

/** Claims that are good; those given replace them, and `undefined` leaves one out. */
export function claims(given = {}) {
  const now = Math.floor(Date.now() / 1000);
  return { iss: ISSUER, aud: AUDIENCE, sub: "alice", iat: now, nbf: now, exp: now + 600, ...given };
}

/** A token, by jose if it has the algorithm in every runtime. */
export function token(by, given = {}, header = {}) {
  const all = { alg: by.alg, kid: by.kid, ...header };
  if (by.sign !== undefined) return tokenOf(by, JSON.stringify(all), JSON.stringify(claims(given)));
  return new SignJWT(claims(given)).setProtectedHeader(all).sign(by.privateKey);
}

/** A token of exactly these texts, whose signature is right whatever they say. */
export function tokenOf(by, header, payload) {
  return tokenOfParts(by, base64url.encode(header), base64url.encode(payload));
}

/** The same of parts that are encoded already. */
export async function tokenOfParts(by, header, payload) {
  const signingInput = `${header}.${payload}`;
  const bytes = new TextEncoder().encode(signingInput);
  const signature = by.sign?.(bytes) ?? (await crypto.subtle.sign(PARAMETERS[by.alg], by.privateKey, bytes));
  return `${signingInput}.${base64url.encode(new Uint8Array(signature))}`;
}
