// Any other runtime: the modules are fetched from beside this file.

import { compile } from "../compile.js";
import { confidentialClients } from "./confidential-client.js";
import { verifiers } from "./edge.js";
import { jwsVerifier } from "./jws.js";
import { webCrypto } from "./web-crypto.js";

const edge = () => new URL("../wasm/edge_bg.wasm", import.meta.url);
const service = () => new URL("../wasm/service_bg.wasm", import.meta.url);

export const createVerifier = /* @__PURE__ */ verifiers(edge, webCrypto, compile);
export const verifyJws = /* @__PURE__ */ jwsVerifier(edge, webCrypto, compile);
export const createConfidentialClient = /* @__PURE__ */ confidentialClients(service, webCrypto, compile);
export { AuthError, isAuthError } from "../auth-error.js";
export { responseHeadersOf } from "./dpop.js";
export { guard, honoGuard } from "./guard.js";
export { cacheKeyStore, kvKeyStore, memoryKeyStore } from "./key-store.js";
export { backChannelLogout, readFrontChannelLogout } from "./logout.js";
export { nodeGuard } from "./node-guard.js";
export { durableObjectReplayStore, kvReplayStore, memoryReplayStore, ReplayStoreObject } from "./replay-stores.js";
export { durableObjectStore, kvStore, redisStore, TokenStoreObject } from "./token-stores.js";
export { verifiedOf } from "./verified.js";
export { workloadIdentity } from "./workload-identity.js";
