// Node, Deno and Bun: crypto is synchronous, and the modules are texts in the script. Bundlers for servers lose files, and a file
// could not be read without a permission.

import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { inflateRawSync } from "node:zlib";

import { compile } from "../compile.js";
import { DEFLATED as EDGE } from "../wasm/edge-inlined.js";
import { DEFLATED as SERVICE } from "../wasm/service-inlined.js";
import { confidentialClients } from "./confidential-client.js";
import { verifiers } from "./edge.js";
import { jwsVerifier } from "./jws.js";
import { nodeCrypto } from "./node-crypto.js";

const inflate = (text) => inflateRawSync(Buffer.from(text, "base64"));

export const createVerifier = /* @__PURE__ */ verifiers(() => inflate(EDGE), nodeCrypto, compile);
export const verifyJws = /* @__PURE__ */ jwsVerifier(() => inflate(EDGE), nodeCrypto, compile);
export const createConfidentialClient = /* @__PURE__ */ confidentialClients(() => inflate(SERVICE), { ...nodeCrypto, readFile }, compile);
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
