// The edge-light condition of Next.js and Vercel: `?module` brings the modules compiled.

import module from "../wasm/edge_bg.wasm?module";
import { verifiers } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

export const createVerifier = /* @__PURE__ */ verifiers(() => module, webCrypto);
export * from "../service/edge-light.js";
