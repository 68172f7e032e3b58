/**
 * Makes a build for size smaller, after wasm-pack: node xtask/shrink.js FOLDER NAME
 *
 * The text of a panic is never read: in a page a panic ends with a trap. Every program that imports js-sys
 * also carries entry points for closures and futures, whether or not it makes any. The linker keeps both, because their
 * addresses stand in a table; here they become traps, and wasm-opt removes what only they needed. The JavaScript that
 * wasm-bindgen writes is prepared for more than a page's client does; that goes too, and the names by which the two know
 * each other become short.
 */
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const require = createRequire(path.join(ROOT, "tests/package.json"));

/** Functions that never run, by their names without hashes. */
const NEVER_RUN = [
  // The texts of panics.
  /^<?core(::|\[).*fmt::/,
  /^<.* as core::fmt::(Display|Debug)>::fmt/,
  /^core::str::count::/,
  // Panics themselves: a trap without a text is one too.
  /^core::panicking::/,
  /^core::slice::index::slice_index_fail/,
  /^alloc::(raw_vec::(handle_error|capacity_overflow)|alloc::handle_alloc_error)/,
  /^__rustc::__(rust|rdl)_alloc_error_handler/,
  // The use of an object after its end, which the package's JavaScript never does.
  /^wasm_bindgen::(throw_str|__rt::(throw_null|borrow_fail))/,
  // Closures that JavaScript calls, and futures: this build has none.
  /^wasm_bindgen::convert::closures::.*invoke/,
  /js_sys::futures::/,
];

/** The edge's module reads options and JSON by serde, whose errors have texts that nobody reads. What is in them is not written. */
const NEVER_TOLD = [
  /^core::fmt::float::float_to_/,
  /^<f64 as core::fmt::(Display|Debug)>::fmt/,
  /^core::fmt::float::<impl core::fmt::(Display|Debug) for f64>::fmt/,
  /^<(str|char) as core::fmt::Debug>::fmt/,
];

/** Panics, of which the edge's module needs no texts either. Its other texts are asked for. */
const NEVER_RUN_AT_EDGE = [
  /^core::panicking::/,
  /^core::slice::index::slice_index_fail/,
  /^core::str::slice_error_fail/,
  /^alloc::(raw_vec::(handle_error|capacity_overflow)|alloc::handle_alloc_error)/,
  /^__rustc::__(rust|rdl)_alloc_error_handler/,
];

/** What those functions would say: the paths of sources, the texts of panics, and the digits of the numbers in them. */
const NEVER_READ = [
  /(?:[\w./+-]+\/)?src\/[\w./+-]+\.rs/g,
  /slice index starts at | but ends at |range start index |range end index | out of range for slice of length /g,
  /insertion index \(is |removal index \(is |\) should be <=? len \(is /g,
  /memory allocation of | bytes failed|capacity overflow|Tried to shrink to a larger capacity/g,
  /null pointer passed to rust|recursive use of an object detected which would lead to unsafe aliasing in rust/g,
  /attempted to take ownership of Rust value while it was borrowed/g,
  /RefCell already (?:mutably )?borrowed|closure invoked recursively or after being dropped/g,
  /000102030405\d{184}9899/g,
];

/** Exports that the JavaScript below has no use for. */
const NEVER_CALLED = ["__wbindgen_realloc", "__abort_handler", "__instance_terminated"];

/** Classes whose objects the package's JavaScript frees itself. */
const FREED = ["PageClient", "RunningFlow"];

const INIT = `function initSync({ module }) {
    // Two callers may have waited for the module.
    if (wasm !== undefined) return wasm;
    wasm = new WebAssembly.Instance(module, __wbg_get_imports()).exports;
    wasm.__wbindgen_start();
    return wasm;
}
`;

const TAKE_STRING = `function takeString([ptr, len]) {
    const text = getStringFromWasm0(ptr, len);
    wasm.__wbindgen_free(ptr, len, 1);
    return text;
}
`;

const PASS_STRING = `function passStringToWasm0(arg, malloc) {
    // What crosses is nearly always ASCII and short: a loop is faster than the encoder.
    const bytes = /[^\\0-\\x7f]/.test(arg) ? cachedTextEncoder.encode(arg) : undefined;
    const length = (bytes ?? arg).length;
    const ptr = malloc(length, 1) >>> 0;
    const memory = getUint8ArrayMemory0();
    if (bytes) memory.set(bytes, ptr);
    else for (let at = 0; at < length; at++) memory[ptr + at] = arg.charCodeAt(at);
    WASM_VECTOR_LEN = length;
    return ptr;
}
`;

const WASM_OPT = path.join(ROOT, "tests/node_modules/.bin/wasm-opt");
const FEATURES = ["--enable-bulk-memory", "--enable-multivalue", "--enable-mutable-globals", "--enable-nontrapping-float-to-int", "--enable-reference-types", "--enable-sign-ext"];

const [folder, name] = process.argv.slice(2);
const wasm = path.join(folder, `${name}_bg.wasm`);
const javascript = path.join(folder, `${name}.js`);

if (name === "edge") {
  // Its JavaScript stays as it is: classes of this build are freed by whoever forgets them.
  await replace(wasm, { byTraps: NEVER_RUN_AT_EDGE, bySuccess: NEVER_TOLD });
  optimize(wasm, "custom");
} else {
  await replace(wasm, { byTraps: NEVER_RUN, unexported: NEVER_CALLED });
  optimize(wasm, "release");
  const names = shortNames(wasm);
  simplify(javascript);
  shortenNames(javascript, names);
  blank(wasm);
  takeSnippets(javascript);
}

/** `bySuccess` are functions that return `fmt::Result`. */
async function replace(file, { byTraps, bySuccess = [], unexported = [] }) {
  const { default: binaryen } = await import(pathToFileURL(require.resolve("binaryen")));
  const module = binaryen.readBinary(readFileSync(file));
  const bodies = [
    [byTraps, () => module.unreachable()],
    [bySuccess, () => module.i32.const(0)],
  ];
  const count = { functions: 0 };
  for (let index = 0; index < module.getNumFunctions(); index++) {
    const function_ = module.getFunctionByIndex(index);
    const info = binaryen.getFunctionInfo(function_);
    const plain = info.name.replaceAll(/\[[0-9a-f]{16}\]|::h[0-9a-f]{16}$/g, "");
    const [, body] = bodies.find(([patterns]) => patterns.some((pattern) => pattern.test(plain))) ?? [];
    if (info.module !== "" || body === undefined) continue;
    binaryen.Function(function_).setBody(body());
    count.functions += 1;
  }
  for (const name of unexported) module.removeExport(name);
  // Without names nothing is found, and the build would grow unnoticed.
  if (count.functions < 10) throw new Error(`${file} has no function names: wasm-pack must keep them (-g) for this step.`);
  writeFileSync(file, module.emitBinary());
}

/** With the same settings as wasm-pack's for this profile, from Cargo.toml. */
function optimize(file, profile) {
  const settings = readFileSync(path.join(ROOT, "Cargo.toml"), "utf8").match(new RegExp(`profile\\.${profile}\\]\\n(?:#.*\\n)*wasm-opt = \\[([^\\]]*)\\]`));
  const flags = [...settings[1].matchAll(/"([^"]+)"/g)].map(([, flag]) => flag).filter((flag) => flag !== "-g");
  execFileSync(WASM_OPT, [file, ...flags, "--strip-debug", "--strip-producers", "--strip-target-features", "-o", file]);
}

/** Alone, since `--converge` would give names several times. @returns the new names of imports and exports */
function shortNames(file) {
  return JSON.parse(execFileSync(WASM_OPT, [file, ...FEATURES, "--minify-imports-and-exports-and-modules", "-o", file]));
}

/** What wasm-bindgen writes for old engines, large texts and `using` declarations, which a page's client does not need. */
function simplify(javascriptFile) {
  let glue = readFileSync(javascriptFile, "utf8");
  for (const [pattern, plain] of [
    [/function passStringToWasm0\(arg, malloc, realloc\) \{[^]*?\n\}\n/, PASS_STRING + TAKE_STRING],
    [/, wasm\.__wbindgen_realloc\)/g, ")"],
    [/const MAX_SAFARI_DECODE_BYTES = [^]*?let numBytesDecoded = 0;\n/, ""],
    [/ {4}numBytesDecoded \+= bytes\.length;\n[^]*?\n {4}\}\n/, ""],
    [/if \(!\('encodeInto' in cachedTextEncoder\)\) \{[^]*?\n\}\n/, ""],
    [/if \(Symbol\.dispose\) .*\n/g, ""],
    [/function initSync\(module\) \{[^]*?\n\}\n/, INIT],
    [/let wasmModule, wasmInstance, wasm;\n[^]*?\nfunction initSync/, "let wasm;\nfunction initSync"],
    [/let __wbg_init_promise;\n[^]*?export \{.*\n/, "export { initSync };\n"],
    [/^cachedTextDecoder\.decode\(\);\n/m, ""],
    [/cachedDataViewMemory0\.buffer\.detached === true .*\) \{\n/, "cachedDataViewMemory0.buffer !== wasm.memory.buffer) {\n"],
  ]) {
    const simpler = glue.replace(pattern, plain);
    if (simpler === glue) throw new Error(`${javascriptFile} has nothing like ${pattern}: wasm-bindgen writes it differently now.`);
    glue = simpler;
  }
  // A text that was made for JavaScript is freed once it is read.
  glue = glue.replaceAll(/ {8}let (deferred\d)_0;\n {8}let \1_1;\n {8}try \{\n([^]*?) {12}\1_0 = ret\[0\];[^]*? {8}\}\n(?= {4}\})/g, (_, deferred, body) => {
    return `${body.replace(/^ {4}/gm, "")}        return takeString(ret);\n`;
  });
  for (const name of FREED) {
    glue = glue.replace(new RegExp(`const ${name}Finalization = [^;]*;\\n`), "");
    glue = glue.replace(new RegExp(` +${name}Finalization\\..*\\n`, "g"), "");
    const free = `__wbg_${name.toLowerCase()}_free`;
    const frees = new RegExp(` {4}__destroy_into_raw\\(\\) \\{[^}]*\\}\\n {4}free\\(\\) \\{[^}]*${free}[^}]*\\}\\n`);
    glue = glue.replace(frees, `    free() {\n        wasm.${free}(this.__wbg_ptr, 0);\n        this.__wbg_ptr = 0;\n    }\n`);
  }
  writeFileSync(javascriptFile, glue);
}

/** The names by which the module and its JavaScript know each other; what the module no longer imports goes. */
function shortenNames(file, { imports, exports }) {
  const shortOf = new Map(imports.map(([, name, short]) => [name, short]));
  let glue = readFileSync(file, "utf8").replace(`"./${name}_bg.js": import0`, "a: import0");
  glue = glue.replaceAll(/^ {8}(__wb\w+)(: function[^]*?\n {8}\}(?:, arguments\); \})?,\n)/gm, (_, name, body) => {
    return shortOf.has(name) ? `${" ".repeat(8)}${shortOf.get(name)}${body}` : "";
  });
  for (const [name, short] of exports) glue = glue.replaceAll(new RegExp(`\\bwasm\\.${name}\\b`, "g"), `wasm.${short}`);
  writeFileSync(file, glue);
}

/** What is never read gives way to zeros, which compress well: texts, and the lines of sources that point to one. */
function blank(file) {
  const code = readFileSync(file);
  const memory = memoryOf(code);
  const texts = code.toString("latin1");
  const lengths = new Map();
  for (const { index, 0: text } of NEVER_READ.flatMap((pattern) => [...texts.matchAll(pattern)])) {
    code.fill(0, index, index + text.length);
    const part = memory.find(({ start, end }) => start <= index && index < end);
    if (part) lengths.set(part.address + index - part.start, text.length);
  }
  for (const { address, start, end } of memory) {
    // A pointer, a length, a line and a column.
    for (let at = start + (-address & 3); at + 16 <= end; at += 4) {
      if (lengths.get(code.readUInt32LE(at)) === code.readUInt32LE(at + 4)) code.fill(0, at, at + 16);
    }
  }
  writeFileSync(file, code);
}

/** What a module's memory holds at first: the address of each part, and where it stands in the file. */
function memoryOf(code) {
  const DATA = 11;
  const parts = [];
  let at = 8;
  const number = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = code[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < code.length) {
    const section = number();
    const length = number();
    if (section !== DATA) at += length;
    else {
      for (let count = number(); count > 0; count--) {
        // The kind of the part, then its address: `i32.const`, the number, `end`.
        at += 2;
        const address = number();
        at += 1;
        const size = number();
        parts.push({ address, start: at, end: (at += size) });
      }
    }
  }
  return parts;
}

/** The JavaScript of the crate, which wasm-bindgen copies to a folder with a hash in its name, comes beside the rest. */
function takeSnippets(file) {
  const glue = readFileSync(file, "utf8").replaceAll(/'\.\/(snippets\/[^']*\/)(\w+\.js)'/g, (_, from, script) => {
    cpSync(path.join(folder, from, script), path.join(folder, script));
    return `"./${script}"`;
  });
  rmSync(path.join(folder, "snippets"), { recursive: true });
  writeFileSync(file, glue);
}
