/**
 * The vectors of Project Wycheproof by the crypto of Node, Deno, Bun and workerd, and messages by each backend of the packed package.
 * None that is invalid is accepted, and none that is valid and of a supported algorithm refused; the counts are those in SECURITY.md.
 *
 *     node tests/wycheproof/run.js [--package DIRECTORY]
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

import { bundleProgram } from "../consumer/bundle.js";
import { projectWithPackage } from "../consumer/install.js";
import { nodes, otherRuntimes } from "../edge/runtimes/programs.js";
import { startWorker } from "../edge/runtimes/workerd.js";
import { messages, primitives } from "./vectors.js";

/** Algorithms that a host may lack; Rust has them all. */
const LACKED = ["ES512", "ES256K"];
const BACKENDS = ["host", "rust", "auto"];

const { algorithmParameters, initSync } = await import("../../pkg/wasm/edge.js");
initSync({ module: await readFile(new URL("../../pkg/wasm/edge_bg.wasm", import.meta.url)) });
const NAMES = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K EdDSA HS256 HS384 HS512".split(" ");
const parametersOf = (alg) => JSON.parse(algorithmParameters(NAMES.indexOf(alg)));

const { values: given } = parseArgs({ options: { package: { type: "string" } } });
const [raw, jws] = await Promise.all([primitives(), messages()]);
let failures = 0;
const { directory: project, remove } = await projectWithPackage(given.package);
try {
  const { url, stop } = await startWorker(new URL("worker.js", import.meta.url), project);
  try {
    await runIn("workerd", async (asked) => (await fetch(url, { method: "POST", body: JSON.stringify(asked) })).json());
  } finally {
    await stop();
  }
  const program = await bundleProgram(new URL("program.js", import.meta.url), project, "wycheproof.mjs");
  const programs = [...nodes().map(({ name, program }) => ({ name, command: [program] })), ...otherRuntimes()];
  for (const { name, command } of programs) await runProgram(name, [...command, program]);
  await checkTable();
} finally {
  await remove();
}
process.exitCode = failures === 0 ? 0 : 1;

async function runProgram(name, [program, ...words]) {
  const child = spawn(program, words, { cwd: project, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await runIn(name, async (asked) => {
    child.stdin.write(`${JSON.stringify(asked)}\n`);
    return JSON.parse((await lines.next()).value);
  });
  child.stdin.end();
}

async function runIn(runtime, ask) {
  let count = 0;
  const judge = ({ vectors }, accepted, isLacked) => {
    const lacks = isLacked && accepted.every((one) => one === null || one === false);
    for (const [place, { name, count: column }] of vectors.entries()) {
      if (lacks || accepted[place] === (column === "accepted")) continue;
      // A key that is refused accepts nothing. Deno refuses RSA keys of more than 4096 bits, and leaves them to Rust.
      if (accepted[place] === null && (column !== "accepted" || runtime.startsWith("Deno"))) continue;
      failures += 1;
      console.log(`✗ ${runtime}: ${name} is ${column}, and was ${accepted[place] ? "accepted" : "refused"}`);
    }
    count += lacks ? 0 : vectors.length;
    return lacks;
  };
  const lacked = [];
  for (const row of raw) {
    const accepted = await ask({ parameters: parametersOf(row.alg), vectors: row.vectors });
    if (judge(row, accepted, LACKED.includes(row.alg))) lacked.push(row.alg);
  }
  for (const row of jws) {
    for (const crypto of BACKENDS) judge(of(row, crypto, lacked), await ask({ crypto, vectors: of(row, crypto, lacked).vectors }), false);
  }
  console.log(`${runtime}: ${count} vectors${lacked.length > 0 ? `; it leaves ${lacked.join(" and ")} to Rust` : ""}`);
}

/** Without what the host lacks. */
function of(row, crypto, lacked) {
  const isLacked = ({ jwks }) => crypto === "host" && jwks?.keys.some(({ alg }) => lacked.includes(alg));
  return { vectors: row.vectors.filter((vector) => !isLacked(vector)) };
}

async function checkTable() {
  const documented = await readFile(new URL("../../SECURITY.md", import.meta.url), "utf8");
  const rows = [...raw, ...jws].map(({ alg, vectors }) => {
    const counts = ["accepted", "invalid", "acceptable", "notOfJws"].map((column) => vectors.filter(({ count }) => count === column).length);
    return `| ${[alg, ...counts].join(" | ")} |`;
  });
  const missing = rows.filter((row) => !documented.includes(row));
  assert.deepEqual(missing, [], `SECURITY.md must have these rows:\n${rows.join("\n")}`);
}
