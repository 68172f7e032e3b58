/**
 * Writes a wasm file as a module of JavaScript, deflated and in base64: node xtask/inline.js WASM JAVASCRIPT
 *
 * For tools that lose files. What the text adds to the deflated bytes, the transfer's own compression takes out again.
 */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { deflateRawSync } from "node:zlib";

const [wasm, javascript] = process.argv.slice(2);
const text = deflateRawSync(readFileSync(wasm), { level: 9 }).toString("base64");
writeFileSync(javascript, `export const DEFLATED = "${text}";\n`);
