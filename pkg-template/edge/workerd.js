// Cloudflare Workers: the module arrives compiled.

import module from "../wasm/edge_bg.wasm";
import { bind } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

export const { createVerifier } = bind(() => module, webCrypto);
export { AuthError, isAuthError } from "../auth-error.js";
