// Any other runtime: the modules are fetched from beside this file.

import { compile } from "../compile.js";
import { verifiers } from "./edge.js";
import { webCrypto } from "./web-crypto.js";

const module = () => new URL("../wasm/edge_bg.wasm", import.meta.url);

export const createVerifier = /* @__PURE__ */ verifiers(module, webCrypto, compile);
export * from "../service/default.js";
