// The cases, the same in every runtime.

import "./cases/client-credentials.js";

export { cases, runCase } from "../edge/cases/case.js";
