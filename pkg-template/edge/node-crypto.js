// Signatures by node:crypto, synchronously: there is no thread to wait for.

import { constants, createPublicKey, verify } from "node:crypto";

export const nodeCrypto = {
  sharesPromises: true,
  importKey(algorithm, jwk) {
    const key = createPublicKey({ key: jwk, format: "jwk" });
    const digest = algorithm.hash?.replace("-", "").toLowerCase() ?? null;
    if (algorithm.name === "RSA-PSS") {
      return { digest, key: { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.saltLength } };
    }
    // JWS has the two numbers of an ECDSA signature side by side (RFC 7518 section 3.4).
    return { digest, key: algorithm.name === "ECDSA" ? { key, dsaEncoding: "ieee-p1363" } : key };
  },
  verify: (_, { digest, key }, signature, data) => verify(digest, data, key, signature),
};
