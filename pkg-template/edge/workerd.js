// Cloudflare Workers: the module arrives compiled.

import module from "../wasm/edge_bg.wasm";
import { initSync } from "../wasm/edge.js";
import { bind } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

export const { createVerifier } = bind(() => initSync({ module }), webCrypto);
export { AuthError, isAuthError } from "../auth-error.js";
