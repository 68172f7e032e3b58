import { createHash } from "node:crypto";
import { CONSUMERS } from "../directory/directory.js";
import { issuers } from "../issuers.js";

/** `sub` is pairwise: another value for each audience ("Access token claims reference"). */
export function subject(oid, clientId) {
  return createHash("sha256").update(`${oid}\n${clientId}`).digest("base64url");
}

/** The claims about the person that an access token and an ID token have in common. */
export function identityClaims({ directory }, { origin, account, version }) {
  const { user, guest } = account;
  const home = directory.tenant(user.tenant);
  // The home tenant in the form of a v1.0 issuer, in tokens of both versions; v1.0 has a name for personal accounts.
  const idp = guest && { idp: home.id === CONSUMERS && version === 1 ? "live.com" : issuers(origin, home).v1 };
  return {
    name: user.displayName,
    oid: account.oid,
    ...idp,
    ...(version === 2
      ? { preferred_username: user.name }
      : {
          given_name: user.givenName,
          family_name: user.surname,
          // A guest has no upn in the resource tenant ("ID token claims reference").
          unique_name: guest ? `${home.id === CONSUMERS ? "live.com" : ""}#${user.name}` : user.name,
          ...(guest ? { email: user.mail } : { upn: user.name }),
        }),
  };
}

/** `client_info`: who the user is at home, which MSAL's caches are keyed by. At B2C each policy has an account of its own. */
export function clientInfo({ directory }, user, policy) {
  const info = { uid: policy ? `${user.id}-${policy.toLowerCase()}` : user.id, utid: directory.tenant(user.tenant).id };
  return Buffer.from(JSON.stringify(info)).toString("base64url");
}
