/** Node imports the package as it is, without a bundler. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
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
  "TokenStoreObject",
  "createConfidentialClient",
  "createVerifier",
  "durableObjectStore",
  "isAuthError",
  "kvStore",
  "redisStore",
];

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
