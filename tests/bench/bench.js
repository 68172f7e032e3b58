/**
 * Times of verification, of tokens not seen before, as ratios against peers in the same run. Other
 * machines give other times; the ratios hold.
 *
 *     node tests/bench/bench.js [--gate] [--quick] [--runtime NAME] [--algorithm NAME] [--package DIRECTORY]
 *
 * `--gate` makes a budget that is not met a failure; `--quick` measures a third of the rounds.
 */
import { mkdir, writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { projectWithPackage } from "../consumer/install.js";
import { measureInNode, nameOfNode } from "./in-node.js";
import { measureInWorkerd } from "./in-workerd.js";
import { judgements, record, table } from "./report.js";
import { tokensFor } from "./rounds.js";
import { ALGORITHMS, AUDIENCE, ISSUER, makeTokens } from "./tokens.js";

const RESULTS = fileURLToPath(new URL("../../target/bench.json", import.meta.url));

const { values: given } = parseArgs({
  options: {
    gate: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    runtime: { type: "string", default: "" },
    algorithm: { type: "string", default: "" },
    package: { type: "string" },
  },
});
// Samples long enough that each holds its share of garbage collection, which in short ones falls on a few and then out
// of the median; and many of them, because a busy machine disturbs some.
const plan = { rounds: given.quick ? 15 : 45, batch: 500, slowBatch: 10 };

const RUNTIMES = [
  { name: "workerd", measure: measureInWorkerd },
  { name: nameOfNode(), measure: measureInNode },
].filter(({ name }) => name.startsWith(given.runtime));

const { directory: project, remove } = await projectWithPackage(given.package);
const measurements = [];
try {
  for (const alg of ALGORITHMS.filter((name) => name.startsWith(given.algorithm))) {
    progress(`signing ${tokensFor(plan)} ${alg} tokens`);
    const material = { issuer: ISSUER, audience: AUDIENCE, ...(await makeTokens(alg, tokensFor(plan))) };
    for (const { name: runtime, measure } of RUNTIMES) {
      progress(`measuring ${alg} in ${runtime}`);
      const samples = await measure({ project, material, plan });
      measurements.push({ runtime, alg, samples });
      console.log(`${table({ runtime, alg, samples })}\n`);
    }
  }
} finally {
  await remove();
}

const judged = judgements(measurements);
for (const { text } of judged) console.log(text);
await mkdir(new URL(".", `file://${RESULTS}`), { recursive: true });
await writeFile(RESULTS, `${JSON.stringify(record(measurements), undefined, 2)}\n`);
console.log("All samples are in target/bench.json.");
process.exitCode = given.gate && judged.some(({ isMet }) => !isMet) ? 1 : 0;

function progress(text) {
  process.stderr.write(`… ${text}\n`);
}
