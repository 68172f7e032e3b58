// Any other runtime: the modules are fetched from beside this file.

import { compile } from "../compile.js";
import { confidentialClients } from "./confidential-client.js";
import { verifiers } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

const edge = () => new URL("../wasm/edge_bg.wasm", import.meta.url);
const service = () => new URL("../wasm/service_bg.wasm", import.meta.url);

export const createVerifier = /* @__PURE__ */ verifiers(edge, webCrypto, compile);
export const createConfidentialClient = /* @__PURE__ */ confidentialClients(service, webCrypto, compile);
export { AuthError, isAuthError } from "../auth-error.js";
export { cacheKeyStore, kvKeyStore, memoryKeyStore } from "./key-store.js";
export { durableObjectStore, kvStore, redisStore, TokenStoreObject } from "./token-stores.js";
export { workloadIdentity } from "./workload-identity.js";
