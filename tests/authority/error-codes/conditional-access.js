/** Errors of Conditional Access policies. */
export default {
  50076: {
    error: "interaction_required", suberror: "basic_action",
    text: (d) => `Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '${d.resource}'.`,
    remedy: "Send an interactive request with the `claims` of this response; the sign-in page then asks for the second factor.",
  },
  50079: {
    error: "interaction_required", suberror: "basic_action",
    text: (d) => `Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access '${d.resource}'.`,
    remedy: "The user has no second factor yet (`mfa` of the user is false). An interactive request cannot help here.",
  },
  53000: {
    error: "interaction_required", suberror: "message_only",
    text: () => "The device is not in the state that Conditional Access asks for: it is not compliant.",
    remedy: "The policy asks for a compliant device. Take it away, or use an account that it does not apply to.",
  },
  53001: {
    error: "interaction_required", suberror: "message_only",
    text: () => "The device is not in the state that Conditional Access asks for: it is not domain joined.",
    remedy: "The policy asks for a device of the domain. Take it away, or use an account that it does not apply to.",
  },
  53002: {
    error: "interaction_required", suberror: "message_only",
    text: () => "The application used is not an approved application for Conditional Access.",
    remedy: "The policy asks for an approved application. Take it away, or use an account that it does not apply to.",
  },
  53003: {
    error: "interaction_required", suberror: "message_only",
    text: () => "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
    remedy: "The policy blocks this sign-in, whatever the client does. Tell the person.",
  },
  53004: {
    error: "interaction_required", suberror: "message_only",
    text: () => "The user must register for multi-factor authentication, and is kept from it because of risk.",
    remedy: "The user must register a second factor from a safe place first. Tell the person.",
  },
};
