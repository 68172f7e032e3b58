/**
 * The suite of native apps, over the packed package, against the local authority and oidc-provider, with Chromium as the system's browser:
 * in each Node there is, in Deno and Bun where they are on the PATH, and in Rust.
 *
 *     node tests/native-apps/run.js [--runtime NAME] [--only TEXT] [--package DIRECTORY]
 */
import process from "node:process";
import { parseArgs } from "node:util";

import { startAuthority } from "../authority/start.js";
import { bundleProgram } from "../consumer/bundle.js";
import { projectWithPackage } from "../consumer/install.js";
import { nodes, otherRuntimes, runProgram } from "../edge/runtimes/programs.js";
import { startOidcProvider } from "./oidc-provider.js";
import { runRust } from "./rust.js";
import { startSystemBrowser } from "./system-browser.js";

const { values: given } = parseArgs({
  options: { runtime: { type: "string", default: "" }, only: { type: "string", default: "" }, package: { type: "string" } },
});

const RUNTIMES = [...nodes().map(({ name, program }) => ({ name, command: [program] })), ...otherRuntimes(), { name: "Rust" }].filter(({ name }) => name.startsWith(given.runtime));

const total = { passed: 0, failed: 0 };
const { directory: project, remove } = await projectWithPackage(given.package);
const browser = await startSystemBrowser();
try {
  const child = await bundleProgram(new URL("child.js", import.meta.url), project, "child.mjs");
  for (const runtime of RUNTIMES) await runIn(runtime, child);
} finally {
  await browser.close();
  await remove();
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** Each runtime has providers of its own: cases change their clocks and directories. */
async function runIn({ name, command }, child) {
  const authority = await startAuthority({ https: false, automatic: { user: "alice@contoso.onmicrosoft.com" }, deviceCodeInterval: 1 });
  const oidc = await startOidcProvider();
  const { http: origin, control, tenants, registrations } = authority;
  const applications = Object.fromEntries(registrations.map((registration) => [registration.name, registration]));
  const provider = { origin, control, tenants: tenants.map(({ id }) => id), applications, oidc: oidc.issuer, browser: browser.url, opener: browser.directory, child: [...(command ?? []), child] };
  const counts = { passed: 0, failed: 0 };
  const report = ({ name: rule, error }) => {
    counts[error === undefined ? "passed" : "failed"] += 1;
    if (error !== undefined) console.log(`✗ ${name}: ${rule}\n${error.replaceAll(/^/gm, "    ")}\n`);
  };
  const suite = { project, provider: JSON.stringify(provider), only: given.only, program: new URL("program.js", import.meta.url) };
  try {
    if (command) await runProgram(command, suite, report);
    else await runRust({ authority: `${origin}/${provider.tenants[0]}/v2.0`, clientId: applications["Orders desktop"].clientId, browser, only: given.only }, report);
  } finally {
    await Promise.all([authority.close(), oidc.close()]);
  }
  console.log(`${name}: ${counts.passed} of ${counts.passed + counts.failed} passed`);
  total.passed += counts.passed;
  total.failed += counts.failed;
}
