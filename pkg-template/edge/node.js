// Node, Deno and Bun: the modules are read from the package, and crypto is synchronous.

import { readFileSync } from "node:fs";

import { initSync as initEdge } from "../wasm/edge.js";
import { initSync as initService } from "../wasm/service.js";
import { confidentialClients } from "./confidential-client.js";
import { verifiers } from "./edge.js";
import { nodeCrypto } from "./node-crypto.js";

const read = (name) => readFileSync(new URL(`../wasm/${name}_bg.wasm`, import.meta.url));

export const createVerifier = /* @__PURE__ */ verifiers(() => initEdge({ module: read("edge") }), nodeCrypto);
export const createConfidentialClient = /* @__PURE__ */ confidentialClients(() => initService({ module: read("service") }), nodeCrypto);
export { AuthError, isAuthError } from "../auth-error.js";
export { durableObjectStore, kvStore, redisStore, TokenStoreObject } from "./token-stores.js";
