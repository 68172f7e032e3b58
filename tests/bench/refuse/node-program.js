/** What runs in the measured Node. */
import { readFile } from "node:fs/promises";
import process from "node:process";

import { createLocalJWKSet, jwtVerify } from "jose";

import { edgeOf } from "../installed.js";
import { takeTurns } from "../turns.js";

/** Engines compile in tiers: before this a candidate is not itself. */
const WARM_UP_MS = 1000;

const { project, material, plan } = JSON.parse(await readFile(process.argv[2], "utf8"));
const { tokens, jwks, issuer, audience } = material;
const { createVerifier } = await edgeOf(project);
const verifier = createVerifier({ issuer, audience, jwks });
const keys = createLocalJWKSet(jwks);
const candidates = {
  countersign: (token) => verifier.verify(token),
  jose: (token) => jwtVerify(token, keys, { issuer, audience }),
};

for (const verify of Object.values(candidates)) {
  for (const before = performance.now(); performance.now() - before < WARM_UP_MS; ) await refuseAll(verify);
}
const samples = await takeTurns(Object.keys(candidates), plan.rounds, async (name) => {
  globalThis.gc();
  // The threads of the host's crypto count as well.
  const before = process.cpuUsage();
  await refuseAll(candidates[name]);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / tokens.length;
});
process.stdout.write(JSON.stringify([...samples]));

async function refuseAll(verify) {
  for (const token of tokens) {
    const isAccepted = await verify(token).then(() => true, () => false);
    if (isAccepted) throw new Error("A token without a signature was accepted.");
  }
}
