// An issuer of the provider on loopback, for one case.

import { AUDIENCE, token } from "./tokens.js";

let made = 0;

/**
 * @param {string} provider its URL
 * @param {string} [name] what the issuer is called, where that matters
 */
export async function newIssuer(provider, name = `${Date.now()}-${(made += 1)}`) {
  const at = `${provider}/${name}`;
  const put = (path, response) => fetch(`${at}/${path}`, { method: "PUT", body: JSON.stringify(response) });
  const issuer = {
    issuer: at,
    audience: AUDIENCE,
    /** The provider's response to a request for its metadata. */
    metadata: (response) => put(".well-known/openid-configuration", response),
    /** Its response to a request for its keys. */
    keys: (response) => put("jwks", response),
    respond: put,
    publish: (...keys) => issuer.keys({ body: JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }) }),
    token: (by, given, header) => token(by, { iss: at, ...given }, header),
    /** Waits until this was asked for so many times. */
    asked: (path, times = 1) => fetch(`${at}/asked/${path}/${times}`),
    /** The statuses of its responses there. */
    async statuses(path) {
      const all = await (await fetch(`${at}/statuses`)).json();
      return all.filter(([one]) => one === path).map(([, status]) => status);
    },
    /** How often each URL was requested. */
    async requests() {
      const counts = { metadata: 0, keys: 0, others: 0 };
      for (const path of await (await fetch(`${at}/requests`)).json()) {
        if (path.endsWith(".well-known/openid-configuration")) counts.metadata += 1;
        else if (path === "jwks") counts.keys += 1;
        else counts.others += 1;
      }
      return counts;
    },
  };
  await issuer.metadata({ body: JSON.stringify({ issuer: at, jwks_uri: `${at}/jwks` }) });
  return issuer;
}
