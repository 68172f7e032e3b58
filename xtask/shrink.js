/**
 * Makes a build for pages smaller, after wasm-pack: node xtask/shrink.js FOLDER NAME
 *
 * The text of a panic is never read: in a page a panic ends with a trap. Every program that imports js-sys
 * also carries entry points for closures and futures, whether or not it makes any. The linker keeps both, because their
 * addresses stand in a table; here they become traps, and wasm-opt removes what only they needed. The JavaScript that
 * wasm-bindgen writes is prepared for more than a page's client does; that goes too.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
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
  // Closures that JavaScript calls, and futures: this build has none.
  /^wasm_bindgen::convert::closures::.*invoke/,
  /js_sys::futures::/,
];

/** What those functions would say: the paths of sources, the texts of panics, and the digits of the numbers in them. */
const NEVER_READ = [
  /(?:[\w./+-]+\/)?src\/[\w./+-]+\.rs/g,
  /slice index starts at | but ends at |range start index |range end index | out of range for slice of length /g,
  /insertion index \(is |removal index \(is |\) should be <=? len \(is /g,
  /memory allocation of | bytes failed|capacity overflow|Tried to shrink to a larger capacity/g,
  /RefCell already (?:mutably )?borrowed|closure invoked recursively or after being dropped/g,
  /000102030405\d{184}9899/g,
];

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

const [folder, name] = process.argv.slice(2);
const wasm = path.join(folder, `${name}_bg.wasm`);
const javascript = path.join(folder, `${name}.js`);

await replaceByTraps(wasm);
optimize(wasm);
simplify(javascript);
shortenNames(wasm, javascript);

async function replaceByTraps(file) {
  const { default: binaryen } = await import(pathToFileURL(require.resolve("binaryen")));
  const module = binaryen.readBinary(readFileSync(file));
  const count = { functions: 0 };
  for (let index = 0; index < module.getNumFunctions(); index++) {
    const function_ = module.getFunctionByIndex(index);
    const info = binaryen.getFunctionInfo(function_);
    const plain = info.name.replaceAll(/\[[0-9a-f]{16}\]|::h[0-9a-f]{16}$/g, "");
    if (info.module !== "" || !NEVER_RUN.some((pattern) => pattern.test(plain))) continue;
    binaryen.Function(function_).setBody(module.unreachable());
    count.functions += 1;
  }
  // Without names nothing is found, and the build would grow unnoticed.
  if (count.functions < 10) throw new Error(`${file} has no function names: wasm-pack must keep them (-g) for this step.`);
  writeFileSync(file, module.emitBinary());
}

/** The same settings as wasm-pack's, from Cargo.toml. */
function optimize(file) {
  const settings = readFileSync(path.join(ROOT, "Cargo.toml"), "utf8").match(/profile\.release\]\n(?:#.*\n)*wasm-opt = \[([^\]]*)\]/);
  const flags = [...settings[1].matchAll(/"([^"]+)"/g)].map(([, flag]) => flag).filter((flag) => flag !== "-g");
  const strip = ["--strip-debug", "--strip-producers", "--strip-target-features"];
  execFileSync(path.join(ROOT, "tests/node_modules/.bin/wasm-opt"), [file, ...flags, ...strip, "-o", file], { stdio: "inherit" });
}

/** What wasm-bindgen writes for old engines, large texts and `using` declarations, which a page's client does not need. */
function simplify(javascriptFile) {
  let glue = readFileSync(javascriptFile, "utf8");
  for (const [pattern, plain] of [
    [/function passStringToWasm0\(arg, malloc, realloc\) \{[^]*?\n\}\n/, PASS_STRING],
    [/, wasm\.__wbindgen_realloc\)/g, ")"],
    [/const MAX_SAFARI_DECODE_BYTES = [^]*?let numBytesDecoded = 0;\n/, ""],
    [/ {4}numBytesDecoded \+= bytes\.length;\n[^]*?\n {4}\}\n/, ""],
    [/if \(!\('encodeInto' in cachedTextEncoder\)\) \{[^]*?\n\}\n/, ""],
    [/if \(Symbol\.dispose\) .*\n/g, ""],
    [/cachedDataViewMemory0\.buffer\.detached === true .*\) \{\n/, "cachedDataViewMemory0.buffer !== wasm.memory.buffer) {\n"],
  ]) {
    const simpler = glue.replace(pattern, plain);
    if (simpler === glue) throw new Error(`${javascriptFile} has nothing like ${pattern}: wasm-bindgen writes it differently now.`);
    glue = simpler;
  }
  writeFileSync(javascriptFile, glue);
}

/** The names of imports, and what is never read, give way to texts of the same length that compress well. */
function shortenNames(wasmFile, javascriptFile) {
  let code = readFileSync(wasmFile, "latin1");
  let glue = readFileSync(javascriptFile, "utf8");
  const names = [...new Set([...glue.matchAll(/__wbg_\w+_[0-9a-f]{16}/g)].map(([name]) => name))];
  names.forEach((name, number) => {
    const short = String(number).padStart(name.length, "_");
    code = code.replaceAll(name, short);
    glue = glue.replaceAll(name, short);
  });
  for (const pattern of NEVER_READ) code = code.replaceAll(pattern, (text) => "\0".repeat(text.length));
  writeFileSync(wasmFile, code, "latin1");
  writeFileSync(javascriptFile, glue);
}
