// What Cloudflare Workers have.

import { webCrypto } from "./web-crypto.js";

// Older versions have no `waitUntil`. Imported like this, a bundler that does not know the module leaves it to the runtime.
const waitUntil = (promise) =>
  import(/* webpackIgnore: true */ /* @vite-ignore */ "cloudflare:workers").catch(() => ({})).then((workers) => workers.waitUntil?.(promise)).catch(() => {});

export const host = /* @__PURE__ */ Object.assign({ waitUntil }, webCrypto);
