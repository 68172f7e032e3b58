/** Errors of the shape of a request. */
export default {
  50049: {
    error: "invalid_instance",
    text: () => "Unknown or invalid instance.",
    remedy: "The host is none of this authority's. Name the authority to the library as a known one (`knownAuthorities`).",
  },
  70003: {
    error: "unsupported_grant_type",
    text: (d) => `The grant type '${d.grantType}' is not supported.`,
    remedy: "Check the spelling of `grant_type`.",
  },
  70007: {
    error: "invalid_request",
    text: (d) => `'${d.responseMode}' is not a supported value of 'response_mode'.`,
    remedy: "Use `query`, `fragment` or `form_post`; an ID token never goes into the query.",
  },
  70011: {
    error: "invalid_scope",
    text: (d) => `The provided value for the input parameter 'scope' is not valid. ${d.reason}`,
    remedy: "Name the scopes of one API, or its `/.default` alone.",
  },
  50000: {
    error: "server_error", status: 500,
    text: () => "There was an issue with the sign-in service.",
    remedy: "A fault of this authority, not of the request: its output has the stack.",
  },
  90015: {
    error: "invalid_request", status: 413,
    text: () => "The request is too long.",
    remedy: "Send less: no request of this protocol needs 256 KiB.",
  },
  90023: {
    error: "invalid_request",
    text: (d) => d.reason,
    remedy: "Correct the parameter that the message names.",
  },
  90027: {
    error: "invalid_request",
    text: () => "Tokens are not issued from this API version on the consumers tenant. Use version 2.0 of the protocol.",
    remedy: "Use the v2.0 endpoints for personal accounts.",
  },
  240002: {
    error: "invalid_grant",
    text: () => "An id_token cannot be used as the assertion of the jwt-bearer grant.",
    remedy: "Send an access token as the assertion; an ID token is for the client only.",
  },
  501491: {
    error: "invalid_request",
    text: () => "Invalid size of the code_challenge parameter.",
    remedy: "Send a `code_challenge` of 43 to 128 characters (RFC 7636 section 4.2).",
  },
  700051: {
    error: "unsupported_response_type",
    text: (d) => `response_type '${d.responseType}' is not enabled for the application.`,
    remedy: "Use `response_type=code`. The implicit grant is not here.",
  },
  700054: {
    error: "unsupported_response_type",
    text: () => "response_type 'id_token' is not enabled for the application.",
    remedy: "Use `response_type=code`, or enable ID tokens for the application (`enableIdTokenIssuance`).",
  },
  900144: {
    error: "invalid_request",
    text: (d) => `The request body must contain the following parameter: '${d.parameter}'.`,
    remedy: "Send the parameter. In a token request it belongs in the form-encoded body.",
  },
  900561: {
    error: "invalid_request",
    text: (d) => `The endpoint only accepts POST requests. Received a ${d.method} request.`,
    remedy: "Send a POST request with a form-encoded body.",
  },
  1002012: {
    error: "invalid_scope",
    text: (d) => `The provided value for scope ${d.scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.`,
    remedy: "Ask for `<resource>/.default`: an application gets all its app roles of an API at once.",
  },
  28000: {
    error: "invalid_request",
    text: (d) => `Provided value for the input parameter scope is not valid because it contains more than one resource. Scope ${d.scope} is not valid.`,
    remedy: "Ask for the scopes of one API in a token request. Consent for several goes with the authorization request, and a refresh token gets each API's access token.",
  },
  28003: {
    error: "invalid_request",
    text: () => "Provided value for the input parameter scope cannot be empty when requesting an access token using the provided authorization code. Please specify a valid scope.",
    remedy: "Name the scopes of one API when the code is redeemed: the sign-in asked for several.",
  },
  9001023: {
    error: "invalid_request",
    text: () => "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.",
    remedy: "Use `organizations` or the tenant's own endpoint for the password grant.",
  },
  9010010: {
    error: "invalid_target",
    text: () => "The resource parameter provided in the request doesn't match with the requested scopes.",
    remedy: "Make `resource` equal to an Application ID URI of the API, character for character (none ends in a slash), and name the scopes in full: `<Application ID URI>/<scope>`. The API must accept v2.0 tokens.",
  },
};
