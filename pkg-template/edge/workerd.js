// Cloudflare Workers: the module arrives compiled.

import module from "../wasm/edge_bg.wasm";
import { initSync } from "../wasm/edge.js";
import { confidentialClients } from "./confidential-client.js";
import { bind } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

const load = () => initSync({ module });

export const { createVerifier } = bind(load, webCrypto);
export const createConfidentialClient = /* @__PURE__ */ confidentialClients(load, webCrypto);
export { AuthError, isAuthError } from "../auth-error.js";
