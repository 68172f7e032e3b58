// The cases, the same in every runtime.

import "./cases/sign-in.js";
import "./cases/bad-responses.js";
import "./cases/device-code.js";
import "./cases/tokens.js";
import "./cases/cache.js";

export { cases, runCase } from "../edge/cases/case.js";
