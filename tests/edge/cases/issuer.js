// An issuer of the provider on loopback, for one case.

import { AUDIENCE, token } from "./tokens.js";

let made = 0;

/**
 * @param {string} provider its address
 * @param {string} [name] what the issuer is called, where that matters
 */
export async function newIssuer(provider, name = `${Date.now()}-${(made += 1)}`) {
  const at = `${provider}/${name}`;
  const put = (path, answer) => fetch(`${at}/${path}`, { method: "PUT", body: JSON.stringify(answer) });
  const issuer = {
    issuer: at,
    audience: AUDIENCE,
    /** What the provider answers for its metadata. */
    metadata: (answer) => put(".well-known/openid-configuration", answer),
    /** What it answers for its keys. */
    keys: (answer) => put("jwks", answer),
    answer: put,
    publish: (...keys) => issuer.keys({ body: JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }) }),
    token: (by, given, header) => token(by, { iss: at, ...given }, header),
    /** Waits until this was asked for so many times. */
    asked: (path, times = 1) => fetch(`${at}/asked/${path}/${times}`),
    /** The statuses of what it answered there. */
    async statuses(path) {
      const all = await (await fetch(`${at}/statuses`)).json();
      return all.filter(([one]) => one === path).map(([, status]) => status);
    },
    /** How often each address was asked for. */
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
