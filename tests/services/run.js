/**
 * The suite of services, over the packed package and against the local authority, in workerd, in each Node there is, in Deno and in Bun.
 *
 *     node tests/services/run.js [--runtime NAME] [--only TEXT] [--package DIRECTORY]
 */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";

import { startAuthority } from "../authority/start.js";
import { projectWithPackage } from "../consumer/install.js";
import { nodes, otherRuntimes, runProgram } from "../edge/runtimes/programs.js";
import { runInWorkerd } from "../edge/runtimes/workerd.js";
import { compareWithMsal } from "./msal-node.js";
import { runWithMutualTls } from "./mutual-tls.js";
import { startOpenidProvider } from "./openid-provider.js";
import { runWithRedis } from "./redis.js";
import { runStoresInWorkerd } from "./workerd-stores.js";

const { values: given } = parseArgs({
  options: { runtime: { type: "string", default: "" }, only: { type: "string", default: "" }, package: { type: "string" } },
});

const RUNTIMES = [
  { name: "workerd", run: runInWorkerd },
  { name: "workerd, stores", run: runStoresInWorkerd },
  { name: "msal-node", run: compareWithMsal },
  { name: "Redis", run: runWithRedis },
  { name: "mutual TLS", run: runWithMutualTls },
  ...[...nodes().map(({ name, program }) => ({ name, command: [program] })), ...otherRuntimes()].map(({ name, command }) => ({
    name,
    run: (suite, report) => runProgram(command, suite, report),
  })),
].filter(({ name }) => name.startsWith(given.runtime));

const total = { passed: 0, failed: 0 };
const openid = await startOpenidProvider();
const { directory: project, remove } = await projectWithPackage(given.package);
try {
  for (const runtime of RUNTIMES) await runIn(runtime);
} finally {
  await remove();
  await openid.stop();
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** Each runtime has an authority of its own: cases change its clock and its directory. */
async function runIn({ name, run }) {
  const authority = await startAuthority({ https: false, automatic: { user: "alice@contoso.onmicrosoft.com" } });
  const counts = { passed: 0, failed: 0 };
  const suite = {
    project,
    provider: await describe(authority, openid),
    only: given.only,
    worker: new URL("worker.js", import.meta.url),
    program: new URL("program.js", import.meta.url),
  };
  try {
    await run(suite, ({ name: rule, error }) => {
      counts[error === undefined ? "passed" : "failed"] += 1;
      if (error !== undefined) console.log(`✗ ${name}: ${rule}\n${error.replaceAll(/^/gm, "    ")}\n`);
    });
  } finally {
    await authority.close();
  }
  console.log(`${name}: ${counts.passed} of ${counts.passed + counts.failed} passed`);
  total.passed += counts.passed;
  total.failed += counts.failed;
}

/** What the cases are told of the authority. A Worker has no files: it gets their contents. */
async function describe({ http, control, tenants, registrations, managedIdentity }, { stop, ...openid }) {
  const applications = {};
  for (const { name, clientId, secret, appIdUri, certificate, privateKey, redirectUris } of registrations) {
    const files = certificate && {
      certificate: await readFile(certificate, "utf8"),
      privateKey: await readFile(privateKey, "utf8"),
    };
    applications[name] = { clientId, secret, appIdUri, redirectUris, ...files };
  }
  return JSON.stringify({ origin: http, control, tenants: tenants.map(({ id }) => id), applications, managedIdentity, openid });
}
