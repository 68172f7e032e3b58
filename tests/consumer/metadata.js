/** package.json: what each runtime and each tool finds. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";

import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

import { installed, project } from "./project.js";

const manifest = JSON.parse(await readFile(path.join(installed, "package.json"), "utf8"));

test("publint, strict, has nothing to say", async () => {
  const { messages, pkg } = await publint({ pkgDir: installed, strict: true, pack: false });
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
});

test("the package brings no other one, and runs nothing when it is installed", () => {
  for (const name of ["dependencies", "optionalDependencies", "bundledDependencies", "scripts", "bin"]) {
    assert.equal(manifest[name], undefined, name);
  }
  // countersign/react takes the page's own React.
  assert.deepEqual(manifest.peerDependencies, { react: ">=18" });
  assert.deepEqual(manifest.peerDependenciesMeta, { react: { optional: true } });
});

/** The file that a bundler takes for an import under one condition. */
async function resolved(specifier, condition) {
  const { metafile } = await build({
    stdin: { contents: `export * from "${specifier}"`, resolveDir: project.directory },
    bundle: true,
    metafile: true,
    write: false,
    outdir: project.directory,
    format: "esm",
    platform: "neutral",
    conditions: [condition],
    loader: { ".wasm": "empty" },
    external: ["node:*", "*?module"],
  });
  const [entry] = metafile.inputs["<stdin>"].imports;
  return path.relative(path.join("node_modules", "countersign"), path.relative(project.directory, path.resolve(entry.path)));
}

for (const [condition, file] of Object.entries({
  workerd: "edge/workerd.js",
  "edge-light": "edge/edge-light.js",
  deno: "edge/node.js",
  bun: "edge/node.js",
  node: "edge/node.js",
  browser: "edge/default.js",
  default: "edge/default.js",
})) {
  test(`countersign/edge under the condition ${condition} is ${file}`, async () => {
    assert.equal(await resolved("countersign/edge", condition), file);
  });

  test(`countersign under the condition ${condition} is index.js`, async () => {
    assert.equal(await resolved("countersign", condition), "index.js");
  });
}

// Angular's CLI sets `es2020`; development servers set `development`, and Vite's up to 7 lose files.
for (const condition of ["es2020", "development"]) {
  test(`countersign under the condition ${condition} is inlined.js`, async () => {
    assert.equal(await resolved("countersign", condition), "inlined.js");
  });
}

test("the JavaScript that is written by hand is packed as it was written, so it needs no source maps", async () => {
  const files = (await readdir(installed, { recursive: true })).filter((file) => file.endsWith(".js") && !file.startsWith("wasm"));
  assert.ok(files.length > 30);
  for (const file of files) {
    const written = await readFile(new URL(`../../pkg-template/${file}`, import.meta.url), "utf8");
    assert.equal(await readFile(path.join(installed, file), "utf8"), written, file);
  }
});

test("every condition of the export map is among those tested", () => {
  assert.deepEqual(Object.keys(manifest.exports["."]), ["types", "es2020", "development", "default"]);
  assert.deepEqual(Object.keys(manifest.exports["./inlined"]), ["types", "default"]);
  const conditions = Object.keys(manifest.exports["./edge"]);
  assert.deepEqual(conditions, ["types", "workerd", "edge-light", "deno", "bun", "node", "browser", "default"]);
  for (const name of ["./consent", "./react", "./testing", "./diagnose"]) assert.deepEqual(Object.keys(manifest.exports[name]), ["types", "default"]);
});

test("tools that know no export map find the same entries", async () => {
  assert.equal(manifest.main, manifest.exports["."].default);
  assert.equal(manifest.types, manifest.exports["."].types);
});
