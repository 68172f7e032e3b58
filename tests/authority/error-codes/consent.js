/** Errors of consent and permissions. */
export default {
  65001: {
    error: "invalid_grant", suberror: "consent_required",
    text: (d) => `The user or administrator has not consented to use the application with ID '${d.client}' named '${d.name}'. Send an interactive authorization request for this user and resource.`,
    remedy: "Send an interactive request for these scopes, or have an administrator consent for everybody. On behalf of a user, the caller must obtain consent first.",
  },
  65004: {
    error: "access_denied",
    text: () => "User declined to consent to access the app.",
    remedy: "The person said no. Ask again only when the person starts anew.",
  },
  90094: {
    error: "access_denied",
    text: (d) => `The permissions asked for by '${d.name}' need the consent of an administrator.`,
    remedy: "An administrator must consent: open `/{tenant}/v2.0/adminconsent` as one.",
  },
  650053: {
    error: "invalid_client",
    text: (d) => `The application '${d.name}' asked for scope '${d.scope}' that doesn't exist on the resource '${d.resource}'.`,
    remedy: "Name a scope that the API defines. A scope without a resource belongs to Microsoft Graph: was the API's identifier left out?",
  },
};
