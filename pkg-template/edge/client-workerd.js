// Clients of services on Cloudflare Workers, where modules arrive compiled.

import module from "../wasm/service_bg.wasm";
import { confidentialClients } from "./confidential-client.js";
import { host } from "./host-workerd.js";

export const createConfidentialClient = /* @__PURE__ */ confidentialClients(() => module, host);
