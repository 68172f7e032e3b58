/** Errors of Azure AD B2C, which have names of their own. */
export default {
  AADB2C90088: {
    error: "invalid_grant",
    text: (d) => `The provided grant has not been issued for this endpoint. Actual Value : ${d.actual} and Expected Value : ${d.expected}`,
    remedy: "Redeem a code or refresh token at the policy that it came from.",
  },
  AADB2C90205: {
    error: "server_error",
    text: () => "This application does not have sufficient permissions against this web resource to perform the operation.",
    remedy: "Consent for the application as the administrator (`consents`): people do not consent at B2C.",
  },
};
