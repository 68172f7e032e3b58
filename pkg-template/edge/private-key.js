// Private keys: PEM in its common wrappings, JWK, or a CryptoKey.

import { AuthError } from "../auth-error.js";
import { toBase64url } from "./base64url.js";
import { element, elements, INTEGER, isSame, OBJECT_IDENTIFIER, OCTET_STRING, pemBlocks, SEQUENCE, sequence } from "./der.js";

const RSA = ["PS256", "RS256"];
const P256 = { algorithms: ["ES256"], name: "P-256", oid: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07] };
const P384 = { algorithms: ["ES384"], name: "P-384", oid: [0x2b, 0x81, 0x04, 0x00, 0x22] };
const ED25519 = ["EdDSA"];

const RSA_ENCRYPTION = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/** A key for RSA-PSS only; WebCrypto does not know the name. */
const RSASSA_PSS = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
const EC_PUBLIC_KEY = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const ED25519_OID = [0x2b, 0x65, 0x70];

const VERSION_0 = element(INTEGER, [0]);
const NULL = [0x05, 0x00];
/** `[0]` and `[1]` of an EC key: the curve, and the public key (RFC 5915 section 3). */
const CURVE = 0xa0;
const PUBLIC_KEY = 0xa1;

const invalid = (detail, cause) => new AuthError("credential_invalid", { detail: `privateKey ${detail}` }, cause);

/**
 * @returns {{ algorithms: string[], identity?: string, cryptoKey?: CryptoKey, import?: Function, publicPart?: Uint8Array }} the algorithms that the key can
 *   sign by, the best first, and, where the key tells, the public key as the certificate's bit string has it
 */
export function readPrivateKey(given) {
  if (typeof given === "string") return readPem(given);
  if (given?.algorithm && given.usages) return readCryptoKey(given);
  if (given?.kty) return readJwk(given);
  throw invalid("must be PEM, a CryptoKey or a JWK");
}

function readCryptoKey(cryptoKey) {
  const { algorithm, type, usages } = cryptoKey;
  if (type !== "private" || !usages.includes("sign")) throw invalid("must be a private CryptoKey with the usage sign");
  const { name, hash, namedCurve } = algorithm;
  const known = {
    "RSA-PSS SHA-256": "PS256",
    "RSASSA-PKCS1-v1_5 SHA-256": "RS256",
    "ECDSA P-256": "ES256",
    "ECDSA P-384": "ES384",
    Ed25519: "EdDSA",
  }[[name, hash?.name ?? namedCurve].filter(Boolean).join(" ")];
  if (known === undefined) throw invalid("has an algorithm that is not supported");
  return { algorithms: [known], cryptoKey };
}

function readJwk(jwk) {
  const algorithms = { RSA, "P-256": P256.algorithms, "P-384": P384.algorithms, Ed25519: ED25519 }[jwk.kty === "RSA" ? "RSA" : jwk.crv];
  if (algorithms === undefined || jwk.d === undefined) throw invalid("is not a private JWK of a supported type");
  const { kty, crv, n, e, d, p, q, dp, dq, qi, x, y } = jwk;
  // What else the JWK says of its use is not WebCrypto's to judge.
  return keyOf(algorithms, "jwk", { kty, crv, n, e, d, p, q, dp, dq, qi, x, y });
}

function readPem(text) {
  const blocks = pemBlocks(text);
  const block = blocks.find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (block === undefined) throw invalid("has no PEM block PRIVATE KEY");
  if (block.label.startsWith("ENCRYPTED") || block.headers.includes("ENCRYPTED")) {
    throw invalid("is encrypted; decrypt it first, for example with openssl pkey");
  }
  try {
    if (block.label === "PRIVATE KEY") return readPkcs8(block.bytes);
    if (block.label === "RSA PRIVATE KEY") return readRsa(block.bytes);
    if (block.label === "EC PRIVATE KEY") return readEc(block.bytes);
  } catch (cause) {
    if (cause instanceof AuthError) throw cause;
    throw invalid("is not a key in PKCS#8, PKCS#1 or SEC 1", cause);
  }
  throw invalid(`has the PEM block ${block.label}, which is not supported`);
}

/** RFC 5958. */
function readPkcs8(bytes) {
  const [, { content: algorithm }, { content: key }] = sequence(bytes);
  const [{ content: name }, curve] = elements(algorithm);
  if (isSame(name, RSA_ENCRYPTION)) return readRsa(key);
  if (isSame(name, RSASSA_PSS)) return { ...readRsa(key), algorithms: ["PS256"] };
  if (isSame(name, EC_PUBLIC_KEY)) return readEc(key, curve.content);
  if (isSame(name, ED25519_OID)) return keyOf(ED25519, "pkcs8", bytes);
  throw invalid("has a type that is not supported");
}

/** RFC 8017 appendix A.1.2: version, modulus, public exponent. */
function readRsa(pkcs1) {
  const [, modulus, exponent] = sequence(pkcs1);
  return keyOf(RSA, "pkcs8", wrapped([element(OBJECT_IDENTIFIER, RSA_ENCRYPTION), NULL], pkcs1), element(SEQUENCE, modulus.whole, exponent.whole));
}

/** RFC 5915: version, key, curve, public key. */
function readEc(sec1, outerCurve) {
  const parts = sequence(sec1);
  const part = (tag) => parts.find((part) => part.tag === tag)?.content;
  const named = outerCurve ?? elements(part(CURVE))[0].content;
  const curve = [P256, P384].find(({ oid }) => isSame(named, oid));
  if (curve === undefined) throw invalid("is on a curve that is not supported; take P-256 or P-384");
  const publicKey = part(PUBLIC_KEY);
  const publicPart = publicKey && elements(publicKey)[0].content.subarray(1);
  const identifiers = [element(OBJECT_IDENTIFIER, EC_PUBLIC_KEY), element(OBJECT_IDENTIFIER, curve.oid)];
  return keyOf(curve.algorithms, "pkcs8", wrapped(identifiers, sec1), publicPart);
}

const wrapped = (algorithm, key) => element(SEQUENCE, VERSION_0, element(SEQUENCE, ...algorithm), element(OCTET_STRING, key));

function keyOf(algorithms, format, data, publicPart) {
  return {
    algorithms,
    publicPart,
    import: (parameters) =>
      crypto.subtle.importKey(format, data, parameters, false, ["sign"]).catch((cause) => {
        throw invalid("cannot be imported", cause);
      }),
    // Tells keys apart: by the public part, and by all of it only if there is no such part.
    identity: format === "jwk" ? [data.n, data.x, data.y].join() : toBase64url(publicPart ?? data),
  };
}
