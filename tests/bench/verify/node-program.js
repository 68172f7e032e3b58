/** What runs in the measured Node. */
import { createPublicKey, verify as verifySignature } from "node:crypto";
import { readFile } from "node:fs/promises";
import process from "node:process";

import { createVerifier as createFastJwtVerifier } from "fast-jwt";

import { edgeOf } from "../installed.js";
import { candidates, inWay, takenApart, verifyAll } from "./candidates.js";
import { rounds } from "./rounds.js";

const { project, material, plan } = JSON.parse(await readFile(process.argv[2], "utf8"));
const { createVerifier } = await edgeOf(project);

const { way } = material;
const all = { ...candidates(createVerifier, material), "fast-jwt": fastJwt(material) };
if (way !== "seen before") all["raw node:crypto"] = rawNodeCrypto(material);
const names = Object.entries(all).map(([name, { isSlow = false }]) => ({ name, isSlow }));
let measured = 0;
const samples = await rounds(names, material.tokens, plan, async (name, tokens) => {
  const { before: seen, batch } = inWay(way, tokens);
  await verifyAll(all[name], seen.map(all[name].prepare), way);
  const prepared = batch.map(all[name].prepare);
  // Once in a round: what one candidate leaves behind is not collected while another is measured.
  if ((measured += 1) % names.length === 0) globalThis.gc();
  const before = process.hrtime.bigint();
  await verifyAll(all[name], prepared, way);
  return Number(process.hrtime.bigint() - before) / 1000 / batch.length;
});
process.stdout.write(JSON.stringify([...samples]));

function fastJwt({ alg, pem, issuer, audience, way }) {
  const verify = createFastJwtVerifier({ key: pem, algorithms: [alg], cache: way === "seen before", allowedIss: issuer, allowedAud: audience });
  return { prepare: (token) => token, verify };
}

function rawNodeCrypto({ alg, pem }) {
  const publicKey = createPublicKey(pem);
  const digest = alg === "EdDSA" ? null : "sha256";
  const key = alg === "ES256" ? { key: publicKey, dsaEncoding: "ieee-p1363" } : publicKey;
  return { prepare: takenApart, verify: ({ data, signature }) => verifySignature(digest, data, key, signature) };
}
