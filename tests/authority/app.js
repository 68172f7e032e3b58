import { Hono } from "hono";
import { cors } from "hono/cors";
import { limitBody } from "./body-limit.js";
import { applyFaults } from "./control/faults.js";
import { recordRequests } from "./control/record.js";
import { adminConsentEndpoint } from "./endpoints/adminconsent.js";
import { authorizeEndpoint } from "./endpoints/authorize.js";
import { deviceAuthPage, deviceCodeEndpoint } from "./endpoints/devicecode.js";
import { discoveryEndpoint, instanceDiscoveryEndpoint, keysEndpoint, userRealmEndpoint } from "./endpoints/discovery.js";
import { errorCodeEndpoint, errorResponse, notFound } from "./endpoints/errors.js";
import { meEndpoint, memberObjectsEndpoint, userInfoEndpoint, version1UserInfoEndpoint } from "./endpoints/graph.js";
import { logoutEndpoint } from "./endpoints/logout.js";
import { tokenEndpoint } from "./endpoints/token.js";
import { Refusal } from "./refusals.js";
import { signInStep } from "./sign-in/steps.js";

/** Read by scripts of other origins. The authorize endpoint is not among them (RFC 9700 section 2.6). */
const OPEN = [
  "/:tenant/oauth2/token", "/:tenant/oauth2/v2.0/token", "/:tenant/:policy/oauth2/v2.0/token", "/tfp/:tenant/:policy/oauth2/v2.0/token",
  "/:tenant/oauth2/devicecode", "/:tenant/oauth2/v2.0/devicecode",
  "/:tenant/discovery/*", "/:tenant/:policy/discovery/*", "/tfp/:tenant/:policy/discovery/*",
  "/:tenant/.well-known/*", "/:tenant/v2.0/.well-known/*", "/:tenant/:policy/v2.0/.well-known/*", "/tfp/:tenant/:policy/v2.0/.well-known/*",
  "/v1.0/*", "/oidc/userinfo", "/:tenant/openid/userinfo",
];

/** The endpoints of the authority: v1.0 and v2.0 side by side, and those of B2C with a policy in the path. */
export function createApp(authority) {
  const app = new Hono();
  app.onError(errorResponse);
  app.notFound(notFound);
  app.use(limitBody(tooLong));
  app.use(recordRequests(authority));
  app.use(applyFaults(authority));
  const open = cors({ origin: "*", allowMethods: ["GET", "POST", "OPTIONS"], exposeHeaders: ["x-ms-request-id", "client-request-id", "Retry-After", "WWW-Authenticate"] });
  for (const path of OPEN) app.use(path, open);

  app.get("/error", errorCodeEndpoint);
  app.get("/common/discovery/instance", instanceDiscoveryEndpoint(authority));
  // msal and adal differ in the letter case.
  for (const path of ["/common/userrealm/:user", "/common/UserRealm/:user"]) app.get(path, userRealmEndpoint(authority));
  app.get("/v1.0/me", meEndpoint(authority));
  app.post("/v1.0/users/:id/getMemberObjects", memberObjectsEndpoint(authority));
  app.on(["GET", "POST"], "/oidc/userinfo", userInfoEndpoint(authority));
  app.on(["GET", "POST"], "/:tenant/openid/userinfo", version1UserInfoEndpoint(authority));
  app.post("/signin/:step", signInStep(authority));
  app.on(["GET", "POST"], "/:tenant/oauth2/deviceauth", deviceAuthPage(authority));

  protocol(app, authority, { version: 1, oauth2: "/:tenant/oauth2", metadata: "/:tenant", keys: "/:tenant/discovery/keys" });
  for (const tenant of ["/:tenant", "/:tenant/:policy", "/tfp/:tenant/:policy"]) {
    protocol(app, authority, { version: 2, oauth2: `${tenant}/oauth2/v2.0`, metadata: `${tenant}/v2.0`, keys: `${tenant}/discovery/v2.0/keys` });
  }
  return app;
}

/** The endpoints of one version, which are at the same places in each. */
function protocol(app, authority, { version, oauth2, metadata, keys }) {
  app.on(["GET", "POST"], `${oauth2}/authorize`, authorizeEndpoint(authority, version));
  app.on(["GET", "POST", "PUT", "DELETE"], `${oauth2}/token`, tokenEndpoint(authority, version));
  app.on(["GET", "POST"], `${oauth2}/devicecode`, deviceCodeEndpoint(authority, version));
  app.on(["GET", "POST"], `${oauth2}/logout`, logoutEndpoint(authority, version));
  app.get(`${metadata}/.well-known/openid-configuration`, discoveryEndpoint(authority, version));
  app.get(`${metadata}/adminconsent`, adminConsentEndpoint(authority, version));
  app.get(keys, keysEndpoint(authority, version));
}

/** The rest of the body is not read; the connection ends with the response. */
function tooLong(c) {
  c.header("Connection", "close");
  return errorResponse(new Refusal(90015), c);
}
