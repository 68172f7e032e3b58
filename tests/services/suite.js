// The cases, the same in every runtime.

import "./cases/client-credentials.js";
import "./cases/credentials.js";
import "./cases/on-behalf-of.js";
import "./cases/cache.js";
import "./cases/fetch.js";
import "./cases/sign-in.js";

export { cases, runCase } from "../edge/cases/case.js";
