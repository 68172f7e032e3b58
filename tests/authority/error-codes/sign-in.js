/** Errors of a sign-in and its session. */
export default {
  16000: {
    error: "interaction_required",
    text: () => "More than one account is signed in and the request names none of them.",
    remedy: "Send `login_hint` or `prompt=select_account`, so that one account is chosen.",
  },
  50020: {
    error: "invalid_grant",
    text: (d) => `User account '${d.user}' from identity provider '${d.idp}' does not exist in tenant '${d.tenant}' and cannot use the application '${d.client}' there. Add the account as an external user first.`,
    remedy: "Add the account to the tenant as a guest (`guestIn` of the user), or sign in with another account.",
  },
  50034: {
    error: "invalid_grant",
    text: (d) => `The user account ${d.user} does not exist in the ${d.tenant} directory.`,
    remedy: "Check the user name. The directory lists the users of this authority.",
  },
  50058: {
    error: "login_required",
    text: () => "A silent sign-in request was sent but no user is signed in.",
    remedy: "Expected when nobody is signed in: send the person to the sign-in page, without `prompt=none`.",
  },
  50105: {
    error: "access_denied",
    text: (d) => `The signed in user '${d.user}' is not assigned to a role for the application '${d.client}'(${d.name}).`,
    remedy: "Assign the user to a role of the application (`appRoleAssignments`).",
  },
  50126: {
    error: "invalid_grant",
    text: () => "The user name or the password is not right.",
    remedy: "Check user name and password. The sign-in page shows the password of each account.",
  },
  90072: {
    error: "invalid_grant",
    text: (d) => `User account '${d.user}' from external identity provider '${d.idp}' does not exist in tenant '${d.tenant}' and cannot use the application '${d.client}' there. Add the account as an external user first.`,
    remedy: "Add the account to the tenant as a guest (`guestIn` of the user), or sign in with another account.",
  },
};
