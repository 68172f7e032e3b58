/**
 * The edge suite, over the packed package, in workerd and in each Node there is; in Deno and Bun if `--runtime` names them.
 *
 *     node tests/edge/run.js [--runtime NAME] [--only TEXT] [--package DIRECTORY]
 */
import process from "node:process";
import { parseArgs } from "node:util";

import { projectWithPackage } from "../consumer/install.js";
import { runWithOpenidProvider } from "./openid-provider.js";
import { startProvider } from "./provider.js";
import { runInColdWorkerd } from "./runtimes/cold-workerd.js";
import { nodes, otherRuntimes, runDifferential, runProgram } from "./runtimes/programs.js";
import { runInWorkerd } from "./runtimes/workerd.js";

const { values: given } = parseArgs({
  options: { runtime: { type: "string", default: "" }, only: { type: "string", default: "" }, package: { type: "string" } },
});

const RUNTIMES = [
  { name: "workerd", run: runInWorkerd },
  { name: "workerd, cold", run: runInColdWorkerd },
  { name: "differential against jose", run: runDifferential },
  { name: "oidc-provider", run: runWithOpenidProvider },
  ...[...nodes().map(({ name, program }) => ({ name, command: [program] })), ...(given.runtime === "" ? [] : otherRuntimes())].map(({ name, command }) => ({
    name,
    run: (suite, report) => runProgram(command, suite, report),
  })),
].filter(({ name }) => name.startsWith(given.runtime));

const total = { passed: 0, failed: 0 };
const provider = await startProvider();
const { directory: project, remove } = await projectWithPackage(given.package);
try {
  for (const runtime of RUNTIMES) {
    const { passed, failed } = await runIn(runtime, { project, provider: provider.url, only: given.only });
    total.passed += passed;
    total.failed += failed;
  }
} finally {
  await remove();
  await provider.stop();
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

async function runIn({ name, run }, suite) {
  const counts = { passed: 0, failed: 0 };
  await run(suite, (result) => {
    if (result.note !== undefined) {
      console.log(result.note);
      return;
    }
    if (result.error === undefined) {
      counts.passed += 1;
      return;
    }
    counts.failed += 1;
    console.log(`✗ ${name}: ${result.name}\n${result.error.replaceAll(/^/gm, "    ")}\n`);
  });
  console.log(`${name}: ${counts.passed} of ${counts.passed + counts.failed} passed`);
  return counts;
}
