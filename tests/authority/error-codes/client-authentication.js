/** Errors of client authentication. */
export default {
  50027: {
    error: "invalid_request",
    text: (d) => `JWT token is invalid or malformed. ${d.reason ?? ""}`,
    remedy: "Check the assertion: a JWT, signed with PS256, whose `aud` is a single string.",
  },
  50048: {
    error: "invalid_client", status: 401,
    text: () => "Subject must match the issuer claim in the client assertion.",
    remedy: "`iss` and `sub` of a client assertion are both the client id.",
  },
  700021: {
    error: "invalid_client", status: 401,
    text: () => "Client assertion application identifier doesn't match the 'client_id' parameter.",
    remedy: "`iss` and `sub` of a client assertion are the `client_id` of the request.",
  },
  700023: {
    error: "invalid_client", status: 401,
    text: () => "Client assertion audience claim does not match the realm issuer.",
    remedy: "`aud` of the assertion is the token endpoint or the issuer of the tenant, as its metadata has it.",
  },
  700024: {
    error: "invalid_client", status: 401,
    text: (d) => `Client assertion is not within its valid time range. ${d.reason ?? ""}`,
    remedy: "Make a new assertion. If it was new, the clocks differ by more than five minutes.",
  },
  700025: {
    error: "invalid_client", status: 401,
    text: () => "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    remedy: "Send no secret and no assertion: the redirect URI belongs to a public client.",
  },
  700027: {
    error: "invalid_client", status: 401,
    text: (d) => `The certificate with identifier used to sign the client assertion is not registered on the application, or the signature is not valid. [Reason - ${d.reason}]`,
    remedy: "Sign with the key of a certificate that is registered, and put its SHA-256 thumbprint in `x5t#S256`.",
  },
  700030: {
    error: "invalid_client", status: 401,
    text: () => "Invalid certificate: the subject name in the certificate is not authorized.",
    remedy: "Use a certificate whose subject and issuer the registration trusts (`trustedCertificateSubjects`).",
  },
  700211: {
    error: "invalid_client", status: 401,
    text: (d) => `No matching federated identity record found for presented assertion issuer '${d.issuer}'.`,
    remedy: "Add a federated credential with exactly this issuer. Letter case counts.",
  },
  700212: {
    error: "invalid_client", status: 401,
    text: (d) => `No matching federated identity record found for presented assertion audience '${d.audience}'.`,
    remedy: "Ask the other provider for a token with the audience of the federated credential, `api://AzureADTokenExchange`.",
  },
  700213: {
    error: "invalid_client", status: 401,
    text: (d) => `No matching federated identity record found for presented assertion subject '${d.subject}'.`,
    remedy: "Add a federated credential with exactly this subject. Letter case counts.",
  },
  7000215: {
    error: "invalid_client", status: 401,
    text: (d) => `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${d.client}'.`,
    remedy: "Send the value of the secret, not its id. In a Basic header it is form-encoded.",
  },
  7000218: {
    error: "invalid_client", status: 401,
    text: () => "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    remedy: "A confidential client must authenticate. A public client needs a redirect URI of type `native` or `spa`, or `isFallbackPublicClient`.",
  },
  7000222: {
    error: "invalid_client", status: 401,
    text: (d) => `The provided client secret keys for app '${d.client}' are expired.`,
    remedy: "Use a secret whose `endDateTime` has not passed.",
  },
  9002325: {
    error: "invalid_request",
    text: () => "Proof Key for Code Exchange is required for cross-origin authorization code redemption.",
    remedy: "Send `code_challenge` with the authorization request and `code_verifier` with the token request.",
  },
  9002326: {
    error: "invalid_request",
    text: () => "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.",
    remedy: "Register the redirect URI under `spa`, or send the token request from a server, without `Origin`.",
  },
  9002327: {
    error: "invalid_request",
    text: () => "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
    remedy: "Send the token request from the browser page, with its `Origin`; or register the redirect URI under another type.",
  },
};
