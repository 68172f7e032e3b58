// Signatures by node:crypto. One at a time the synchronous call is the quickest: there is no thread to wait for. Of many at once,
// those of elliptic curves are shared out among the threads; RSA's are checked sooner than they are handed over.

import { constants, createHmac, createPublicKey, createSecretKey, timingSafeEqual, verify } from "node:crypto";
import { availableParallelism } from "node:os";

/** So many signatures are checked in one turn before others are handed to the threads. */
const AT_ONCE = 2;
const HAS_THREADS = availableParallelism() > 1;
let inThisTurn = 0;

export const nodeCrypto = {
  sharesPromises: true,
  importKey(algorithm, jwk) {
    const digest = algorithm.hash?.replace("-", "").toLowerCase() ?? null;
    if (algorithm.name === "HMAC") return { digest, secret: createSecretKey(jwk.k, "base64url") };
    if (algorithm.namedCurve === "secp256k1" && "Deno" in globalThis) throw new Error("Of two right signatures Deno refuses one.");
    const key = createPublicKey({ key: jwk, format: "jwk" });
    if (algorithm.name === "RSA-PSS") {
      return { digest, secret: undefined, key: { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.saltLength } };
    }
    // A member of its own, and none that somebody put into the prototype of all objects: `secret` chooses the algorithm.
    // JWS has the two numbers of an ECDSA signature side by side (RFC 7518 section 3.4).
    return { digest, secret: undefined, key: algorithm.name === "ECDSA" ? { key, dsaEncoding: "ieee-p1363" } : key };
  },
  verify({ name }, { digest, key, secret }, signature, data) {
    // The core has compared the lengths.
    if (secret !== undefined) return timingSafeEqual(createHmac(digest, secret).update(data).digest(), signature);
    if (!HAS_THREADS || name.startsWith("RSA")) return verify(digest, data, key, signature);
    if (inThisTurn === 0) queueMicrotask(() => (inThisTurn = 0));
    inThisTurn += 1;
    if (inThisTurn <= AT_ONCE) return verify(digest, data, key, signature);
    return new Promise((resolve, reject) => {
      verify(digest, data, key, signature, (error, isRight) => (error === null ? resolve(isRight) : reject(error)));
    });
  },
};
