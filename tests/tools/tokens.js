/** Asks an API with tokens that are good and tokens that are not. */
import assert from "node:assert/strict";

import { newIssuer } from "../edge/cases/issuer.js";
import { key } from "../edge/cases/tokens.js";
import { startProvider } from "../edge/provider.js";

/** An issuer on loopback, whose keys an API has to fetch. */
export async function startIssuer() {
  const provider = await startProvider();
  const by = await key("RS256");
  const { issuer, audience, publish, token } = await newIssuer(provider.url.replace("127.0.0.1", "localhost"));
  await publish(by);
  return { options: { issuer, audience }, token: (claims) => token(by, claims), stop: provider.stop };
}

/** RFC 6750 section 3: the API lets a good token pass, and says why others do not. */
export async function decides(url, issuer) {
  const good = await issuer.token({ scope: "notes.read" });
  const [header, , signature] = good.split(".");
  const [, others] = (await issuer.token({ scope: "notes.read", sub: "mallory" })).split(".");
  assert.deepEqual(await ask(url, good), { status: 200, body: { user: "alice" } });
  for (const [token, status, code, challenge] of [
    [await issuer.token({ scope: "other" }), 403, "insufficient_scope", /^Bearer error="insufficient_scope".* scope="notes.read"$/],
    [`${header}.${others}.${signature}`, 401, "signature_invalid", /^Bearer error="invalid_token"/],
    [await issuer.token({ scope: "notes.read", exp: 1 }), 401, "token_expired", /^Bearer error="invalid_token"/],
    [undefined, 401, "credentials_missing", /^Bearer scope="notes.read"$/],
  ]) {
    const refusal = await ask(url, token);
    assert.deepEqual({ status: refusal.status, code: refusal.body.code }, { status, code });
    assert.match(refusal.challenge, challenge);
  }
  assert.deepEqual(await ask(url, good), { status: 200, body: { user: "alice" } });
}

/** An API that lets everybody pass would pass as well. */
export async function refuses(url) {
  for (const token of [undefined, "x"]) assert.equal((await ask(url, token)).status, 401, String(url));
}

async function ask(url, token) {
  const response = await fetch(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  const text = await response.text();
  const challenge = response.headers.get("www-authenticate");
  return { status: response.status, body: parsed(text), ...(challenge !== null && { challenge }) };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
