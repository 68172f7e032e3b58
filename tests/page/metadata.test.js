/** The provider's metadata changes while a session lives. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { signedIn } from "./scene.js";

const FORCED = { forceRefresh: true };

for (const status of [404, 410, 405]) {
  test(`RFC 8414 3: a token endpoint that has moved, ${status} at its old URL, is found again`, async (t) => {
    const scene = await signedIn(t);
    const { page, provider, client } = scene;
    provider.paths.token = "/new/token";
    provider.paths.old = "/token";
    provider.on("old", { status });
    await scene.pass(120);
    assert.equal(await client.token(FORCED), "access-alice-2");
    assert.equal(provider.requestsTo("old").length, 1);
    assert.equal(provider.requestsTo("metadata").length, 2);
    const next = await scene.reloaded(page);
    assert.equal(await next.token(FORCED), "access-alice-3");
    assert.equal(provider.requestsTo("old").length, 1, "the new place is kept");
    assert.equal(provider.reuses, 0);
  });
}

test("a token endpoint that is missing and has not moved is asked once, and its metadata once", async (t) => {
  const scene = await signedIn(t);
  const { provider, client } = scene;
  provider.on("token", { status: 404 });
  await scene.pass(120);
  const outcomes = await client.callTogether(10, "getToken", FORCED);
  assert.deepEqual(outcomes, Array(10).fill("unexpected_response"));
  assert.equal(provider.refreshes.length, 1);
  assert.equal(provider.requestsTo("metadata").length, 2);
});

test("metadata that is a day old is fetched again, and of no use if it cannot be", async (t) => {
  const scene = await signedIn(t);
  const { provider, client } = scene;
  await scene.pass(90_000);
  assert.equal(await client.token(), "access-alice-2");
  assert.equal(provider.requestsTo("metadata").length, 2);
  provider.on("metadata", { status: 503 });
  await scene.pass(90_000);
  assert.equal(await client.token(), "access-alice-3", "old metadata is better than none");
});

test("Discovery 4.3: metadata of another issuer does not move the token endpoint", async (t) => {
  const scene = await signedIn(t);
  const { provider, client } = scene;
  const evil = { issuer: "https://evil.example", token_endpoint: `${provider.issuer}/old` };
  provider.paths.old = "/old";
  provider.on("metadata", { body: (good) => ({ ...good, ...evil }) });
  provider.on("token", { status: 404 });
  await scene.pass(120);
  await assert.rejects(client.call("getToken", FORCED), { code: "unexpected_response" });
  assert.deepEqual(provider.requestsTo("old"), []);
});
