/** Keys and tokens: as Entra ID writes access tokens, each one different, signed by host crypto. */
import { webcrypto } from "node:crypto";

import { base64url, exportJWK, exportSPKI } from "jose";

const { subtle } = webcrypto;

const TENANT = "8b0c6f6e-2f7b-4b9a-9d0e-5f3c1d2a7e41";
export const ISSUER = `https://login.microsoftonline.com/${TENANT}/v2.0`;
export const AUDIENCE = "6e74172b-be56-4843-9ff4-e66a39bb12e3";

const PARAMETERS = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
};
export const ALGORITHMS = Object.keys(PARAMETERS);

/** @returns {Promise<{ alg, jwks: object, pem: string, tokens: string[] }>} */
export async function makeTokens(alg, count) {
  const parameters = PARAMETERS[alg];
  const { privateKey, publicKey } = await subtle.generateKey(parameters, true, ["sign", "verify"]);
  const kid = "nOo3ZDrODXEK1jKWhXslHR_KXEg";
  const header = base64url.encode(JSON.stringify({ typ: "JWT", alg, kid }));
  const tokens = [];
  // Signing is in the threads of the host, a batch at a time.
  while (tokens.length < count) {
    const batch = Array.from({ length: Math.min(64, count - tokens.length) }, async (_, place) => {
      const signingInput = `${header}.${base64url.encode(JSON.stringify(claims(tokens.length + place)))}`;
      const signature = await subtle.sign(parameters, privateKey, new TextEncoder().encode(signingInput));
      return `${signingInput}.${base64url.encode(new Uint8Array(signature))}`;
    });
    tokens.push(...(await Promise.all(batch)));
  }
  const jwk = { ...(await exportJWK(publicKey)), kid, use: "sig", alg };
  return { alg, jwks: { keys: [jwk] }, pem: await exportSPKI(publicKey), tokens };
}

function claims(number) {
  const now = Math.floor(Date.now() / 1000);
  const id = number.toString(16).padStart(12, "0");
  return {
    aud: AUDIENCE,
    iss: ISSUER,
    iat: now,
    nbf: now,
    exp: now + 4000,
    azp: "7b3a0b0e-1a52-4c5f-9a4f-4d6a0f7c9b12",
    oid: `0d3f9a2c-7d51-4a0b-8b6f-${id}`,
    scp: "access_as_user",
    sub: `HKZpfaHyWadeOouYlitjrI-KffTm222X${id}`,
    tid: TENANT,
    ver: "2.0",
  };
}
