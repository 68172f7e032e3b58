// Signatures by WebCrypto.

export const webCrypto = {
  importKey: (algorithm, jwk) => crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]),
  verify: (algorithm, key, signature, data) => crypto.subtle.verify(algorithm, key, signature, data),
};
