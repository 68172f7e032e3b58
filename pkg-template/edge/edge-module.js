// The module that verifies.

import { initSync } from "../wasm/edge.js";
import { loader } from "./instantiate.js";

export const edgeModule = /* @__PURE__ */ loader(initSync);
