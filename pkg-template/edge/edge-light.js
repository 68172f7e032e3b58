// The edge-light condition of Next.js and Vercel: `?module` brings the module compiled.

import module from "../wasm/edge_bg.wasm?module";
import { bind } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

export const { createVerifier } = bind(() => module, webCrypto);
export { AuthError, isAuthError } from "../auth-error.js";
