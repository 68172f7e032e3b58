// The cases, the same in every runtime.

import "./cases/client-credentials.js";
import "./cases/credentials.js";
import "./cases/identity.js";
import "./cases/openid-provider.js";
import "./cases/outage.js";
import "./cases/on-behalf-of.js";
import "./cases/cache.js";
import "./cases/consent.js";
import "./cases/refusals.js";
import "./cases/fetch.js";
import "./cases/sign-in.js";

export { cases, runCase } from "../edge/cases/case.js";
