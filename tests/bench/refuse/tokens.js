/** Tokens that are laborious to refuse. Nobody needs a key to make them: their signatures are wrong. */
import { webcrypto } from "node:crypto";

import { base64url, exportJWK } from "jose";

import { AUDIENCE, ISSUER } from "../verify/tokens.js";

const ALG = "RS256";
const KID = "nOo3ZDrODXEK1jKWhXslHR_KXEg";
/** The most that fits into a token of 57 KB, once it is encoded. */
const LENGTH = 42_000;
/** Fewer than the members that an object may have. */
const MEMBERS = 500;

/** Header and payload by what is laborious about them; `variant` makes each token another one. */
const KINDS = {
  "500 similar names in the payload": (variant) => [header({}), claims({ ...similarMembers(), variant })],
  "500 similar names in the header": (variant) => [header({ ...similarMembers(), variant }), claims({})],
  "57 KB header": (variant) => [header({ long: "h".repeat(LENGTH), variant }), claims({})],
  "deep nesting": (variant) => [header({}), claims({ variant }).replace("}", `,"deep":${"[".repeat(LENGTH / 2)}${"]".repeat(LENGTH / 2)}}`)],
  "long kid": (variant) => [header({ kid: `${"k".repeat(LENGTH)}${variant}` }), claims({})],
  "100 audiences": (variant) => [header({}), claims({ aud: Array.from({ length: 100 }, () => webcrypto.randomUUID()), variant })],
  "thousands of audiences": (variant) => [header({}), claims({ aud: [variant, ...many((number) => number.toString(36))].map(String) })],
  "thousands of scopes": (variant) => [header({}), claims({ scp: `${variant} ${"s ".repeat(LENGTH / 2)}` })],
  "thousands of roles": (variant) => [header({}), claims({ variant, roles: many((number) => number.toString(36)) })],
  "thousands of roles as objects": (variant) => [header({}), claims({ variant, roles: many((number) => ({ value: number.toString(36) })) })],
  "huge numbers": (variant) => [header({}), claims({ variant }).replace(/"(exp|nbf|iat)":\d+/g, `"$1":${"9".repeat(LENGTH / 3)}`)],
};

/** @returns {Promise<{ alg: string, jwks: object, issuer: string, audience: string, kinds: [string, string[]][] }>} */
export async function makeHostileTokens(variants) {
  const parameters = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const { publicKey } = await webcrypto.subtle.generateKey(parameters, true, ["sign", "verify"]);
  const jwk = { ...(await exportJWK(publicKey)), kid: KID, use: "sig", alg: ALG };
  const signature = base64url.encode(new Uint8Array(256).fill(1));
  const kinds = Object.entries(KINDS).map(([kind, make]) => {
    const tokens = Array.from({ length: variants }, (_, variant) => [...make(variant).map((part) => base64url.encode(part)), signature].join("."));
    return [kind, tokens];
  });
  return { alg: ALG, jwks: { keys: [jwk] }, issuer: ISSUER, audience: AUDIENCE, kinds };
}

/** As many elements as fit. */
function many(element) {
  const elements = [];
  for (let length = 0; length < LENGTH; ) length += JSON.stringify(elements[elements.push(element(elements.length)) - 1]).length + 1;
  return elements;
}

const header = (members) => JSON.stringify({ typ: "JWT", alg: ALG, kid: KID, ...members });

function claims(members) {
  const now = Math.floor(Date.now() / 1000);
  return JSON.stringify({ aud: AUDIENCE, iss: ISSUER, iat: now, nbf: now, exp: now + 4000, scp: "access_as_user", sub: "s", ...members });
}

/** Their names have one length, and differ only shortly before the end. */
function similarMembers() {
  const name = (number) => `${"n".repeat(72)}${String(number).padStart(3, "0")}n`;
  return Object.fromEntries(Array.from({ length: MEMBERS }, (_, number) => [name(number), 0]));
}
