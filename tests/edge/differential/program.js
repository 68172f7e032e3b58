// The same tokens for jose and for Countersign: whatever Countersign accepts jose accepts too, and what it refuses alone falls under a
// rule that jose leaves to its callers. Prints a line of JSON for each statement, with counts.

import { generateKeyPairSync, sign } from "node:crypto";
import process from "node:process";

import { createVerifier } from "countersign/edge";
import { createLocalJWKSet, jwtVerify } from "jose";

import { CHANGES } from "./changes.js";
import { Random } from "./random.js";

// A long run is given minutes.
const TOKENS = process.env.COUNTERSIGN_MINUTES === undefined ? 50_000 : 1_000_000;
const SEED = 20_261_121;
const [ISSUER, AUDIENCE, TOLERANCE] = ["https://login.example", "https://api.example", 60];
const ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"];
/** Where pure Rust decides too: it is slow. */
const IN_RUST = 25;

const random = new Random(SEED);
const keys = [newKey("RS256", "rsa"), newKey("ES256", "ec"), newKey("EdDSA", "okp")];
const forgers = keys.map(({ alg, kid }) => newKey(alg, kid));
// A key that fits the RSA ones but for its use.
const jwks = { keys: [...keys.map(({ jwk }) => jwk), { ...newKey("RS256", "enc").jwk, use: "enc" }] };

const options = { issuer: ISSUER, audience: AUDIENCE, algorithms: ALGORITHMS, clockTolerance: TOLERANCE };
const keyOf = createLocalJWKSet(jwks);
const byJose = (token) => jwtVerify(token, keyOf, options).then(() => undefined, ({ code, message }) => code ?? message);
const verifier = createVerifier({ ...options, jwks });
const byUs = (token) => verifier.verify(token).then(() => undefined, ({ code }) => code);
const byUsInRust = async (token) => verifier.verifySync(token);

const counts = { accepted: 0, refused: 0, alone: new Map() };
const faults = { accepted: [], refused: [], rust: [] };
for (let number = 0; number < TOKENS; number += 1) {
  const { token, changes } = draw();
  const [theirs, ours] = await Promise.all([byJose(token), byUs(token)]);
  if (number % IN_RUST === 0) {
    const inRust = await byUsInRust(token).then(() => undefined, ({ code }) => code);
    if (inRust !== ours) faults.rust.push({ token, ours, inRust });
  }
  if (ours === undefined) {
    counts.accepted += 1;
    if (theirs !== undefined) faults.accepted.push({ token, theirs });
  } else {
    counts.refused += 1;
    if (theirs !== undefined) continue;
    const by = changes.find(({ codes }) => codes?.includes(ours));
    if (by === undefined) faults.refused.push({ token, ours });
    else counts.alone.set(by.rule, (counts.alone.get(by.rule) ?? 0) + 1);
  }
}

const rules = new Set(CHANGES.flatMap(({ rule }) => rule ?? []));
const listed = [...rules].map((rule) => `    ${String(counts.alone.get(rule) ?? 0).padStart(5)}  ${rule}`);
say(`${TOKENS} tokens, seed ${SEED}: ${counts.accepted} accepted by both, ${counts.refused} refused; of those jose accepts:\n${listed.join("\n")}`);
state("no token is accepted that jose refuses", faults.accepted);
state("no token is refused that jose accepts, but by a rule of the list", faults.refused);
state("pure Rust decides as the host's crypto does", faults.rust);
state("each rule of the list is met", [...rules].filter((rule) => !counts.alone.has(rule)));
state("good tokens are a good part", counts.accepted > TOKENS / 10 ? [] : [counts.accepted]);

/** A token with none to three changes. */
function draw() {
  const now = Math.floor(Date.now() / 1000);
  // RSA signs slowly.
  const place = random.of([0, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
  const { alg, kid } = keys[place];
  const draft = {
    now,
    by: keys[place],
    forged: forgers[place],
    header: { alg: alg === "EdDSA" ? random.of(["EdDSA", "Ed25519"]) : alg, kid },
    claims: { iss: ISSUER, aud: AUDIENCE, sub: "alice", iat: now, exp: now + 600 },
    beforeSigning: [],
    afterSigning: [],
  };
  const changes = Array.from({ length: random.of([0, 1, 1, 1, 2, 2, 3]) }, () => random.of(CHANGES));
  for (const { change, isRare } of changes) if (!isRare || random.below(10) === 0) change(draft, random);
  return { token: written(draft), changes };
}

function written({ by, header, claims, headerText, claimsText, claimsBytes, beforeSigning, afterSigning }) {
  const bytes = [Buffer.from(headerText ?? JSON.stringify(header)), claimsBytes ?? Buffer.from(claimsText ?? JSON.stringify(claims))];
  const encoded = bytes.map((part) => part.toString("base64url"));
  const signed = beforeSigning.reduce((parts, change) => change(parts), encoded);
  const signature = by.sign(Buffer.from(signed.join("."))).toString("base64url");
  return afterSigning.reduce((parts, change) => change(parts), [...signed, signature]).join(".");
}

function newKey(alg, kid) {
  const [type, made, digest] = {
    RS256: ["rsa", { modulusLength: 2048 }, "sha256"],
    ES256: ["ec", { namedCurve: "P-256" }, "sha256"],
    EdDSA: ["ed25519", {}, null],
  }[alg];
  const { privateKey, publicKey } = generateKeyPairSync(type, made);
  // Whether EdDSA in a key stands for Ed25519 in a token is no matter here.
  const jwk = { ...publicKey.export({ format: "jwk" }), kid, alg: alg === "EdDSA" ? undefined : alg };
  return { alg, kid, jwk, sign: (data) => sign(digest, data, { key: privateKey, dsaEncoding: "ieee-p1363" }) };
}

function state(name, found) {
  const error = found.length === 0 ? undefined : `${found.length}, of which the first: ${JSON.stringify(found.slice(0, 3), null, 1)}`;
  console.log(JSON.stringify({ name: `differential: ${name}`, error }));
}

function say(text) {
  console.log(JSON.stringify({ note: text }));
}
