// A provider that asks to be left alone: RFC 6585 section 4, RFC 9110 sections 10.2.3 and 15.6.4.

import { createConfidentialClient } from "countersign/edge";
import { assert } from "chai";

import { moveClock, refused } from "../../edge/cases/case.js";
import { test } from "./authority.js";

const SCOPE = "api://orders.contoso.example/.default";
const OTHER = "https://ledger.contoso.example/.default";

/** A client whose provider can be closed, and what it was asked. */
let made = 0;
async function closable({ v2, applications }, named = "Daemon with a secret") {
  const { clientId, secret } = applications[named];
  const provider = { requests: 0, close: undefined };
  const metadata = await (await fetch(`${v2}/.well-known/openid-configuration`)).json();
  const client = createConfidentialClient({
    authority: v2,
    clientId,
    credential: { secret },
    metadata: { ...metadata, closable: (made += 1) },
    fetch(url, init) {
      provider.requests += 1;
      return provider.close?.() ?? fetch(url, init);
    },
  });
  return { client, provider };
}

for (const [status, seconds] of [
  [429, 60],
  [503, 3600],
]) {
  test(`RFC 9110 10.2.3: ${status} for ${seconds} seconds: one request, the time in each error, and kept tokens all the while`, async (authority) => {
    const { client, provider } = await closable(authority);
    const kept = await client.clientCredentials({ scope: SCOPE });
    const until = Date.now() / 1000 + seconds;
    provider.close = () => new Response("{}", { status, headers: { "retry-after": String(seconds) } });
    const before = provider.requests;
    for (const step of [0, 0.25, 0.5, 0.2]) {
      moveClock(step * seconds);
      const errors = await Promise.all(Array.from({ length: 100 }, () => refused("provider_unavailable", () => client.clientCredentials({ scope: OTHER }))));
      for (const error of errors) {
        assert.closeTo(error.retryAt, until, 5);
        const retryAfter = Number(error.toResponse().headers.get("retry-after"));
        assert.closeTo(retryAfter, until - Date.now() / 1000, 5);
        assert.equal(error.toResponse().status, 503);
      }
      if (Date.now() / 1000 < kept.expiresAt - 10) assert.equal((await client.clientCredentials({ scope: SCOPE })).accessToken, kept.accessToken);
    }
    assert.equal(provider.requests, before + 1);
    provider.close = undefined;
    moveClock(seconds * 0.06 + 10);
    await client.clientCredentials({ scope: OTHER });
    const { requests, failed, spared, fromMemory } = client.counters;
    // Entra's tokens live for 60 to 90 minutes: a kept one that is due may be renewed in the background when the outage is over.
    const isDue = kept.refreshAt <= Date.now() / 1000;
    assert.include(isDue ? [3, 4] : [3], requests);
    assert.equal(failed, 1);
    assert.isAtLeast(spared, 399);
    assert.isAtLeast(fromMemory, 2);
  });
}

test("RFC 9110 10.2.3: a number of seconds that is endless is a long time, and not none", async (authority) => {
  const { client, provider } = await closable(authority);
  await client.clientCredentials({ scope: SCOPE });
  provider.close = () => new Response("{}", { status: 429, headers: { "retry-after": "9".repeat(30) } });
  const before = provider.requests;
  const error = await refused("provider_unavailable", () => client.clientCredentials({ scope: OTHER }));
  assert.isAbove(error.retryAt - Date.now() / 1000, 60);
  assert.equal(provider.requests, before + 1);
});

test("RFC 9110 15.6.4: an hour without Retry-After costs a request in ten seconds at most", async (authority) => {
  const { client, provider } = await closable(authority);
  provider.close = () => new Response("busy", { status: 503 });
  for (let second = 0; second < 3600; second += 5) {
    await client.clientCredentials({ scope: OTHER }).catch(({ code }) => assert.equal(code, "provider_unavailable"));
    moveClock(5);
  }
  assert.isAtMost(provider.requests, 362);
});

test("A server that hangs up, lies or sends nonsense is a typed error, and the next call after the pause succeeds", async (authority) => {
  for (const [close, code] of [
    [() => Promise.reject(new TypeError("reset")), "network_error"],
    [() => new Response("<html>", { status: 200, headers: { "content-type": "text/html" } }), "token_response_invalid"],
    [() => Response.json({ access_token: "x" }), "token_type_missing"],
    [() => Response.json({ access_token: "x", token_type: "mac" }), "token_type_unsupported"],
    [() => Response.json({ access_token: "x", token_type: "Bearer", expires_in: -1 }), "expires_in_invalid"],
    [() => Response.json([]), "token_response_invalid"],
    [() => new Response(" ".repeat(2_000_000)), "network_error"],
    [() => new Response(null, { status: 302, headers: { location: "https://evil.example/" } }), "token_response_invalid"],
  ]) {
    const { client, provider } = await closable(authority);
    provider.close = close;
    const error = await client.clientCredentials({ scope: SCOPE }).catch((error) => error);
    assert.equal(error.name, "AuthError", String(error));
    assert.include([code, "unexpected_response"], error.code);
    provider.close = undefined;
    moveClock(60);
    assert.isString((await client.clientCredentials({ scope: SCOPE })).accessToken);
  }
});

test("A clock five minutes off, either way: tokens are had, and none is handed out past its life", async (authority) => {
  for (const seconds of [300, -300]) {
    const { client, provider } = await closable(authority);
    moveClock(seconds);
    const first = await client.clientCredentials({ scope: SCOPE });
    await client.clientCredentials({ scope: SCOPE });
    assert.equal(provider.requests, 1);
    moveClock(first.expiresAt - Date.now() / 1000);
    await authority.tell("POST", "/clock", { advance: 1 });
    const { accessToken } = await client.clientCredentials({ scope: SCOPE });
    assert.notEqual(accessToken, first.accessToken);
  }
});
