// Cloudflare Workers: the modules arrive compiled.

import module from "../wasm/edge_bg.wasm";
import { confidentialClients } from "./confidential-client.js";
import { verifiers } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

// A bundler keeps a static import of a wasm file, also for a Worker that only verifies.
const service = async () => (await import("../wasm/service_bg.wasm")).default;

/** Nothing is compiled here. */
const compiled = (source) => source();

// Older versions have no `waitUntil`. Imported like this, a bundler that does not know the module leaves it to the runtime.
const waitUntil = (promise) =>
  import(/* webpackIgnore: true */ /* @vite-ignore */ "cloudflare:workers").catch(() => ({})).then((workers) => workers.waitUntil?.(promise)).catch(() => {});

const host = /* @__PURE__ */ Object.assign({ waitUntil }, webCrypto);

export const createVerifier = /* @__PURE__ */ verifiers(() => module, host);
export const createConfidentialClient = /* @__PURE__ */ confidentialClients(service, host, compiled);
export { AuthError, isAuthError } from "../auth-error.js";
export { durableObjectStore, kvStore, redisStore, TokenStoreObject } from "./token-stores.js";
export { workloadIdentity } from "./workload-identity.js";
