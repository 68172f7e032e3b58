// Cloudflare Workers: the module arrives compiled.

// Older versions have no `waitUntil`, and an import by name of what is not there would fail.
import * as workers from "cloudflare:workers";

import module from "../wasm/edge_bg.wasm";
import { initSync } from "../wasm/edge.js";
import { bind } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

// Outside of a request there is nothing to keep.
const waitUntil = (promise) => {
  try {
    workers.waitUntil?.(promise);
  } catch {}
};

export const { createVerifier } = bind(() => initSync({ module }), { ...webCrypto, waitUntil });
export { AuthError, isAuthError } from "../auth-error.js";
