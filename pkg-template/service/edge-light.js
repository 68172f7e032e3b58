// The edge-light condition of Next.js and Vercel: `?module` brings the module compiled.

import module from "../wasm/service_bg.wasm?module";
import { confidentialClients } from "../edge/confidential-client.js";

export const createConfidentialClient = /* @__PURE__ */ confidentialClients(() => module, {});
export { AuthError, isAuthError } from "../auth-error.js";
export { durableObjectStore, kvStore, redisStore, TokenStoreObject } from "../edge/token-stores.js";
export { workloadIdentity } from "../edge/workload-identity.js";
