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

for (const [names, files] of Object.entries({
  createVerifier: ["edge"],
  createConfidentialClient: ["service"],
  "createVerifier, createConfidentialClient": ["edge", "service"],
})) {
  test(`esbuild for Workers: a Worker of ${names} has and imports the modules ${files.join(" and ")}`, async () => {
    const { script, modules } = await worker(names);
    const filesOf = modules.map(({ path: file }) => /(\w+)_bg-\w+\.wasm$/.exec(file)[1]);
    assert.deepEqual(filesOf.toSorted(), files);
    assert.deepEqual(importedModules(script).toSorted(), files);
    assert.doesNotMatch(script, /node:|readFileSync|base64,/);
    for (const { contents } of modules) await WebAssembly.compile(contents);
  });
}

/** The bundle of a Worker that uses these names of the package. */
async function worker(names) {
  const entry = path.join(project.directory, `${names.replaceAll(", ", "-")}.js`);
  await writeFile(entry, `import { ${names} } from "countersign/edge"; export default { use: [${names}] };`);
  const [{ contents }, ...modules] = await bundleForWorkerd(pathToFileURL(entry), project.directory);
  assert.ok(modules.every(({ type }) => type === "CompiledWasm"));
  return { script: new TextDecoder().decode(contents), modules };
}

function importedModules(script) {
  return Array.from(script.matchAll(/"\.\/(\w+)_bg-\w+\.wasm"/g), ([, name]) => name);
}
