/**
 * The packed package in each tool and each runtime: a fresh project is built for production, its page signs in at the
 * local authority and calls an API, its API verifies tokens.
 *
 *     node tests/tools/run.js [--all] [--only TEXT] [--record] [--package DIRECTORY]
 *
 * Without `--all` and without COUNTERSIGN_MINUTES, the slow rows are left out.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { parseArgs, promisify } from "node:util";

import { launchChromium } from "../consumer/chromium.js";
import { PACKAGE } from "../consumer/install.js";
import { startBackend } from "./authority.js";
import { FRAMEWORKS } from "./frameworks.js";
import { freshProject } from "./installed.js";
import { PAGES } from "./pages.js";
import { serveBy, serveFolder } from "./serve.js";

const run = promisify(execFile);
const { values: given } = parseArgs({
  options: {
    all: { type: "boolean", default: process.env.COUNTERSIGN_MINUTES !== undefined },
    only: { type: "string", default: "" },
    record: { type: "boolean", default: false },
    package: { type: "string", default: PACKAGE },
  },
});

const nameOf = ({ tool, use }) => `${tool}, ${use}`;
const rows = [...PAGES, ...FRAMEWORKS].filter((row) => nameOf(row).includes(given.only) && (given.all || given.only !== "" || !row.isSlow));
const scratch = await mkdtemp(path.join(tmpdir(), "countersign-"));
const backend = await startBackend(path.resolve(given.package));
const browser = await launchChromium();
const total = { passed: 0, failed: 0 };
try {
  await run("npm", ["pack", path.resolve(given.package), "--pack-destination", scratch, "--ignore-scripts"], { cwd: scratch });
  const [archive] = await readdir(scratch);
  for (const row of rows) {
    const begin = performance.now();
    const error = await runPage(row, path.join(scratch, archive)).then(() => undefined, (error) => error);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    total[error === undefined ? "passed" : "failed"] += 1;
    console.log(error === undefined ? `✓ ${nameOf(row)} (${seconds} s)` : `✗ ${nameOf(row)} (${seconds} s)\n${indented(error)}`);
  }
} finally {
  await browser.close();
  await backend.stop();
  await rm(scratch, { recursive: true, force: true });
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

async function runPage(row, archive) {
  const settings = { ...backend.page, apis: row.apis ?? backend.page.apis };
  const folder = await freshProject(row.packages, archive, row.files(settings, backend.verifier));
  const bin = (name) => path.join(folder, "node_modules", ".bin", name);
  // The Node of this run, for tools that need a newer one than the machine has.
  const env = { ...process.env, PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}`, CI: "1", NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1", FORCE_COLOR: "0" };
  if (row.build) {
    const [program, ...words] = row.build;
    await run(bin(program), words, { cwd: folder, env });
  }
  const site = row.serve
    ? await serveBy((port) => [bin(row.serve(port)[0]), ...row.serve(port).slice(1)], { cwd: folder, env })
    : await serveFolder(path.join(folder, row.output));
  try {
    await signInAndCall(site.url, settings.apis.length);
    for (const api of settings.apis) await refuses(new URL(api, site.url));
  } finally {
    await site.stop();
  }
}

async function signInAndCall(url, calls) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  try {
    await page.goto(url);
    await page.waitForFunction(() => /^(called|failed) /.test(document.title), undefined, { timeout: 30_000 });
    const expected = `called ${JSON.stringify(Array(calls).fill(`200 ${JSON.stringify({ user: backend.user })}`))}`;
    const title = await page.title();
    if (title !== expected) throw new Error(`The page says: ${title}`);
  } catch (error) {
    throw new Error([error.message, `It is at ${page.url()}`, ...complaints].join("\n"));
  } finally {
    await context.close();
  }
}

/** An API that lets everybody pass would pass as well. */
async function refuses(api) {
  for (const headers of [{}, { authorization: "Bearer x" }]) {
    const { status, headers: sent } = await fetch(api, { headers });
    if (status !== 401 || !sent.get("www-authenticate")?.startsWith("Bearer")) throw new Error(`${api} responds with ${status} to a request without a good token.`);
  }
}

function indented(error) {
  return [error.message, error.stdout, error.stderr].filter(Boolean).join("\n").replaceAll(/^/gm, "    ");
}
