// The module of services.

import { initSync } from "../wasm/service.js";
import { loader } from "./instantiate.js";

export const serviceModule = /* @__PURE__ */ loader(initSync);
