/** What an API tells of a token that it verified. Never the token. */

/** @param {import("countersign/edge").Verified} verified */
export function about({ claims, kind, scopes, roles }) {
  return { kind, audience: claims.aud, scopes, roles, issued: claims.iat, expires: claims.exp };
}

/** By which name the user's data are kept. */
export function nameOf({ claims }) {
  return (claims.preferred_username ?? claims.sub).split("@")[0];
}
