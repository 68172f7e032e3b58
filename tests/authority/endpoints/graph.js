import { errors } from "jose";
import { GRAPH } from "../directory/directory.js";
import { unsealed } from "../tokens/access-token.js";
import { identityClaims, subject } from "../tokens/identity.js";

/**
 * The little of Microsoft Graph that sign-in needs: `/v1.0/me`, the UserInfo endpoint, and where a
 * groups overage points to. It enforces continuous access evaluation.
 */
export function meEndpoint(authority) {
  return guarded(authority, "User.Read", (c, { user }) =>
    c.json({
      "@odata.context": `${authority.originOf(c)}/v1.0/$metadata#users/$entity`,
      displayName: user.displayName,
      givenName: user.givenName,
      surname: user.surname,
      mail: user.mail,
      userPrincipalName: user.name,
      id: user.id,
      businessPhones: [],
      jobTitle: null,
      mobilePhone: null,
      officeLocation: null,
      preferredLanguage: null,
    }),
  );
}

/** UserInfo of v2.0, which is Graph's (OpenID Connect Core section 5.3); names and picture come with `profile`, the address with `email` ("UserInfo endpoint"). */
export function userInfoEndpoint(authority) {
  return guarded(authority, "openid", (c, { user, account, claims }) => {
    const scopes = claims.scp.split(" ");
    return c.json({
      // Section 5.3.2: that of the ID token, which is pairwise for the client and not for Graph.
      sub: subject(account.oid, claims.appid),
      ...(scopes.includes("profile") && {
        name: user.displayName,
        family_name: user.surname,
        given_name: user.givenName,
        picture: `${authority.originOf(c)}/v1.0/me/photo/$value`,
      }),
      ...(scopes.includes("email") && user.mail && { email: user.mail }),
    });
  });
}

/** The UserInfo endpoint of v1.0, at the authority itself: the claims about the person that v1.0's ID token has. */
export function version1UserInfoEndpoint(authority) {
  return guarded(authority, "openid", (c, { account, claims }) =>
    c.json({ ...identityClaims(authority, { origin: authority.originOf(c), account, version: 1 }), sub: subject(account.oid, claims.appid), tid: claims.tid }),
  );
}

/** `POST /v1.0/users/{id}/getMemberObjects`, the source of groups that did not fit into a token. */
export function memberObjectsEndpoint(authority) {
  return guarded(authority, "User.Read", (c, { account }) =>
    c.req.param("id") === account.oid
      ? c.json({ "@odata.context": `${authority.originOf(c)}/v1.0/$metadata#Collection(Edm.String)`, value: authority.directory.groups(account) })
      : c.json({ error: { code: "Request_ResourceNotFound", message: "There is no such user." } }, 404),
  );
}

function guarded(authority, scope, respond) {
  return async (c) => {
    const token = /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const claims = token && (await verify(authority, token));
    const account = claims && authority.directory.accountByObjectId(claims.oid, claims.tid);
    if (!account) {
      return unauthorized(c, authority, token ? 'error="invalid_token"' : undefined);
    }
    const revokedAt = authority.revocations.accessTokenRevoked(account.user, unsealed(claims.aio).place);
    if (revokedAt !== undefined && claims.xms_cc?.includes("cp1")) return claimsChallenge(c, authority, revokedAt);
    if (!claims.scp?.split(" ").includes(scope)) {
      return c.json({ error: { code: "Authorization_RequestDenied", message: "Insufficient privileges to complete the operation." } }, 403);
    }
    return respond(c, { user: account.user, account, claims });
  };
}

async function verify({ keys, clock }, token) {
  try {
    return await keys.verify(token, clock, { audience: [GRAPH, "https://graph.microsoft.com", "https://graph.microsoft.com/"] });
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/** RFC 6750 section 3, in Graph's words. */
function unauthorized(c, authority, detail) {
  const challenge = [`Bearer realm=""`, `authorization_uri="${authority.originOf(c)}/common/oauth2/authorize"`, `client_id="${GRAPH}"`, detail].filter(Boolean).join(", ");
  return c.json({ error: { code: "InvalidAuthenticationToken", message: "Access token is empty, expired or not for this API." } }, 401, { "WWW-Authenticate": challenge });
}

/** "Claims challenges, claims requests, and client capabilities": only for tokens whose client declared cp1. */
function claimsChallenge(c, authority, notBefore) {
  const claims = { access_token: { nbf: { essential: true, value: String(notBefore) } } };
  return unauthorized(c, authority, `error="insufficient_claims", claims="${Buffer.from(JSON.stringify(claims)).toString("base64")}"`);
}
