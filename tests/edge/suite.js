// The cases, the same in every runtime.

import "./cases/signatures.js";
import "./cases/compact-serialization.js";
import "./cases/claims.js";
import "./cases/key-selection.js";

export { cases, runCase } from "./cases/case.js";
