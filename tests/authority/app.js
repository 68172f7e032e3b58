import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { applyFaults } from "./control/faults.js";
import { recordRequests } from "./control/record.js";
import { adminConsentEndpoint } from "./endpoints/adminconsent.js";
import { authorizeEndpoint } from "./endpoints/authorize.js";
import { deviceAuthPage, deviceCodeEndpoint } from "./endpoints/devicecode.js";
import { discoveryEndpoint, instanceDiscoveryEndpoint, keysEndpoint } from "./endpoints/discovery.js";
import { meEndpoint, memberObjectsEndpoint, userInfoEndpoint } from "./endpoints/graph.js";
import { logoutEndpoint } from "./endpoints/logout.js";
import { answerRefusal, tokenEndpoint } from "./endpoints/token.js";
import { errorPage } from "./pages/error.js";
import { Refusal } from "./refusals.js";
import { signInStep } from "./sign-in/steps.js";

const LONGEST_BODY = 256 * 1024;

/** The rest of the body is not read; the connection ends with the answer. */
function tooLong(c) {
  c.header("Connection", "close");
  return answerRefusal(new Refusal(90015), c);
}

/** The addresses of the authority, v1.0 and v2.0 side by side. */
export function createApp(authority) {
  const app = new Hono();
  app.onError(answerRefusal);
  app.notFound((c) => errorPage(c, { title: "There is nothing here", message: `${c.req.method} ${c.req.path} is not an address of this authority.` }));
  app.use(bodyLimit({ maxSize: LONGEST_BODY, onError: tooLong }));
  app.use(recordRequests(authority));
  app.use(applyFaults(authority));

  // What scripts of other origins read. The authorize endpoint is not among them (RFC 9700 section 2.6).
  const open = cors({ origin: "*", allowMethods: ["GET", "POST", "OPTIONS"], exposeHeaders: ["x-ms-request-id", "client-request-id", "Retry-After", "WWW-Authenticate"] });
  for (const path of ["/:tenant/oauth2/token", "/:tenant/oauth2/v2.0/token", "/:tenant/oauth2/devicecode", "/:tenant/oauth2/v2.0/devicecode", "/:tenant/discovery/*", "/:tenant/.well-known/*", "/:tenant/v2.0/.well-known/*", "/v1.0/*", "/oidc/userinfo"]) {
    app.use(path, open);
  }

  app.get("/common/discovery/instance", instanceDiscoveryEndpoint(authority));
  app.get("/v1.0/me", meEndpoint(authority));
  app.post("/v1.0/users/:id/getMemberObjects", memberObjectsEndpoint(authority));
  app.on(["GET", "POST"], "/oidc/userinfo", userInfoEndpoint(authority));
  app.post("/signin/:step", signInStep(authority));

  for (const [version, oauth2, prefix, keys] of [
    [1, "/:tenant/oauth2", "/:tenant", "/:tenant/discovery/keys"],
    [2, "/:tenant/oauth2/v2.0", "/:tenant/v2.0", "/:tenant/discovery/v2.0/keys"],
  ]) {
    app.on(["GET", "POST"], `${oauth2}/authorize`, authorizeEndpoint(authority, version));
    app.on(["GET", "POST", "PUT", "DELETE"], `${oauth2}/token`, tokenEndpoint(authority, version));
    app.post(`${oauth2}/devicecode`, deviceCodeEndpoint(authority, version));
    app.on(["GET", "POST"], `${oauth2}/logout`, logoutEndpoint(authority, version));
    app.get(`${prefix}/.well-known/openid-configuration`, discoveryEndpoint(authority, version));
    app.get(`${prefix}/adminconsent`, adminConsentEndpoint(authority, version));
    app.get(keys, keysEndpoint(authority, version));
  }
  app.on(["GET", "POST"], "/:tenant/oauth2/deviceauth", deviceAuthPage(authority));
  return app;
}
