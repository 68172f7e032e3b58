// Any other runtime: the modules are fetched from beside this file. A failed load is not remembered.

import initEdge from "../wasm/edge.js";
import initService from "../wasm/service.js";
import { confidentialClients } from "./confidential-client.js";
import { verifiers } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

const edge = () => initEdge({ module_or_path: new URL("../wasm/edge_bg.wasm", import.meta.url) });
const service = () => initService({ module_or_path: new URL("../wasm/service_bg.wasm", import.meta.url) });

export const createVerifier = /* @__PURE__ */ verifiers(edge, webCrypto);
export const createConfidentialClient = /* @__PURE__ */ confidentialClients(service, webCrypto);
export { AuthError, isAuthError } from "../auth-error.js";
export { durableObjectStore, kvStore, redisStore, TokenStoreObject } from "./token-stores.js";
