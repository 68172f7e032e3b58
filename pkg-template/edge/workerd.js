// Cloudflare Workers. Each WebAssembly module is imported by a file of its own, so that a Worker has the one that it uses: a bundler
// leaves a file out that nothing is taken from.

export { createConfidentialClient } from "./client-workerd.js";
export { createVerifier, verifyJws } from "./verifier-workerd.js";
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
