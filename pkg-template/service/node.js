// Node, Deno and Bun: the module is a text in the script. Bundlers for servers lose files, and a file could not be read without a
// permission.

import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { inflateRawSync } from "node:zlib";

import { compile } from "../compile.js";
import { confidentialClients } from "../edge/confidential-client.js";
import { DEFLATED } from "../wasm/service-inlined.js";

const module = () => inflateRawSync(Buffer.from(DEFLATED, "base64"));
const host = { sharesPromises: true, readFile };

export const createConfidentialClient = /* @__PURE__ */ confidentialClients(module, host, compile);
export { AuthError, isAuthError } from "../auth-error.js";
export { durableObjectStore, kvStore, redisStore, TokenStoreObject } from "../edge/token-stores.js";
export { workloadIdentity } from "../edge/workload-identity.js";
