// Cloudflare Workers: the module arrives compiled.

import { waitUntil } from "../edge/background.js";
import { confidentialClients } from "../edge/confidential-client.js";

// A bundler keeps a static import of a wasm file, also for a Worker that only verifies.
const module = async () => (await import("../wasm/service_bg.wasm")).default;

/** Nothing is compiled here. */
const compiled = (source) => source();

export const createConfidentialClient = /* @__PURE__ */ confidentialClients(module, { waitUntil }, compiled);
export { AuthError, isAuthError } from "../auth-error.js";
export { durableObjectStore, kvStore, redisStore, TokenStoreObject } from "../edge/token-stores.js";
export { workloadIdentity } from "../edge/workload-identity.js";
