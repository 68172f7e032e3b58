// Verifiers on Cloudflare Workers, where modules arrive compiled.

import module from "../wasm/edge_bg.wasm";
import { verifiers } from "./edge.js";
import { host } from "./host-workerd.js";
import { jwsVerifier } from "./jws.js";

export const createVerifier = /* @__PURE__ */ verifiers(() => module, host);
export const verifyJws = /* @__PURE__ */ jwsVerifier(() => module, host);
