import { Refusal } from "../refusals.js";
import { readRequest, requireKnownTenant, requireVersionFor, tokenHeaders } from "../request.js";
import { authorizationCode } from "../grants/authorization-code.js";
import { clientCredentials } from "../grants/client-credentials.js";
import { deviceCode } from "../grants/device-code.js";
import { onBehalfOf } from "../grants/on-behalf-of.js";
import { password } from "../grants/password.js";
import { refreshToken } from "../grants/refresh-token.js";

const GRANTS = {
  authorization_code: authorizationCode,
  refresh_token: refreshToken,
  client_credentials: clientCredentials,
  password,
  "urn:ietf:params:oauth:grant-type:jwt-bearer": onBehalfOf,
  "urn:ietf:params:oauth:grant-type:device_code": deviceCode,
  // v1.0 spells it without the prefix.
  device_code: deviceCode,
};

/** `POST /{tenant}/oauth2/token` and `/{tenant}/oauth2/v2.0/token` (RFC 6749 section 3.2). */
export function tokenEndpoint(authority, version) {
  return async (c) => {
    const request = await readRequest(authority, c, version);
    if (request.method !== "POST") throw new Refusal(900561, { method: request.method });
    requireKnownTenant(request);
    requireVersionFor(request.tenant, request);
    if (request.repeated.length) {
      // RFC 6749 section 3.2: parameters must not be included more than once.
      throw new Refusal(90023, { reason: `The parameter '${request.repeated[0]}' is included more than once.` });
    }
    const grantType = request.parameters.grant_type;
    if (!grantType) throw new Refusal(900144, { parameter: "grant_type" });
    const grant = GRANTS[grantType];
    if (!grant) throw new Refusal(70003, { grantType });
    const body = await grant(authority, request);
    return c.json(body, 200, tokenHeaders(request));
  };
}
