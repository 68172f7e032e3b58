// The page's entry: the WebAssembly is a file beside it, which bundlers find.

import { createClientFrom } from "./browser.js";

export { AuthError, isAuthError } from "./auth-error.js";

export const createClient = (options) => createClientFrom(() => new URL("./wasm/browser_bg.wasm", import.meta.url), options);
