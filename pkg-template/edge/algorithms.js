// Parameters of the host's crypto, in the order of `Algorithm` in src/core/algorithm.rs.

export const ALGORITHMS = [
  { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 },
  { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  { name: "Ed25519" },
];
