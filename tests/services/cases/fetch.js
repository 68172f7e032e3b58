// Calls of an API with the service's token: RFC 6750.

import { createConfidentialClient } from "countersign/edge";
import { assert } from "chai";

import { refused } from "../../edge/cases/case.js";
import { claimsOf, test } from "./authority.js";

const SCOPE = "api://orders.contoso.example/.default";
const API = "https://orders.example/orders";

/** A client whose requests to the API get these responses, one after the other. */
function clientOf({ v2, applications }, responses, name = "Daemon with a secret") {
  const { clientId, secret } = applications[name];
  const calls = [];
  const log = [];
  const client = createConfidentialClient({
    authority: v2,
    clientId,
    credential: { secret },
    onLog: (entry) => log.push(entry),
    fetch: async (input, init) => {
      if (typeof input === "string") return fetch(input, init);
      calls.push({ authorization: input.headers.get("authorization"), body: await input.text(), method: input.method });
      return responses.shift()();
    },
  });
  return { client, calls, log };
}

const ok = () => Response.json({ orders: [] });
const challenged = (challenge) => () => new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
const CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}';

test("RFC 6750 2.1: fetch sends the service's token, and the caller's request as it is", async (authority) => {
  const { client, calls } = clientOf(authority, [ok]);
  const response = await client.fetch(API, { method: "POST", body: "order", token: { scope: SCOPE } });
  assert.equal(response.status, 200);
  const [{ authorization, body, method }] = calls;
  assert.deepEqual([body, method], ["order", "POST"]);
  assert.deepEqual(claimsOf(authorization.slice("Bearer ".length)).roles, ["Orders.Read.All"]);
});

test("Entra, claims challenge: fetch gets a token with the claims and repeats the request once", async (authority) => {
  const challenge = challenged(`Bearer realm="", error="insufficient_claims", claims="${btoa(CLAIMS)}"`);
  const { client, calls } = clientOf(authority, [challenge, ok]);
  const response = await client.fetch(API, { method: "POST", body: "order", token: { scope: SCOPE } });
  assert.equal(response.status, 200);
  assert.lengthOf(calls, 2);
  assert.notEqual(calls[0].authorization, calls[1].authorization);
  assert.equal(calls[1].body, "order");
  const again = clientOf(authority, [challenge, challenge]);
  assert.equal((await again.client.fetch(API, { token: { scope: SCOPE } })).status, 401);
  assert.lengthOf(again.calls, 2);
});

test("RFC 6750 3.1: a token that was just obtained is not renewed because an API refuses it", async (authority) => {
  const { client, calls } = clientOf(authority, [challenged('Bearer error="invalid_token"')]);
  const response = await client.fetch(API, { token: { scope: SCOPE, forceRefresh: true } });
  assert.equal(response.status, 401);
  assert.lengthOf(calls, 1);
});

test("RFC 6750 5.2: fetch sends no token over plain http", async (authority) => {
  const { client, calls } = clientOf(authority, []);
  await refused("insecure_url", () => client.fetch("http://orders.example/", { token: { scope: SCOPE } }));
  assert.lengthOf(calls, 0);
});

test("Entra, on behalf of: fetch calls the next API for the caller, and its challenge becomes the API's own 401", async (authority) => {
  const challenge = challenged(`Bearer error="insufficient_claims", claims="${btoa('{"access_token":{"acrs":{"essential":true,"value":"c1"}}}')}"`);
  const { client, calls } = clientOf(authority, [ok, challenge], "Shop API");
  const assertion = await authority.userToken();
  await client.fetch(API, { token: { assertion, scope: SCOPE } });
  assert.equal(claimsOf(calls[0].authorization.slice("Bearer ".length)).oid, claimsOf(assertion).oid);
  const error = await refused("interaction_required", () => client.fetch(API, { token: { assertion, scope: SCOPE } }));
  assert.include(error.toResponse().headers.get("www-authenticate"), "insufficient_claims");
});

test("What the caller does with the options after the call changes nothing: fetch sends the token of whom it was called for", async (authority) => {
  const { client, calls } = clientOf(authority, [ok], "Shop API");
  const [alice, bob] = [await authority.userToken(), await authority.userToken({ user: "bob@contoso.onmicrosoft.com" })];
  const init = { token: { assertion: alice, scope: SCOPE } };
  const response = client.fetch(API, init);
  init.token.assertion = bob;
  await response;
  assert.equal(claimsOf(calls.at(-1).authorization.slice("Bearer ".length)).oid, claimsOf(alice).oid);
});

test("The log tells each step and no secret; an error names the request in the provider's own logs", async (authority) => {
  const { client, log } = clientOf(authority, []);
  const { accessToken } = await client.clientCredentials({ scope: SCOPE, forceRefresh: true });
  await Promise.resolve();
  assert.include(log.map(({ step }) => step), "token_request");
  for (const secret of [accessToken, "daemon-secret"]) assert.notInclude(JSON.stringify(log), secret);
  const requests = [];
  const { clientId } = authority.applications["Daemon with a secret"];
  const watched = createConfidentialClient({
    authority: authority.v2,
    clientId,
    credential: { secret: "wrong, and not tried before" },
    fetch: (url, init) => (requests.push(new Headers(init.headers).get("client-request-id")), fetch(url, init)),
  });
  const error = await refused("client_refused", () => watched.clientCredentials({ scope: SCOPE }));
  assert.match(error.correlation_id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(error.correlation_id, requests.at(-1));
});

test("RFC 9110 10.2.3: a provider that asks to wait is asked again in time, and not before", async (authority) => {
  const { clientId, secret } = authority.applications["Daemon with a secret"];
  let requests = 0;
  const client = createConfidentialClient({
    authority: authority.v2,
    clientId,
    credential: { secret },
    fetch: (url, init) => ((requests += init.body === undefined ? 0 : 1), fetch(url, init)),
  });
  const busy = (seconds, times) => authority.tell("POST", "/faults", { kind: "status", path: "/token", status: 429, headers: { "retry-after": seconds }, times });
  await busy("1", 1);
  await client.clientCredentials({ scope: SCOPE, forceRefresh: true });
  assert.equal(requests, 2);
  await busy("60", 1);
  await refused("provider_unavailable", () => client.clientCredentials({ scope: SCOPE, forceRefresh: true }));
  await refused("provider_unavailable", () => client.clientCredentials({ scope: "https://ledger.contoso.example/.default", forceRefresh: true }));
  assert.equal(requests, 3);
});
