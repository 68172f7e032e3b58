// The cases, the same in every runtime.

import "./cases/signatures.js";
import "./cases/secret.js";
import "./cases/jws.js";
import "./cases/compact-serialization.js";
import "./cases/claims.js";
import "./cases/key-selection.js";
import "./cases/discovery.js";
import "./cases/requirements.js";
import "./cases/rules.js";
import "./cases/remembering.js";
import "./cases/entra.js";
import "./cases/authenticate.js";
import "./cases/bound.js";
import "./cases/dpop.js";
import "./cases/certificate.js";
import "./cases/logout.js";
import "./cases/hosts.js";
import "./cases/guard.js";
import "./cases/concurrency.js";

export { cases, runCase } from "./cases/case.js";
