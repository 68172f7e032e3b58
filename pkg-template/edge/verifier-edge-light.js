// Verifiers on edge-light: `?module` brings the module compiled.

import module from "../wasm/edge_bg.wasm?module";
import { verifiers } from "./edge.js";
import { jwsVerifier } from "./jws.js";
import { webCrypto } from "./web-crypto.js";

export const createVerifier = /* @__PURE__ */ verifiers(() => module, webCrypto);
export const verifyJws = /* @__PURE__ */ jwsVerifier(() => module, webCrypto);
