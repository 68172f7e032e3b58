// The cases, the same in every runtime.

import "./cases/signatures.js";

export { cases, runCase } from "./cases/case.js";
