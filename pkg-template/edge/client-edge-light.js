// Clients of services on edge-light: `?module` brings the module compiled.

import module from "../wasm/service_bg.wasm?module";
import { confidentialClients } from "./confidential-client.js";
import { webCrypto } from "./web-crypto.js";

export const createConfidentialClient = /* @__PURE__ */ confidentialClients(() => module, webCrypto);
