/** One request, or one failure, is for all who wait for it. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { settled, signedIn } from "./scene.js";

const TIMEOUT_SECONDS = 30;

/** A page whose token has expired. */
async function expired(t) {
  const scene = await signedIn(t);
  await scene.pass(7200);
  return scene;
}

test("twenty callers at once make one request and get one token", async (t) => {
  const { provider, client } = await expired(t);
  const tokens = await client.callTogether(20, "getToken");
  assert.deepEqual(new Set(tokens.map(({ accessToken }) => accessToken)), new Set(["access-alice-2"]));
  assert.equal(provider.refreshes.length, 1);
});

for (const [what, reply, code] of [
  ["fails", { status: 500 }, "provider_unavailable"],
  ["refuses", { status: 401, body: { error: "invalid_client" } }, "token_request_refused"],
  ["has lost the grant", { status: 400, body: { error: "invalid_grant" } }, "interaction_required"],
]) {
  test(`twenty callers at once make one request to a token endpoint that ${what}, and all get the error`, async (t) => {
    const { provider, client } = await expired(t);
    provider.on("token", reply);
    assert.deepEqual(await client.callTogether(20, "getToken"), Array(20).fill(code));
    assert.equal(provider.refreshes.length, 1);
  });
}

test("twenty callers of two clients make one request to a token endpoint that hangs, and all fail when it times out", async (t) => {
  const scene = await expired(t);
  const { page, provider, client } = scene;
  const second = await scene.newClient(page);
  provider.on("token", { after: new Promise(() => {}) });
  const outcomes = Promise.all([client.callTogether(10, "getToken"), second.callTogether(10, "getToken")]);
  await provider.received("token", 2);
  await scene.pass(TIMEOUT_SECONDS + 1);
  assert.deepEqual((await outcomes).flat(), Array(20).fill("network_error"));
  assert.equal(provider.refreshes.length, 1);
});

test("a caller that asks again and again gets the failure that is known, and seconds later a new request", async (t) => {
  const scene = await expired(t);
  const { provider, client } = scene;
  provider.on("token", { status: 500 });
  for (let call = 0; call < 5; call += 1) {
    await assert.rejects(client.call("getToken"), { code: "provider_unavailable" });
  }
  assert.equal(provider.refreshes.length, 1);
  await scene.pass(11);
  await assert.rejects(client.call("getToken"), { code: "provider_unavailable" });
  assert.equal(provider.refreshes.length, 2);
});

for (const [what, reply] of Object.entries({
  "is reached": undefined,
  "cannot be reached": { status: 200, body: "cut", cut: true },
  "is unavailable": { status: 503 },
})) {
  test(`fifty online events make one request to a token endpoint that ${what}`, async (t) => {
    const scene = await signedIn(t);
    const { page, provider, client } = scene;
    await client.token();
    if (reply) provider.on("token", reply);
    await scene.pass(3500);
    const before = provider.refreshes.length;
    await page.evaluate(() => {
      for (let event = 0; event < 50; event += 1) dispatchEvent(new Event("online"));
    });
    await settled(page);
    assert.equal(before, 1);
    assert.ok(provider.refreshes.length <= 2, `${provider.refreshes.length} requests`);
  });
}

for (const [what, options] of Object.entries({ "a new token": { forceRefresh: true }, "a claims challenge": { claims: "{}" } })) {
  test(`ten calls at once for ${what} make one request`, async (t) => {
    const { provider, client } = await signedIn(t);
    const tokens = await client.callTogether(10, "getToken", options);
    assert.deepEqual(new Set(tokens.map(({ accessToken }) => accessToken)), new Set(["access-alice-2"]));
    assert.equal(provider.refreshes.length, 1);
  });
}
