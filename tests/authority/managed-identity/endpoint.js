import { Hono } from "hono";
import { applyFaults } from "../control/faults.js";
import { recordRequests } from "../control/record.js";
import { appServiceEndpoint } from "./app-service.js";
import { imdsEndpoint } from "./imds.js";

const APP_SERVICE = "/msi/token";
const IMDS = "/metadata/identity/oauth2/token";

/**
 * Where a program on Azure gets tokens without a credential of its own, in the two shapes that most hosts have. In
 * Azure only the host itself reaches these endpoints, so they have a listener of their own.
 */
export function createIdentityEndpoint(authority) {
  const app = new Hono();
  app.use(recordRequests(authority));
  app.use(applyFaults(authority));
  app.get(APP_SERVICE, appServiceEndpoint(authority));
  app.get(IMDS, imdsEndpoint(authority));
  return app;
}

/** The environment of a program under test, in each of the two shapes. */
export function identityEnvironment({ origins, identityHeader }) {
  return {
    appService: { IDENTITY_ENDPOINT: `${origins.identity}${APP_SERVICE}`, IDENTITY_HEADER: identityHeader },
    imds: { AZURE_POD_IDENTITY_AUTHORITY_HOST: origins.identity },
  };
}
