// Measures what each build makes a user download, and prints it as one line of JSON.
//
// The wasm is measured as it is in pkg/; the JavaScript as a bundler makes it: the entry and all that it imports,
// minified by esbuild, without what is loaded only when it is needed. gzip and brotli are Node's own zlib at their strongest settings.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const require = createRequire(new URL("../tests/package.json", import.meta.url));
const { build } = require("esbuild");

const builds = [
  { name: "browser", uses: ["./index.js"], wasm: ["browser"], platform: "browser" },
  // All that a Worker can load.
  { name: "edge", uses: ["./edge/workerd.js"], wasm: ["edge", "service"], platform: "neutral" },
  // What a Worker loads that does one of the two.
  { name: "verifier", uses: ["./edge/workerd.js", "createVerifier"], wasm: ["edge"], platform: "neutral" },
  { name: "service", uses: ["./edge/workerd.js", "createConfidentialClient"], wasm: ["service"], platform: "neutral" },
  // What a native app runs; its module is a text in the script.
  { name: "native", uses: ["./native/native.js"], wasm: ["native"], platform: "node", without: ["*-inlined.js"] },
  // What a page's author takes besides; no gate counts it.
  { name: "react", uses: ["./react.js"], wasm: [], platform: "browser", without: ["react"] },
  { name: "diagnose", uses: ["./diagnose.js"], wasm: [], platform: "browser" },
  { name: "testing", uses: ["./testing.js"], wasm: [], platform: "browser" },
];

const measured = [];
for (const { name, uses: [entry, names = "*"], wasm, platform, without = [] } of builds) {
  const modules = wasm.map((name) => readFileSync(inPackage(`wasm/${name}_bg.wasm`)));
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export ${names === "*" ? "*" : `{ ${names} }`} from "${entry}";`, resolveDir: inPackage("."), sourcefile: "entry.js" },
    bundle: true,
    minify: true,
    // A dynamic import becomes a file of its own.
    splitting: true,
    outdir: "out",
    metafile: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform,
    legalComments: "none",
    logLevel: "silent",
    external: ["*.wasm", "*.wasm?module", "node:*", "cloudflare:*", ...without],
  });
  measured.push({
    name,
    wasm: sum(modules.map(sizes)),
    javascript: sizes(Buffer.concat(loadedAtOnce(metafile).map((file) => contentsOf(outputFiles, file)))),
    sections: modules.flatMap(customSections),
  });
}
console.log(JSON.stringify(measured));

/** The entry's bundle and the files that it imports statically. */
function loadedAtOnce({ outputs }) {
  const files = Object.keys(outputs).filter((file) => outputs[file].entryPoint?.endsWith("entry.js"));
  if (files.length !== 1) throw new Error("The bundle has no entry.");
  for (const file of files) {
    const imported = outputs[file].imports.filter(({ kind, external }) => kind === "import-statement" && !external);
    files.push(...imported.map(({ path }) => path).filter((path) => !files.includes(path)));
  }
  return files;
}

function contentsOf(outputFiles, file) {
  return outputFiles.find(({ path }) => path.endsWith(`/${file}`)).contents;
}

function inPackage(path) {
  return fileURLToPath(new URL(`../pkg/${path}`, import.meta.url));
}

function sizes(bytes) {
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotli.length };
}

function sum(all) {
  const total = (part) => all.reduce((sum, sizes) => sum + sizes[part], 0);
  return { raw: total("raw"), gzip: total("gzip"), brotli: total("brotli") };
}

/** The names of a module's custom sections that only debuggers and statistics read. */
function customSections(bytes) {
  const module = new WebAssembly.Module(bytes);
  const unwanted = ["name", "producers", "sourceMappingURL", ".debug_info", ".debug_line", ".debug_str"];
  return unwanted.filter((section) => WebAssembly.Module.customSections(module, section).length > 0);
}
