// Any other runtime: the module is fetched from beside this file.

import { compile } from "../compile.js";
import { confidentialClients } from "../edge/confidential-client.js";

const module = () => new URL("../wasm/service_bg.wasm", import.meta.url);

export const createConfidentialClient = /* @__PURE__ */ confidentialClients(module, {}, compile);
export { AuthError, isAuthError } from "../auth-error.js";
export { durableObjectStore, kvStore, redisStore, TokenStoreObject } from "../edge/token-stores.js";
export { workloadIdentity } from "../edge/workload-identity.js";
