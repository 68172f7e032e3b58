/** Errors of codes, tokens and assertions. */
export default {
  50013: {
    error: "invalid_grant",
    text: (d) => `Assertion failed signature validation or is malformed. ${d.reason ?? ""}`,
    remedy: "Send the access token as it was received. It must be this authority's, for a user, and not from an application with its own signing keys.",
  },
  50173: {
    error: "invalid_grant", suberror: "bad_token",
    text: (d) => `The provided grant has expired due to it being revoked, a fresh auth token is needed. The grant was issued on '${d.issued}' and the TokensValidFrom date for this user is '${d.revoked}'.`,
    remedy: "Sign the user in again.",
  },
  50196: {
    error: "invalid_grant",
    text: () => "The server terminated an operation because it encountered a client request loop. The same request was sent too often.",
    remedy: "The client repeats one refresh request. Keep the tokens it gets.",
  },
  54005: {
    error: "invalid_grant",
    text: () => "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
    remedy: "A code works once. Sign in again, or use the refresh token of the first redemption.",
  },
  70000: {
    error: "invalid_grant",
    text: () => "The provided value for the grant is not valid: it is malformed, unknown, or was issued to another client.",
    remedy: "Use a code or refresh token that this authority gave to this client since it started.",
  },
  70008: {
    error: "invalid_grant",
    text: () => "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
    remedy: "Codes last ten minutes. Sign in again.",
  },
  70016: {
    error: "authorization_pending",
    text: () => "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    remedy: "Expected: the person has not finished. Poll again after `interval` seconds.",
  },
  70018: {
    error: "bad_verification_code",
    text: () => "The device_code is not one that was issued.",
    remedy: "Send the `device_code` as it was received. It works once.",
  },
  70019: {
    error: "expired_token",
    text: () => "The verification code has expired.",
    remedy: "Device codes last 15 minutes. Start again.",
  },
  500131: {
    error: "invalid_grant",
    text: (d) => `Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was '${d.audience}' and the expected audience is '${d.expected}'.`,
    remedy: "The assertion's audience must be the API that presents it. Was it meant for another one?",
  },
  500133: {
    error: "invalid_grant",
    text: () => "Assertion is not within its valid time range.",
    remedy: "The caller's token has expired. Respond to the caller with 401, so that it sends a new one.",
  },
  501481: {
    error: "invalid_grant",
    text: () => "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
    remedy: "Send the verifier that the challenge was made of.",
  },
  700005: {
    error: "invalid_grant",
    text: () => "The authorization code is intended for use against another tenant.",
    remedy: "Redeem the code at the tenant where the sign-in started.",
  },
  700082: {
    error: "invalid_grant", suberror: "bad_token",
    text: (d) => `The refresh token has expired due to inactivity. The token was issued on ${d.issued} and was inactive for 90.00:00:00.`,
    remedy: "Sign the user in again: the refresh token was not used for 90 days.",
  },
  700084: {
    error: "invalid_grant", suberror: "bad_token",
    text: (d) => `The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which cannot be extended. It is now expired. The token was issued on ${d.issued}.`,
    remedy: "Sign the user in again: refresh tokens of single-page apps last 24 hours, however often they are renewed.",
  },
  7000114: {
    error: "invalid_grant",
    text: (d) => `Application '${d.client}' is not allowed to make application on-behalf-of calls.`,
    remedy: "On-behalf-of is for users. Use client credentials in place of an app-only token.",
  },
  9002313: {
    error: "invalid_grant",
    text: () => "Invalid request. Request is malformed or invalid.",
    remedy: "The code or refresh token was changed on its way: shortened, put into lower case, or decoded twice. Send it as it was received.",
  },
};
