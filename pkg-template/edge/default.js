// Any other runtime: the module is fetched from beside this file. A failed load is not remembered.

import init from "../wasm/edge.js";
import { confidentialClients } from "./confidential-client.js";
import { bind } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

const load = () => init({ module_or_path: new URL("../wasm/edge_bg.wasm", import.meta.url) });

export const { createVerifier } = bind(load, webCrypto);
export const createConfidentialClient = /* @__PURE__ */ confidentialClients(load, webCrypto);
export { AuthError, isAuthError } from "../auth-error.js";
