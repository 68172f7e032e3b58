// Cloudflare Workers: the modules arrive compiled.

import module from "../wasm/edge_bg.wasm";
import { waitUntil } from "./background.js";
import { verifiers } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

const host = /* @__PURE__ */ Object.assign({ waitUntil }, webCrypto);

export const createVerifier = /* @__PURE__ */ verifiers(() => module, host);
export * from "../service/workerd.js";
