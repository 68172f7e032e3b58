// Node, Deno and Bun: the module is read from the package, and crypto is synchronous.

import { readFileSync } from "node:fs";

import { initSync } from "../wasm/edge.js";
import { confidentialClients } from "./confidential-client.js";
import { bind } from "./edge.js";
import { nodeCrypto } from "./node-crypto.js";

const load = () => initSync({ module: readFileSync(new URL("../wasm/edge_bg.wasm", import.meta.url)) });

export const { createVerifier } = bind(load, nodeCrypto);
export const createConfidentialClient = /* @__PURE__ */ confidentialClients(load, nodeCrypto);
export { AuthError, isAuthError } from "../auth-error.js";
