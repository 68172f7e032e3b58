/** What bundlers make of the package. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { build } from "esbuild";

import { bundleForWorkerd } from "./bundle.js";
import { project } from "./project.js";

for (const name of ["countersign", "countersign/edge"]) {
  for (const platform of ["browser", "node", "neutral"]) {
    test(`an import of ${name} that nothing uses leaves nothing in a bundle for ${platform}`, async () => {
      const { outputFiles } = await build({
        stdin: { contents: `import "${name}"; import { isAuthError } from "${name}";`, resolveDir: project.directory },
        bundle: true,
        write: false,
        format: "esm",
        platform,
        minify: true,
        loader: { ".wasm": "copy" },
        outdir: project.directory,
        logLevel: "error",
      });
      assert.deepEqual(outputFiles.filter(({ path }) => path.endsWith(".wasm")), []);
      assert.deepEqual(outputFiles.map(({ text }) => text.trim()).filter(Boolean), []);
    });
  }
}

test("esbuild for Workers makes one script and its wasm modules, and a Worker that only verifies imports one", async () => {
  const { script, modules } = await worker("createVerifier");
  assert.deepEqual(importedModules(script), ["edge"]);
  assert.doesNotMatch(script, /node:|readFileSync|base64,/);
  for (const { contents } of modules) await WebAssembly.compile(contents);
});

test("esbuild for Workers: a Worker that gets tokens imports the services' module when it first needs it", async () => {
  const { script } = await worker("createConfidentialClient");
  assert.match(script, /import\("\.\/service_bg-/);
  assert.doesNotMatch(script, /node:|readFileSync|base64,|createVerifier/);
});

/** The bundle of a Worker that uses this name of the package. */
async function worker(name) {
  const entry = path.join(project.directory, `${name}.js`);
  await writeFile(entry, `import { ${name} } from "countersign/edge"; export default { use: ${name} };`);
  const [{ contents }, ...modules] = await bundleForWorkerd(pathToFileURL(entry), project.directory);
  assert.ok(modules.every(({ type }) => type === "CompiledWasm"));
  return { script: new TextDecoder().decode(contents), modules };
}

function importedModules(script) {
  return Array.from(script.matchAll(/"\.\/(\w+)_bg-\w+\.wasm"/g), ([, name]) => name);
}
