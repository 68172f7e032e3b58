// Providers that are not Entra, by oidc-provider: RFC 7523, RFC 8414, RFC 8693.

import { createConfidentialClient } from "countersign/edge";
import { assert } from "chai";

import { refused } from "../../edge/cases/case.js";
import { recording, test } from "./authority.js";

function daemon({ openid }, algorithm, credential, options) {
  const recorded = recording();
  const client = createConfidentialClient({
    authority: openid.issuer,
    clientId: `daemon-${algorithm}`,
    credential: { privateKey: openid.keys[algorithm], keyId: "k1", algorithm, ...credential },
    fetch: recorded.fetch,
    ...options,
  });
  return { client, forms: recorded.forms };
}

const jtiOf = ({ client_assertion }) => JSON.parse(atob(client_assertion.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).jti;

test("RFC 7523 2.2: private_key_jwt by keys of every kind, and each request has an assertion of its own", async (authority) => {
  for (const algorithm of Object.keys(authority.openid.keys)) {
    for (const audience of ["issuer", "tokenEndpoint"]) {
      const { client, forms } = daemon(authority, algorithm, { audience });
      await client.clientCredentials({ scope: "api" });
      await client.clientCredentials({ scope: "api", forceRefresh: true });
      assert.lengthOf(new Set(forms.map(jtiOf)), forms.length, `${algorithm} ${audience}`);
      assert.lengthOf(forms, 2);
    }
  }
});

test("RFC 7523 3: a key that is not the registered one is refused, and the next credential is tried", async (authority) => {
  const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const wrong = { privateKey, keyId: "k1" };
  const { client } = daemon(authority, "ES256", wrong);
  const error = await refused("client_refused", () => client.clientCredentials({ scope: "ledger" }));
  assert.deepEqual([error.error, error.status], ["invalid_client", 401]);
  const right = { privateKey: authority.openid.keys.ES256, keyId: "k1" };
  const both = daemon(authority, "ES256", {}, { credential: [wrong, right] });
  assert.isString((await both.client.clientCredentials({ scope: "ledger" })).accessToken);
  assert.lengthOf(both.forms, 2);
});

test("RFC 6749 2.3.1: a client whose name and secret have reserved characters proves itself by Basic", async ({ openid }) => {
  const client = createConfidentialClient({ authority: openid.issuer, clientId: "a b:c", credential: { secret: "s e%c+r:t", method: "basic" } });
  assert.isString((await client.clientCredentials({ scope: "api" })).accessToken);
});

test("RFC 8414 3.1: metadata that exists only at OAuth's own place is found", async (authority) => {
  const { client } = daemon(authority, "EdDSA", {}, { authority: authority.openid.oauthIssuer });
  assert.isString((await client.clientCredentials({ scope: "api" })).accessToken);
});

test("RFC 8693 2.1: a token is exchanged on behalf of its owner, and the refresh token of the exchange is dropped", async (authority) => {
  const { client, forms } = daemon(authority, "ES256");
  const { accessToken: assertion } = await client.clientCredentials({ scope: "api", forceRefresh: true });
  const first = await client.onBehalfOf({ assertion, scope: "ledger" });
  assert.equal(forms.at(-1).grant_type, "urn:ietf:params:oauth:grant-type:token-exchange");
  assert.notEqual(first.accessToken, assertion);
  assert.notInclude(JSON.stringify(first), "dropped");
  assert.equal((await client.onBehalfOf({ assertion, scope: "ledger" })).accessToken, first.accessToken);
  const exchanged = await client.exchange({ subjectToken: assertion, audience: "https://ledger.example", scope: "ledger" });
  assert.equal(forms.at(-1).audience, "https://ledger.example");
  assert.notEqual(exchanged.accessToken, first.accessToken);
  const error = await refused("assertion_refused", () => client.onBehalfOf({ assertion: "unknown", scope: "ledger" }));
  assert.deepEqual([error.error, error.toResponse().status], ["invalid_grant", 401]);
});

test("RFC 8693 2.1: who acts is never left out: an actor's token has a type, and is a part of what the token is kept by", async (authority) => {
  const { client, forms } = daemon(authority, "ES256");
  const { accessToken: subjectToken } = await client.clientCredentials({ scope: "api", forceRefresh: true });
  const plain = await client.exchange({ subjectToken, scope: "ledger" });
  const { accessToken } = await client.exchange({ subjectToken, actorToken: "actor", scope: "ledger" });
  assert.notEqual(accessToken, plain.accessToken);
  assert.deepInclude(forms.at(-1), { actor_token: "actor", actor_token_type: "urn:ietf:params:oauth:token-type:access_token" });
});

test("A store separates clients whose keys have the same name", async (authority) => {
  const entries = new Map();
  const store = { get: async (name) => entries.get(name), set: async (name, value) => void entries.set(name, value) };
  const cache = { store, key: "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=" };
  await daemon(authority, "PS256", {}, { cache }).client.clientCredentials({ scope: "api" });
  const other = { privateKey: authority.openid.keys.RS256, keyId: "k1", algorithm: "PS256" };
  await refused("client_refused", () => daemon(authority, "PS256", other, { cache }).client.clientCredentials({ scope: "api" }));
});
