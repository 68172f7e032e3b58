// Signatures by node:crypto, synchronously: there is no thread to wait for.

import { constants, createHmac, createPublicKey, createSecretKey, timingSafeEqual, verify } from "node:crypto";

export const nodeCrypto = {
  sharesPromises: true,
  importKey(algorithm, jwk) {
    const digest = algorithm.hash?.replace("-", "").toLowerCase() ?? null;
    if (algorithm.name === "HMAC") return { digest, secret: createSecretKey(jwk.k, "base64url") };
    if (algorithm.namedCurve === "secp256k1" && "Deno" in globalThis) throw new Error("Of two right signatures Deno refuses one.");
    const key = createPublicKey({ key: jwk, format: "jwk" });
    if (algorithm.name === "RSA-PSS") {
      return { digest, key: { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.saltLength } };
    }
    // JWS has the two numbers of an ECDSA signature side by side (RFC 7518 section 3.4).
    return { digest, key: algorithm.name === "ECDSA" ? { key, dsaEncoding: "ieee-p1363" } : key };
  },
  // The core has compared the lengths.
  verify: (_, { digest, key, secret }, signature, data) =>
    secret === undefined ? verify(digest, data, key, signature) : timingSafeEqual(createHmac(digest, secret).update(data).digest(), signature),
};
