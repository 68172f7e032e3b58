// The sign-in of a web app's users: what crosses.

import { decode, toTokenSet } from "../crossing.js";

/** The URL of the authorization response: of a request, or as it is given. A form that the browser posted becomes its query. */
export async function responseUrl(given) {
  if (typeof given === "string" || given instanceof URL) return String(given);
  const { url, method } = given;
  return method === "POST" ? `${url.split(/[?#]/, 1)[0]}?${await given.text()}` : url;
}

export function toUserTokens({ account, token, refreshToken, idToken }) {
  return {
    ...(account !== undefined && { account: toAccount(decode(account)) }),
    token: toTokenSet(decode(token)),
    ...(refreshToken !== undefined && { refreshToken }),
    ...(idToken !== undefined && { idToken }),
  };
}

function toAccount({ claims: json, ...account }) {
  const claims = JSON.parse(json);
  return { ...account, ...(typeof claims.tid === "string" && { tenant: claims.tid }), claims };
}
