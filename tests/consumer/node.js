/** Node imports the package as it is, without a bundler. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { promisify } from "node:util";

import { nodes } from "../edge/runtimes/programs.js";
import { project } from "./project.js";

const run = promisify(execFile);

/** Reports as JSON what the import changed, and what is exported. */
const IMPORT = `
  const name = process.argv[2];
  const touched = [];
  for (const compile of ["Module", "Instance", "compile", "instantiate", "compileStreaming", "instantiateStreaming"]) {
    const of = WebAssembly[compile];
    if (of) WebAssembly[compile] = new Proxy(of, {
      apply: (...call) => (touched.push(compile), Reflect.apply(...call)),
      construct: (...call) => (touched.push(compile), Reflect.construct(...call)),
    });
  }
  globalThis.fetch = () => touched.push("fetch");
  const before = { globals: Reflect.ownKeys(globalThis).length, events: process.eventNames().length };
  const exported = await import(name);
  const after = { globals: Reflect.ownKeys(globalThis).length, events: process.eventNames().length };
  const importTouched = [...touched];
  const call = exported.createVerifier
    ? () => exported.createVerifier({ issuer: "https://login.example", audience: "a", jwks: { keys: [] } }).verify("x")
    : () => exported.createClient({ authority: "https://login.example", clientId: "a" });
  const code = await call().then(() => "none", ({ code }) => code);
  console.log(JSON.stringify({ before, after, importTouched, touched, code, exported: Object.keys(exported) }));
`;

/** What `countersign/edge` exports. */
const NAMES = [
  "AuthError",
  "ReplayStoreObject",
  "TokenStoreObject",
  "cacheKeyStore",
  "createConfidentialClient",
  "createVerifier",
  "durableObjectReplayStore",
  "durableObjectStore",
  "guard",
  "honoGuard",
  "isAuthError",
  "kvKeyStore",
  "kvReplayStore",
  "kvStore",
  "memoryKeyStore",
  "memoryReplayStore",
  "nodeGuard",
  "redisStore",
  "responseHeadersOf",
  "verifiedOf",
  "verifyJws",
  "workloadIdentity",
];

/** Reports as JSON what becomes of a verifier with each source of the option wasm; a module is loaded once, so in a program each. */
const SOURCES = `
  import { readFileSync } from "node:fs";
  const bytes = readFileSync(new URL("node_modules/countersign/wasm/edge_bg.wasm", import.meta.url));
  const sources = {
    bytes: () => bytes,
    "an ArrayBuffer": () => new Uint8Array(bytes).buffer,
    "a module": () => new WebAssembly.Module(bytes),
    "a promise of a module": () => WebAssembly.compile(bytes),
    "a response": () => new Response(bytes, { headers: { "content-type": "application/wasm" } }),
    "a URL": () => \`data:application/wasm;base64,\${bytes.toString("base64")}\`,
    "bytes that are none": () => new Uint8Array(8),
    "a number": () => 5,
    "HTML": () => new Response("<!doctype html>"),
    "no WebAssembly": () => (delete globalThis.WebAssembly, undefined),
  };
  const { createVerifier } = await import("countersign/edge");
  const wasm = sources[process.argv[2]]();
  const verifier = createVerifier({ issuer: "https://login.example", audience: "a", jwks: { keys: [] }, wasm });
  const { code, detail, response } = await verifier.authenticate({ headers: { authorization: "Bearer x" } }).catch((error) => error);
  console.log(JSON.stringify({ code, detail, status: response.status }));
`;
const sources = path.join(project.directory, "sources.mjs");
await writeFile(sources, SOURCES);

const script = path.join(project.directory, "import.mjs");
await writeFile(script, IMPORT);

for (const { name, program } of nodes()) {
  test(`${name} imports countersign/edge without a side effect, and loads the module at the first call`, async () => {
    const { before, after, importTouched, touched, code, exported } = await imported("countersign/edge");
    assert.deepEqual(after, before);
    assert.deepEqual(importTouched, []);
    assert.deepEqual(touched, ["Module", "Instance"]);
    assert.equal(code, "token_malformed");
    assert.deepEqual(exported.toSorted(), NAMES);
  });

  test(`${name} imports countersign without a side effect, as a server that renders pages does`, async () => {
    const { before, after, touched, code, exported } = await imported("countersign");
    assert.deepEqual(after, before);
    assert.deepEqual(touched, []);
    assert.equal(code, "unsupported_platform");
    assert.deepEqual(exported.toSorted(), ["AuthError", "createClient", "isAuthError"]);
  });

  async function imported(specifier) {
    const { stdout } = await run(program, [script, specifier], { cwd: project.directory });
    return JSON.parse(stdout);
  }
}

for (const [source, expected] of Object.entries({
  "bytes": { code: "token_malformed", status: 401 },
  "an ArrayBuffer": { code: "token_malformed", status: 401 },
  "a module": { code: "token_malformed", status: 401 },
  "a promise of a module": { code: "token_malformed", status: 401 },
  "a response": { code: "token_malformed", status: 401 },
  "a URL": { code: "token_malformed", status: 401 },
  "bytes that are none": { code: "wasm_load_failed", status: 500 },
  "a number": { code: "wasm_load_failed", status: 500 },
  "HTML": { code: "wasm_load_failed", detail: ": status 200, HTML", status: 500 },
  "no WebAssembly": { code: "wasm_unavailable", status: 500 },
})) {
  test(`countersign/edge with the option wasm: ${source} gives ${expected.code}`, async () => {
    const { stdout } = await run(process.execPath, [sources, source], { cwd: project.directory });
    assert.deepEqual(JSON.parse(stdout), expected);
  });
}
