// What is measured in every runtime. Each candidate is made once of the keys and then verifies
// many tokens: a function of a prepared token, which may give a promise.

import { base64url, createLocalJWKSet, jwtVerify } from "jose";

const PARAMETERS = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
};

const asIs = (token) => token;

/** How tokens come: unseen, one after the other; unseen, many at once; or again and again. */
export const WAYS = ["one by one", "100 at once", "seen before"];
const AT_ONCE = 100;
/** So many tokens come again and again. */
const SEEN = 50;
/** Fewer than a round has: a token is remembered, as users have it, and has been forgotten when it comes again in the warm-up. */
const REMEMBERED = SEEN;

/** @param {typeof import("countersign/edge").createVerifier} createVerifier */
export function candidates(createVerifier, { alg, jwks, issuer, audience, way }) {
  const ours = (crypto) => {
    const verifier = createVerifier({ issuer, audience, jwks, crypto, remember: REMEMBERED });
    return { prepare: asIs, verify: (token) => verifier.verify(token) };
  };
  const all = { "countersign, host": ours("host"), jose: jose({ jwks, issuer, audience }) };
  if (way === "seen before") return all;
  all["raw crypto.subtle"] = rawWebCrypto(alg, jwks);
  if (way === "one by one") all["countersign, Rust"] = { ...ours("rust"), isSlow: true };
  return all;
}

function jose({ jwks, issuer, audience }) {
  const keys = createLocalJWKSet(jwks);
  return { prepare: asIs, verify: (token) => jwtVerify(token, keys, { issuer, audience }) };
}

/** The signature and nothing else: the token is taken apart beforehand. */
function rawWebCrypto(alg, jwks) {
  const parameters = PARAMETERS[alg];
  let key;
  return {
    prepare: takenApart,
    async verify({ data, signature }) {
      key ??= await crypto.subtle.importKey("jwk", jwks.keys[0], parameters, false, ["verify"]);
      return crypto.subtle.verify(parameters, key, signature, data);
    },
  };
}

export function takenApart(token) {
  const end = token.lastIndexOf(".");
  return { data: new TextEncoder().encode(token.slice(0, end)), signature: base64url.decode(token.slice(end + 1)) };
}

/** The tokens of a round. Those that were seen before come first unmeasured, and then as often as others. */
export function inWay(way, batch) {
  const again = batch.slice(0, SEEN);
  return way === "seen before" ? { before: again, batch: Array.from(batch, (_, place) => again[place % again.length]) } : { before: [], batch };
}

/** As requests come to an API. Refuses to measure what does not accept. */
export async function verifyAll({ verify }, prepared, way) {
  const atOnce = way === "100 at once" ? AT_ONCE : 1;
  for (let place = 0; place < prepared.length; place += atOnce) {
    const results = atOnce === 1 ? [await verify(prepared[place])] : await Promise.all(prepared.slice(place, place + atOnce).map(verify));
    if (!results.every(Boolean)) throw new Error("A good token was refused.");
  }
}
