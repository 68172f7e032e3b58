import { issuers } from "../issuers.js";

/**
 * What B2C puts into tokens, which is less and other than Entra ID does: the policy in `tfp`, the addresses in
 * `emails`, and the same `sub` for every application ("Overview of tokens in Azure Active Directory B2C").
 */
export function b2cClaims({ clock }, { origin, tenant, policy, session, audience, lifetime }) {
  const now = clock.now();
  const { user, oid } = session.account;
  return {
    ver: "1.0",
    iss: issuers(origin, tenant).v2,
    sub: oid,
    aud: audience,
    exp: now + lifetime,
    iat: now,
    nbf: now,
    auth_time: session.authTime,
    oid,
    name: user.displayName,
    ...(user.givenName && { given_name: user.givenName }),
    ...(user.surname && { family_name: user.surname }),
    ...(user.mail && { emails: [user.mail] }),
    tfp: policy,
  };
}

/** Access and refresh at B2C go by the application's scopes; the client id alone asks for a token for itself. */
export function b2cAccessClaims(authority, { origin, tenant, policy, session, client, api, scopes, lifetime }) {
  return {
    ...b2cClaims(authority, { origin, tenant, policy, session, audience: api.resource.clientId, lifetime }),
    azp: client.clientId,
    ...(scopes.length && { scp: scopes.join(" ") }),
  };
}
