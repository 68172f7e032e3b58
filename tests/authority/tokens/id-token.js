import { randomBytes } from "node:crypto";
import { issuers } from "../issuers.js";
import { leftHalfHash } from "./access-token.js";
import { b2cClaims } from "./b2c.js";
import { identityClaims, subject } from "./identity.js";

const LIFETIME = 3600;

/** Issues an ID token in the version of the endpoint ("ID token claims reference"). */
export function issueIdToken(authority, grant) {
  const { tenant, client, version } = grant;
  const claims = tenant.kind === "b2c" ? b2cIdClaims(authority, grant) : idClaims(authority, grant);
  return authority.keys.sign(claims, { tenantId: tenant.id, version, application: client.clientId });
}

function b2cIdClaims(authority, { origin, tenant, policy, client, session, nonce, code }) {
  return {
    ...b2cClaims(authority, { origin, tenant, policy, session, audience: client.clientId, lifetime: LIFETIME }),
    ...(nonce && { nonce }),
    ...(code && { c_hash: leftHalfHash(code) }),
  };
}

function idClaims(authority, { origin, tenant, client, session, version, nonce, oidc, code }) {
  const now = authority.clock.now();
  const { account } = session;
  return {
    aud: client.clientId,
    iss: issuers(origin, tenant)[`v${version}`],
    iat: now,
    nbf: now,
    exp: now + LIFETIME,
    auth_time: session.authTime,
    ...(version === 1 && { amr: session.mfa ? ["pwd", "mfa"] : ["pwd"], ipaddr: "127.0.0.1" }),
    // At v2.0 who it is comes with the `profile` scope; without it there is `sub` and the tenant.
    ...(version === 1 || oidc.has("profile") ? identityClaims(authority, { origin, account, version }) : {}),
    ...(oidc.has("email") && account.user.mail && { email: account.user.mail }),
    ...(nonce && { nonce }),
    ...(code && { c_hash: leftHalfHash(code) }),
    login_hint: Buffer.from(`O.${account.user.name}`).toString("base64url"),
    rh: `1.${randomBytes(24).toString("base64url")}.`,
    sid: session.sid,
    sub: subject(account.oid, client.clientId),
    tid: tenant.id,
    uti: randomBytes(16).toString("base64url"),
    ver: `${version}.0`,
  };
}
