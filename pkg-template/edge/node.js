// Node, Deno and Bun: crypto is synchronous, and the modules are texts in the script. Bundlers for servers lose files, and a file
// could not be read without a permission.

import { Buffer } from "node:buffer";
import { inflateRawSync } from "node:zlib";

import { compile } from "../compile.js";
import { DEFLATED } from "../wasm/edge-inlined.js";
import { verifiers } from "./edge.js";
import { nodeCrypto } from "./node-crypto.js";

const module = () => inflateRawSync(Buffer.from(DEFLATED, "base64"));

export const createVerifier = /* @__PURE__ */ verifiers(module, nodeCrypto, compile);
export * from "../service/node.js";
