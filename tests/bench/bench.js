/**
 * Times as ratios against peers in the same run. Other machines give other times; the ratios hold.
 *
 *     node tests/bench/bench.js [page] [verify] [refuse] [services] [start] [--gate] [--quick] [--runtime NAME]
 *       [--algorithm NAME] [--package DIRECTORY]
 *
 * `page` measures the client in Chromium, `verify` the verifier at the edge, `refuse` what hostile tokens cost it, `services`
 * the client of a service, `start` cold Workers; without any of them, all are measured. `--gate` makes a budget that is not
 * met a failure; `--quick` measures a third of the rounds; `--runtime` and `--algorithm` choose among the verifications.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { projectWithPackage } from "../consumer/install.js";
import { measurePage } from "./page/page.js";
import { measureRefusal } from "./refuse/refuse.js";
import { judgements, record, table } from "./report.js";
import { measureServices } from "./services/services.js";
import { measureStart } from "./start/start.js";
import { measureVerification } from "./verify/verify.js";

const PARTS = { verify: measureVerification, refuse: measureRefusal, page: measurePage, services: measureServices, start: measureStart };
const RESULTS = fileURLToPath(new URL("../../target/bench.json", import.meta.url));

const { values: given, positionals: chosen } = parseArgs({
  allowPositionals: true,
  options: {
    gate: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    runtime: { type: "string" },
    algorithm: { type: "string" },
    package: { type: "string" },
  },
});
const unknown = chosen.find((name) => !Object.hasOwn(PARTS, name));
if (unknown !== undefined) throw new Error(`There is no part "${unknown}". The parts are ${Object.keys(PARTS).join(", ")}.`);

console.log(`Load of the machine at the start: ${loadavg()[0].toFixed(1)} on ${availableParallelism()} processors\n`);
const { directory: project, remove } = await projectWithPackage(given.package);
const measurements = [];
try {
  for (const part of chosen.length > 0 ? chosen : Object.keys(PARTS)) {
    const { quick: isQuick, runtime, algorithm } = given;
    for await (const measurement of PARTS[part]({ project, isQuick, runtime, algorithm, progress })) {
      measurements.push(measurement);
      console.log(`${table(measurement)}\n`);
    }
  }
} finally {
  await remove();
}

const judged = measurements.flatMap(judgements);
for (const { text } of judged) console.log(text);
await mkdir(new URL(".", `file://${RESULTS}`), { recursive: true });
await writeFile(RESULTS, `${JSON.stringify(measurements.map(record), undefined, 2)}\n`);
console.log("All samples are in target/bench.json.");
process.exitCode = given.gate && judged.some(({ isMet }) => !isMet) ? 1 : 0;

function progress(text) {
  process.stderr.write(`… ${text}\n`);
}
