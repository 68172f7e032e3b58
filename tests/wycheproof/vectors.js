/** The vectors of Project Wycheproof, each with what is expected of it. */
import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";

const RSA = (sizes, hash) => sizes.map((size) => `rsa_signature_${size}_sha${hash}`);
const PSS = (sizes, hash) => sizes.map((size) => `rsa_pss_${size}_sha${hash}_mgf1_${hash / 8}`);

/** The files of each algorithm, its curve, and the length of its signatures if it has one. */
const PRIMITIVES = {
  RS256: { files: RSA([2048, 3072, 4096, 8192], 256) },
  RS384: { files: RSA([2048, 3072, 4096], 384) },
  RS512: { files: RSA([2048, 3072, 4096], 512) },
  PS256: { files: PSS([2048, 3072, 4096], 256) },
  PS384: { files: PSS([2048, 4096], 384) },
  PS512: { files: PSS([4096], 512) },
  ES256: { files: ["ecdsa_secp256r1_sha256_p1363"], crv: "P-256", length: 64 },
  ES384: { files: ["ecdsa_secp384r1_sha384_p1363"], crv: "P-384", length: 96 },
  ES512: { files: ["ecdsa_secp521r1_sha512_p1363"], crv: "P-521", length: 132 },
  ES256K: { files: ["ecdsa_secp256k1_sha256_p1363"], crv: "secp256k1", length: 64 },
  EdDSA: { files: ["ed25519"], crv: "Ed25519", length: 64 },
  HS256: { files: ["hmac_sha256"], length: 32 },
  HS384: { files: ["hmac_sha384"], length: 48 },
  HS512: { files: ["hmac_sha512"], length: 64 },
};

async function groupsOf(file) {
  const { testGroups } = JSON.parse(await readFile(new URL(`vectors/${file}_test.json`, import.meta.url), "utf8"));
  return testGroups;
}

const base64url = (hexadecimal) => Buffer.from(hexadecimal, "hex").toString("base64url");
const withoutZeros = (hexadecimal) => base64url(hexadecimal.replace(/^(00)+/, ""));

/** @returns {Promise<{ alg: string, vectors: object[] }[]>} what signs raw bytes */
export async function primitives() {
  return Promise.all(
    Object.entries(PRIMITIVES).map(async ([alg, row]) => {
      const groups = (await Promise.all(row.files.map(groupsOf))).flat();
      return { alg, vectors: groups.flatMap((group) => group.tests.map((test) => primitive(alg, row, group, test))) };
    }),
  );
}

function primitive(alg, { crv, length }, group, { tcId, comment, result, msg, sig, tag, key }) {
  const isSecret = alg.startsWith("HS");
  const { publicKey } = group;
  // RFC 7518 section 3.2.
  const isOfJws = !isSecret || (group.tagSize === 8 * length && group.keySize >= 8 * length);
  return {
    name: `${alg}, ${tcId}: ${comment}`,
    alg,
    count: countOf(result, isOfJws),
    message: Buffer.from(msg, "hex").toString("base64"),
    signature: Buffer.from(sig ?? tag, "hex").toString("base64"),
    // What the core refuses before a backend sees it.
    isRefusedBefore: (length !== undefined && (sig ?? tag).length !== 2 * length) || (isSecret && key.length < 2 * length),
    jwk: isSecret ? { kty: "oct", k: base64url(key) } : jwkOf(crv, publicKey),
  };
}

function jwkOf(crv, publicKey) {
  if (crv === undefined) return { kty: "RSA", n: withoutZeros(publicKey.modulus), e: withoutZeros(publicKey.publicExponent) };
  if (crv === "Ed25519") return { kty: "OKP", crv, x: base64url(publicKey.pk) };
  const { uncompressed } = publicKey;
  const half = (uncompressed.length - 2) / 2;
  return { kty: "EC", crv, x: base64url(uncompressed.slice(2, 2 + half)), y: base64url(uncompressed.slice(2 + half)) };
}

/** The column of the table. */
function countOf(result, isOfJws) {
  if (result === "valid") return isOfJws ? "accepted" : "notOfJws";
  return result;
}

/** Messages that the vectors call valid, and a rule of JWS refuses. */
const AGAINST_A_RULE = {
  346: "RFC 7517 4.4: the key is for PS256, and the message by PS384",
  347: "RFC 7517 4.4: the key is for ES521, which there is not",
  350: "RFC 7517 4.4: the key is for PS256, and the message by PS384",
  351: "RFC 7517 4.4: the key is for ES521, which there is not",
  372: "RFC 7515 2: there is a question mark in the header",
  373: "RFC 7515 2: there is a question mark in the payload",
};

/** Messages that the vectors call invalid, and that are letter for letter the valid one of this number. */
const SAME_AS = { 367: 357, 370: 357 };

function messageCount(alg, { tcId, result, jws }, tests) {
  if (alg !== "JSON Web Signature") return countOf(result, true);
  if (tcId in SAME_AS && tests.some((other) => other.tcId === SAME_AS[tcId] && other.result === "valid" && other.jws === jws)) return "accepted";
  return countOf(result, !(tcId in AGAINST_A_RULE));
}

/** @returns {Promise<{ alg: string, vectors: object[] }[]>} messages, with the options of `verifyJws` */
export async function messages() {
  return Promise.all(
    Object.entries({ "JSON Web Signature": "json_web_signature", "JSON Web Key": "json_web_key" }).map(async ([alg, file]) => ({
      alg,
      vectors: (await groupsOf(file)).flatMap((group) =>
        group.tests.map((test) => ({
          name: `${alg}, ${test.tcId}: ${test.comment}`,
          count: messageCount(alg, test, group.tests),
          jws: test.jws,
          ...keysOf(group, test.jws),
        })),
      ),
    })),
  );
}

/** A secret is given by itself: in a set it is never used. */
function keysOf(group, jws) {
  const given = group.public ?? group.private;
  const keys = given.keys ?? [given];
  if (keys.some(({ kty }) => kty !== "oct")) return { jwks: { keys } };
  const named = keys.filter(({ kid }) => keys.length === 1 || kid === kidOf(jws));
  if (named.length !== 1) return { jwks: { keys } };
  const [{ alg, k }] = named;
  return { secret: { algorithm: alg, key: k } };
}

function kidOf(jws) {
  try {
    return JSON.parse(Buffer.from(jws.split(".")[0], "base64url")).kid;
  } catch {
    return undefined;
  }
}
