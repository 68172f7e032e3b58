// The edge-light condition of Next.js and Vercel: `?module` brings the modules compiled.

import edge from "../wasm/edge_bg.wasm?module";
import service from "../wasm/service_bg.wasm?module";
import { confidentialClients } from "./confidential-client.js";
import { verifiers } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

export const createVerifier = /* @__PURE__ */ verifiers(() => edge, webCrypto);
export const createConfidentialClient = /* @__PURE__ */ confidentialClients(() => service, webCrypto);
export { AuthError, isAuthError } from "../auth-error.js";
export { durableObjectStore, kvStore, redisStore, TokenStoreObject } from "./token-stores.js";
export { workloadIdentity } from "./workload-identity.js";
