// Any other runtime: the module is fetched from beside this file.

import { compile } from "../compile.js";
import { bind } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

export const { createVerifier } = bind(() => new URL("../wasm/edge_bg.wasm", import.meta.url), webCrypto, compile);
export { AuthError, isAuthError } from "../auth-error.js";
