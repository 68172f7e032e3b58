// The entry for service workers and the background of extensions, which load nothing later: all that a page loads when it is needed
// comes along. The WebAssembly is a file beside it.

import * as asyncStore from "./async-store.js";
import { createClientFrom, parts } from "./browser.js";
import * as explain from "./explain.js";

export { AuthError, isAuthError } from "./auth-error.js";

export function createClient(options) {
  Object.assign(parts, { asyncStore: async () => asyncStore, explain: async () => explain });
  return createClientFrom(() => new URL("./wasm/browser_bg.wasm", import.meta.url), options);
}
