// Cloudflare Workers: the module arrives compiled.

import module from "../wasm/edge_bg.wasm";
import { bind } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

// Older versions have no `waitUntil`. Imported like this, a bundler that does not know the module leaves it to the runtime.
const waitUntil = (promise) =>
  import(/* webpackIgnore: true */ /* @vite-ignore */ "cloudflare:workers").catch(() => ({})).then((workers) => workers.waitUntil?.(promise)).catch(() => {});

export const { createVerifier } = bind(() => module, { ...webCrypto, waitUntil });
export { AuthError, isAuthError } from "../auth-error.js";
