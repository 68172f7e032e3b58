import { readClaimsRequest } from "../claims-request.js";
import { deviceConfirmPage, deviceDonePage, deviceStartPage } from "../pages/device.js";
import { Refusal } from "../refusals.js";
import { readRequest, requireClient, requireKnownTenant, requireResource, tokenHeaders } from "../request.js";
import { checkScopesExist, readWanted } from "../scopes.js";
import { signInOf } from "../sessions.js";
import { proceed } from "../sign-in/proceed.js";
import { refuse } from "../sign-in/refuse.js";

/** `POST /{tenant}/oauth2/devicecode` and `/{tenant}/oauth2/v2.0/devicecode` (RFC 8628 section 3.1). */
export function deviceCodeEndpoint(authority, version) {
  return async (c) => {
    const request = await readRequest(authority, c, version);
    if (request.method !== "POST") throw new Refusal(900561, { method: request.method });
    requireKnownTenant(request);
    const client = requireClient(authority, request);
    const { parameters } = request;
    const wanted = readWanted(request, authority.directory);
    for (const api of wanted.apis) {
      checkScopesExist(api, client);
      if (request.tenant) requireResource(authority, api, request.tenant);
    }
    const { deviceCode, userCode, lifetime } = authority.deviceCodes.issue({
      client,
      wanted,
      request,
      tenantSegment: request.tenantSegment,
      tenant: request.tenant,
      capabilities: readClaimsRequest(parameters.claims).capabilities,
    });
    const page = `${request.origin}/${request.tenantSegment}/oauth2/deviceauth`;
    const interval = authority.settings.deviceCodeInterval;
    const body = {
      user_code: userCode,
      device_code: deviceCode,
      // v1.0 has strings for numbers and another name for the URL.
      ...(version === 1
        ? { verification_url: page, expires_in: String(lifetime), interval: String(interval) }
        : { verification_uri: page, expires_in: lifetime, interval }),
      message: `To sign in, use a web browser to open the page ${page} and enter the code ${userCode} to authenticate.`,
    };
    return c.json(body, 200, tokenHeaders(request));
  };
}

/** The page where a person types the code; `?otc=` fills it in. */
export function deviceAuthPage(authority) {
  return async (c) => {
    const request = await readRequest(authority, c, 2);
    if (request.method !== "POST") return deviceStartPage(c, { tenantSegment: request.tenantSegment, code: request.parameters.otc });
    const entry = authority.deviceCodes.findByUserCode(request.parameters.otc);
    if (!entry) {
      const error = "That code didn't work. Check the code and try again, or get a new one from your app or device.";
      return deviceStartPage(c, { tenantSegment: request.tenantSegment, code: request.parameters.otc, error });
    }
    const transaction = openTransaction(authority, request, entry);
    try {
      return await proceed(authority, c, transaction);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return refuse(authority, c, transaction, error);
    }
  };
}

function openTransaction(authority, request, entry) {
  return authority.transactions.open({
    kind: "device",
    request,
    client: entry.client,
    wanted: entry.wanted,
    claimsRequest: readClaimsRequest(undefined),
    tenantSegment: entry.tenantSegment,
    tenant: entry.tenant,
    prompt: "select_account",
    complete(c, transaction) {
      const confirmation = authority.transactions.open(transaction);
      return deviceConfirmPage(c, confirmation);
    },
    confirm(c, transaction, accepted) {
      authority.transactions.close(transaction);
      if (accepted) authority.deviceCodes.approve(entry, signInOf(transaction), transaction.signedInTenant);
      else authority.deviceCodes.decline(entry);
      return deviceDonePage(c, { accepted, client: entry.client });
    },
  });
}
