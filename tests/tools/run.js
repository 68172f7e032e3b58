/**
 * The packed package in each tool and each runtime: a fresh project is built for production, its page signs in at the
 * local authority and calls an API, or its API decides about tokens.
 *
 *     node tests/tools/run.js [--all] [--only TEXT] [--record] [--package DIRECTORY]
 *
 * Without `--all` and without COUNTERSIGN_MINUTES, the slow rows are left out. `--record` writes the results into the
 * table of README.md.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { parseArgs, promisify } from "node:util";
import { pathToFileURL } from "node:url";

import { launchChromium } from "../consumer/chromium.js";
import { PACKAGE } from "../consumer/install.js";
import { startWorker } from "../edge/runtimes/workerd.js";
import { startBackend } from "./authority.js";
import { FRAMEWORKS } from "./frameworks.js";
import { freshProject } from "./installed.js";
import { PAGES } from "./pages.js";
import { README } from "./readme.js";
import { serveBy, serveFolder } from "./serve.js";
import { SERVERS } from "./servers.js";
import { open, signInAndCall } from "./sign-in.js";
import { checkTable, recordTable } from "./table.js";
import { decides, refuses, startIssuer } from "./tokens.js";

const run = promisify(execFile);
const { values: given } = parseArgs({
  options: {
    all: { type: "boolean", default: process.env.COUNTERSIGN_MINUTES !== undefined },
    only: { type: "string", default: "" },
    record: { type: "boolean", default: false },
    package: { type: "string", default: PACKAGE },
  },
});

const ROWS = [...PAGES, README, ...FRAMEWORKS, ...SERVERS];
const nameOf = ({ tool, use }) => `${tool}, ${use}`;
const rows = ROWS.filter((row) => nameOf(row).includes(given.only) && (given.all || given.only !== "" || !row.isSlow));
const isWhole = rows.length === ROWS.length;
const results = new Map();

const scratch = await mkdtemp(path.join(tmpdir(), "countersign-"));
const backend = await startBackend(path.resolve(given.package));
const issuer = await startIssuer();
const browser = await launchChromium();
try {
  await run("npm", ["pack", path.resolve(given.package), "--pack-destination", scratch, "--ignore-scripts"], { cwd: scratch });
  const [archive] = await readdir(scratch);
  for (const row of rows) await report(nameOf(row), () => runRow(row, path.join(scratch, archive)), row);
} finally {
  await browser.close();
  await issuer.stop();
  await backend.stop();
  await rm(scratch, { recursive: true, force: true });
}
if (given.record && isWhole) await recordTable(ROWS, results);
await report("the table in README.md lists these rows and versions", () => checkTable(ROWS, isWhole ? results : undefined));

const failed = [...results.values()].filter((passed) => !passed).length;
console.log(`${results.size - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function report(name, work, key = name) {
  const begin = performance.now();
  const error = await work().then(() => undefined, (error) => error);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  results.set(key, error === undefined);
  console.log(error === undefined ? `✓ ${name} (${seconds} s)` : `✗ ${name} (${seconds} s)\n${indented(error)}`);
}

async function runRow(row, archive) {
  const isPage = SERVERS.every((server) => server !== row);
  const settings = { ...backend.page, apis: row.apis ?? backend.page.apis };
  const folder = await freshProject(row.packages, archive, row.files(settings, backend.verifier));
  const own = path.join(folder, "node_modules", ".bin");
  // The Node of this run for tools that bring none: some need a newer one than the machine has.
  const PATH = [own, path.dirname(process.execPath), process.env.PATH].join(path.delimiter);
  const env = { ...process.env, PATH, CI: "1", NO_COLOR: "1", FORCE_COLOR: "0", NEXT_TELEMETRY_DISABLED: "1" };
  for (const [program, ...words] of row.build ?? []) await run(program, words, { cwd: folder, env });
  if (row.without) await rm(path.join(folder, row.without), { recursive: true });
  const site = await serve(row, folder, env);
  try {
    if (isPage) await open(browser, site.url, (page) => (row.visit ?? signInAndCall)(page, settings));
    else await decides(site.url, issuer);
    for (const api of isPage ? settings.apis : []) await refuses(new URL(api, site.url));
  } catch (error) {
    throw new Error(`${error.message}\n${site.output?.() ?? ""}`);
  } finally {
    await site.stop();
  }
}

function serve(row, folder, env) {
  const options = JSON.stringify(issuer.options);
  if (row.output) return serveFolder(path.join(folder, row.output));
  if (row.serve) return serveBy((port) => row.serve(String(port), options), { cwd: folder, env });
  const { entry, compatibilityDate } = row.worker;
  return startWorker(pathToFileURL(path.join(folder, entry)), folder, { OPTIONS: options }, compatibilityDate);
}

function indented(error) {
  return [error.message, error.stdout, error.stderr].filter(Boolean).join("\n").replaceAll(/^/gm, "    ");
}
