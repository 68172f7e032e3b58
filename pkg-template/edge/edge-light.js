// The edge-light condition of Next.js and Vercel: `?module` brings the module compiled.

import module from "../wasm/edge_bg.wasm?module";
import { initSync } from "../wasm/edge.js";
import { bind } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

export const { createVerifier } = bind(() => initSync({ module }), webCrypto);
export { AuthError, isAuthError } from "../auth-error.js";
