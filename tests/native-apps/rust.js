/** `examples/native.rs` against the local authority, with Chromium as the system's browser. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const ORDERS = "api://orders.contoso.example/Orders.Read";

const CASES = {
  "RFC 8252 4.1: a program in Rust signs its user in in the system's browser, and keeps them signed in": async ({ start, cache, browser }) => {
    const first = await start();
    assert.match(first.at(-1), new RegExp(`^\\S+ has ${ORDERS}$`));
    assert.equal((await lastVisit(browser)).url.replace(/:\d+/, ""), "http://localhost/");
    assert.equal(((await stat(cache)).mode & 0o777).toString(8), "600");
    // Without a browser.
    assert.deepEqual(await Promise.all([start(), start(), start()]), Array.from({ length: 3 }, () => [first.at(-1)]));
    assert.deepEqual(await start("sign-out"), ["signed out"]);
  },
  "RFC 8628 3: a program in Rust shows a code, and the user enters it in a browser elsewhere": async ({ start, cache, browser }) => {
    const lines = await start("device", async (line) => {
      const [, userCode, url] = line.match(/^Enter (\S+) at (\S+)$/) ?? [];
      if (userCode) await fetch(browser, { method: "POST", body: JSON.stringify({ url, userCode }) });
    });
    assert.match(lines.at(-1), new RegExp(`^\\S+ has ${ORDERS}$`));
    assert.ok((await readdir(path.dirname(cache))).includes("tokens"));
  },
};

/** @param {(result: { name: string, error?: string }) => void} report */
export async function runRust({ authority, clientId, browser, only }, report) {
  const chosen = Object.entries(CASES).filter(([name]) => name.includes(only));
  if (chosen.length === 0) return;
  await promisify(execFile)("cargo", ["build", "--quiet", "--package", "examples", "--bin", "native"], { cwd: ROOT });
  for (const [name, run] of chosen) {
    const folder = await mkdtemp(path.join(tmpdir(), "countersign-rust-"));
    const cache = path.join(folder, "app", "tokens");
    const env = {
      ...process.env,
      PATH: `${browser.directory}${path.delimiter}${process.env.PATH}`,
      AUTHORITY: authority,
      CLIENT_ID: clientId,
      SCOPE: `openid profile offline_access ${ORDERS}`,
      CACHE: cache,
    };
    try {
      await run({ start: (word, onLine) => start(env, word, onLine), cache, browser: browser.url });
      report({ name });
    } catch (error) {
      report({ name, error: String(error?.stack ?? error) });
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}

/** What the browser shows in the end. */
async function lastVisit(browser) {
  for (;;) {
    const visit = (await (await fetch(browser)).json()).at(-1);
    if (visit.error) throw new Error(visit.error);
    if (visit.url !== undefined) return visit;
    await setTimeout(20);
  }
}

/** Runs the program. @returns {Promise<string[]>} the lines that it prints */
async function start(env, word, onLine = () => {}) {
  const child = spawn(path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, "target"), "debug/native"), [word].filter(Boolean), {
    env,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 60_000,
  });
  const ended = new Promise((resolve, reject) => child.once("error", reject).once("close", (code, signal) => resolve(signal ?? code)));
  const lines = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    await onLine(line);
  }
  assert.equal(await ended, 0, lines.join("\n"));
  return lines;
}
