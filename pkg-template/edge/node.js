// Node, Deno and Bun: crypto is synchronous, and the module is a text in the script. Bundlers for servers lose files, and a file
// could not be read without a permission.

import { Buffer } from "node:buffer";
import { inflateRawSync } from "node:zlib";

import { compile } from "../compile.js";
import { DEFLATED } from "../wasm/edge-inlined.js";
import { bind } from "./edge.js";
import { nodeCrypto } from "./node-crypto.js";

export const { createVerifier } = bind(() => inflateRawSync(Buffer.from(DEFLATED, "base64")), nodeCrypto, compile);
export { AuthError, isAuthError } from "../auth-error.js";
