/**
 * Every refusal that the authority gives, by its AADSTS code: the OAuth error it travels under, the
 * HTTP status and the sentence. Codes and their meaning: Microsoft Entra "Authentication and
 * authorization error codes". `error` and `suberror` follow recorded answers of the service.
 */
const REFUSALS = {
  // sign-in and session
  16000: { error: "interaction_required", text: () => "More than one account is signed in and the request names none of them." },
  50020: { error: "invalid_grant", text: (d) => `User account '${d.user}' from identity provider '${d.idp}' does not exist in tenant '${d.tenant}' and cannot use the application '${d.client}' there. Add the account as an external user first.` },
  50034: { error: "invalid_grant", text: (d) => `The user account ${d.user} does not exist in the ${d.tenant} directory.` },
  50058: { error: "login_required", text: () => "A silent sign-in request was sent but no user is signed in." },
  50105: { error: "access_denied", text: (d) => `The signed in user '${d.user}' is not assigned to a role for the application '${d.client}'(${d.name}).` },
  50126: { error: "invalid_grant", text: () => "The user name or the password is not right." },
  90072: { error: "invalid_grant", text: (d) => `User account '${d.user}' from external identity provider '${d.idp}' does not exist in tenant '${d.tenant}' and cannot use the application '${d.client}' there. Add the account as an external user first.` },

  // Conditional Access
  50076: { error: "interaction_required", suberror: "basic_action", text: (d) => `Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '${d.resource}'.` },
  50079: { error: "interaction_required", suberror: "basic_action", text: (d) => `Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access '${d.resource}'.` },
  53000: { error: "interaction_required", suberror: "message_only", text: () => "The device is not in the state that Conditional Access asks for: it is not compliant." },
  53001: { error: "interaction_required", suberror: "message_only", text: () => "The device is not in the state that Conditional Access asks for: it is not domain joined." },
  53002: { error: "interaction_required", suberror: "message_only", text: () => "The application used is not an approved application for Conditional Access." },
  53003: { error: "interaction_required", suberror: "message_only", text: () => "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance." },
  53004: { error: "interaction_required", suberror: "message_only", text: () => "The user must register for multi-factor authentication, and is kept from it because of risk." },

  // consent
  65001: { error: "invalid_grant", suberror: "consent_required", text: (d) => `The user or administrator has not consented to use the application with ID '${d.client}' named '${d.name}'. Send an interactive authorization request for this user and resource.` },
  65004: { error: "access_denied", text: () => "User declined to consent to access the app." },
  90094: { error: "access_denied", text: (d) => `The permissions asked for by '${d.name}' need the consent of an administrator.` },
  650053: { error: "invalid_client", text: (d) => `The application '${d.name}' asked for scope '${d.scope}' that doesn't exist on the resource '${d.resource}'.` },

  // applications, resources, tenants, redirects
  50011: { error: "invalid_request", text: (d) => `The redirect URI '${d.redirectUri}' specified in the request does not match the redirect URIs configured for the application '${d.client}'.` },
  50059: { error: "invalid_request", text: () => "No tenant-identifying information found in either the request or implied by any provided credentials." },
  50194: { error: "invalid_request", text: (d) => `Application '${d.client}'(${d.name}) is not configured as a multi-tenant application. Use a tenant-specific endpoint or configure the application to be multi-tenant.` },
  90002: { error: "invalid_request", text: (d) => `Tenant '${d.tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.` },
  500011: { error: "invalid_resource", text: (d) => `The resource principal named ${d.resource} was not found in the tenant named ${d.tenant}.` },
  501051: { error: "invalid_grant", text: (d) => `Application '${d.client}'(${d.name}) is not assigned to a role for the application '${d.resource}'.` },
  700016: { error: "unauthorized_client", text: (d) => `Application with identifier '${d.client}' was not found in the directory '${d.tenant}'.` },
  9002332: { error: "invalid_request", text: (d) => `Application '${d.client}'(${d.name}) is configured for use by Microsoft Entra users only. Do not use the /consumers endpoint for it.` },

  // the shape of a request
  50049: { error: "invalid_instance", text: () => "Unknown or invalid instance." },
  70003: { error: "unsupported_grant_type", text: (d) => `The grant type '${d.grantType}' is not supported.` },
  70007: { error: "invalid_request", text: (d) => `'${d.responseMode}' is not a supported value of 'response_mode'.` },
  70011: { error: "invalid_scope", text: (d) => `The provided value for the input parameter 'scope' is not valid. ${d.reason}` },
  50000: { error: "server_error", status: 500, text: () => "There was an issue with the sign-in service." },
  90015: { error: "invalid_request", status: 413, text: () => "The request is too long." },
  90023: { error: "invalid_request", text: (d) => d.reason },
  90027: { error: "invalid_request", text: () => "Tokens are not issued from this API version on the consumers tenant. Use version 2.0 of the protocol." },
  240002: { error: "invalid_grant", text: () => "An id_token cannot be used as the assertion of the jwt-bearer grant." },
  501491: { error: "invalid_request", text: () => "Invalid size of the code_challenge parameter." },
  700051: { error: "unsupported_response_type", text: (d) => `response_type '${d.responseType}' is not enabled for the application.` },
  700054: { error: "unsupported_response_type", text: () => "response_type 'id_token' is not enabled for the application." },
  900144: { error: "invalid_request", text: (d) => `The request body must contain the following parameter: '${d.parameter}'.` },
  900561: { error: "invalid_request", text: (d) => `The endpoint only accepts POST requests. Received a ${d.method} request.` },
  1002012: { error: "invalid_scope", text: (d) => `The provided value for scope ${d.scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.` },

  // client authentication
  50027: { error: "invalid_request", text: (d) => `JWT token is invalid or malformed. ${d.reason ?? ""}` },
  50048: { error: "invalid_client", status: 401, text: () => "Subject must match the issuer claim in the client assertion." },
  700021: { error: "invalid_client", status: 401, text: () => "Client assertion application identifier doesn't match the 'client_id' parameter." },
  700023: { error: "invalid_client", status: 401, text: () => "Client assertion audience claim does not match the realm issuer." },
  700024: { error: "invalid_client", status: 401, text: (d) => `Client assertion is not within its valid time range. ${d.reason ?? ""}` },
  700025: { error: "invalid_client", status: 401, text: () => "Client is public so neither 'client_assertion' nor 'client_secret' should be presented." },
  700027: { error: "invalid_client", status: 401, text: (d) => `The certificate with identifier used to sign the client assertion is not registered on the application, or the signature is not valid. [Reason - ${d.reason}]` },
  700030: { error: "invalid_client", status: 401, text: () => "Invalid certificate: the subject name in the certificate is not authorized." },
  700211: { error: "invalid_client", status: 401, text: (d) => `No matching federated identity record found for presented assertion issuer '${d.issuer}'.` },
  700212: { error: "invalid_client", status: 401, text: (d) => `No matching federated identity record found for presented assertion audience '${d.audience}'.` },
  700213: { error: "invalid_client", status: 401, text: (d) => `No matching federated identity record found for presented assertion subject '${d.subject}'.` },
  7000215: { error: "invalid_client", status: 401, text: (d) => `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${d.client}'.` },
  7000218: { error: "invalid_client", status: 401, text: () => "The request body must contain the following parameter: 'client_assertion' or 'client_secret'." },
  7000222: { error: "invalid_client", status: 401, text: (d) => `The provided client secret keys for app '${d.client}' are expired.` },
  9002325: { error: "invalid_request", text: () => "Proof Key for Code Exchange is required for cross-origin authorization code redemption." },
  9002326: { error: "invalid_request", text: () => "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type." },
  9002327: { error: "invalid_request", text: () => "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests." },

  // grants
  50013: { error: "invalid_grant", text: (d) => `Assertion failed signature validation or is malformed. ${d.reason ?? ""}` },
  50173: { error: "invalid_grant", suberror: "bad_token", text: (d) => `The provided grant has expired due to it being revoked, a fresh auth token is needed. The grant was issued on '${d.issued}' and the TokensValidFrom date for this user is '${d.revoked}'.` },
  50196: { error: "invalid_grant", text: () => "The server terminated an operation because it encountered a client request loop. The same request was sent too often." },
  54005: { error: "invalid_grant", text: () => "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token." },
  70000: { error: "invalid_grant", text: () => "The provided value for the grant is not valid: it is malformed, unknown, or was issued to another client." },
  70008: { error: "invalid_grant", text: () => "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource." },
  70016: { error: "authorization_pending", text: () => "OAuth 2.0 device flow error. Authorization is pending. Continue polling." },
  70018: { error: "bad_verification_code", text: () => "The device_code is not one that was issued." },
  70019: { error: "expired_token", text: () => "The verification code has expired." },
  500131: { error: "invalid_grant", text: (d) => `Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was '${d.audience}' and the expected audience is '${d.expected}'.` },
  500133: { error: "invalid_grant", text: () => "Assertion is not within its valid time range." },
  501481: { error: "invalid_grant", text: () => "The Code_Verifier does not match the code_challenge supplied in the authorization request." },
  700005: { error: "invalid_grant", text: () => "The authorization code is intended for use against another tenant." },
  700082: { error: "invalid_grant", suberror: "bad_token", text: (d) => `The refresh token has expired due to inactivity. The token was issued on ${d.issued} and was inactive for 90.00:00:00.` },
  700084: { error: "invalid_grant", suberror: "bad_token", text: (d) => `The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which cannot be extended. It is now expired. The token was issued on ${d.issued}.` },
  7000114: { error: "invalid_grant", text: (d) => `Application '${d.client}' is not allowed to make application on-behalf-of calls.` },
};

export const AADSTS_CODES = Object.keys(REFUSALS).map(Number);

/** A request refused for a reason that the caller is told. */
export class Refusal extends Error {
  /**
   * @param {number} code an AADSTS code of the table
   * @param {object} [details] what the sentence names; never a secret
   * @param {{ error?: string, suberror?: string, claims?: string, status?: number }} [instead] what differs from the table here
   */
  constructor(code, details = {}, instead = {}) {
    const entry = { ...REFUSALS[code], ...instead };
    super(`AADSTS${code}: ${REFUSALS[code].text(details).trim()}`);
    this.code = code;
    this.error = entry.error;
    this.suberror = entry.suberror;
    this.claims = instead.claims;
    this.status = entry.status ?? 400;
  }
}

/** The documented JSON of an error answer ("Handling error codes in your application"). */
export function errorBody(refusal, { clock, origin, traceId, correlationId }) {
  const timestamp = clock.timestamp();
  return {
    error: refusal.error,
    error_description: describe(refusal, { timestamp, traceId, correlationId }),
    error_codes: [refusal.code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `${origin}/error?code=${refusal.code}`,
    ...(refusal.suberror && { suberror: refusal.suberror }),
    ...(refusal.claims && { claims: refusal.claims }),
  };
}

/** The parameters of an error that travels on a redirect (RFC 6749 section 4.1.2.1). */
export function errorParameters(refusal, { clock, origin, traceId, correlationId }) {
  return {
    error: refusal.error,
    error_description: describe(refusal, { timestamp: clock.timestamp(), traceId, correlationId }),
    error_uri: `${origin}/error?code=${refusal.code}`,
    ...(refusal.suberror && { suberror: refusal.suberror }),
    ...(refusal.claims && { claims: refusal.claims }),
  };
}

function describe(refusal, { timestamp, traceId, correlationId }) {
  return `${refusal.message}\r\nTrace ID: ${traceId}\r\nCorrelation ID: ${correlationId}\r\nTimestamp: ${timestamp}`;
}
