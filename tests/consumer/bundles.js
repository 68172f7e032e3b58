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

test("esbuild for Workers makes one script and one wasm module, which the script imports", async () => {
  const entry = path.join(project.directory, "worker.js");
  await writeFile(entry, 'import { createVerifier } from "countersign/edge"; export default { createVerifier };');
  const modules = await bundleForWorkerd(pathToFileURL(entry), project.directory);
  assert.deepEqual(modules.map(({ type }) => type), ["ESModule", "CompiledWasm"]);
  const [script, wasm] = modules;
  const text = new TextDecoder().decode(script.contents);
  assert.match(text, new RegExp(`from "./${path.basename(wasm.path).replaceAll(".", "\\.")}"`));
  assert.doesNotMatch(text, /node:|readFileSync|base64,/);
  await WebAssembly.compile(wasm.contents);
});
