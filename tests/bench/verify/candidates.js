// What is measured in every runtime. Each candidate is made once of the keys and then verifies
// many tokens: a function of a prepared token, which may give a promise.

import { base64url, createLocalJWKSet, jwtVerify } from "jose";

const PARAMETERS = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
};

const asIs = (token) => token;

/** @param {typeof import("countersign/edge").createVerifier} createVerifier */
export function candidates(createVerifier, { alg, jwks, issuer, audience }) {
  const ours = (crypto) => {
    const verifier = createVerifier({ issuer, audience, jwks, crypto });
    return { prepare: asIs, verify: (token) => verifier.verify(token) };
  };
  return {
    "countersign, host": ours("host"),
    "countersign, Rust": { ...ours("rust"), isSlow: true },
    jose: jose({ jwks, issuer, audience }),
    "raw crypto.subtle": rawWebCrypto(alg, jwks),
  };
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

/** One after the other, as requests come to an API. Refuses to measure what does not accept. */
export async function verifyAll({ verify }, prepared) {
  for (const token of prepared) {
    if (!(await verify(token))) throw new Error("A good token was refused.");
  }
}
