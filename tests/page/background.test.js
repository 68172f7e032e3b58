/** What is renewed in the background, and how often what fails is tried again. Hours pass on a clock that the tests move. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isRefresh } from "./provider.js";
import { settled, signedIn } from "./scene.js";

const MINUTE = 60;
const HOUR = 3600;

/** A page whose token, of one hour, was handed out and is renewed in five minutes at the latest. */
async function nearlyDue(t) {
  const scene = await signedIn(t);
  await scene.client.token();
  await scene.pass(54 * MINUTE);
  return scene;
}

test("a token that is used is renewed before it expires", async (t) => {
  const scene = await nearlyDue(t);
  const { provider, client } = scene;
  assert.equal(provider.refreshes.length, 0);
  await scene.pass(2 * MINUTE, MINUTE);
  assert.equal(provider.refreshes.length, 1);
  assert.equal(await client.token(), "access-alice-2");
  assert.equal(provider.refreshes.length, 1);
  assert.deepEqual(await client.eventNames(), ["signedin", "tokenrefreshed"]);
});

test("a token that was used once and never again is not renewed for ever", async (t) => {
  const scene = await signedIn(t);
  await scene.client.token();
  await scene.pass(12 * HOUR, 10 * MINUTE);
  assert.equal(scene.provider.refreshes.length, 1);
  assert.match(await scene.client.token(), /^access-alice-/, "it can be had again at any time");
});

for (const [what, reply, code] of [
  ["invalid_client", { status: 401, body: { error: "invalid_client" } }, "token_request_refused"],
  ["interaction_required", { status: 400, body: { error: "interaction_required" } }, "interaction_required"],
  ["404", { status: 404, body: "not found" }, "unexpected_response"],
]) {
  test(`a permanent refusal, ${what}, is not retried in the background, and told once`, async (t) => {
    const scene = await nearlyDue(t);
    const { provider, client } = scene;
    provider.on("token", reply);
    await scene.pass(6 * HOUR, 5 * MINUTE);
    assert.equal(provider.refreshes.length, 1);
    const told = await client.heard("error");
    assert.deepEqual(told.map((event) => event.code), [code]);
    await assert.rejects(client.call("getToken"), { code });
  });
}

test("a refusal of one scope does not keep another from being renewed", async (t) => {
  const scene = await signedIn(t);
  const { provider, client } = scene;
  const files = { scope: "openid files" };
  await client.token();
  await client.token(files);
  const isFiles = ({ parameters }) => parameters.scope === "openid files";
  provider.on("token", (request) => (isFiles(request) ? { status: 400, body: { error: "interaction_required" } } : undefined));
  for (let hour = 0; hour < 6; hour += 1) {
    await scene.pass(HOUR, 5 * MINUTE);
    await client.token();
  }
  assert.equal(provider.refreshes.filter(isFiles).length, 2, "the first, and one that was refused");
  assert.equal(provider.refreshes.filter((request) => !isFiles(request)).length, 6);
  assert.equal((await client.heard("error")).length, 1);
  await assert.rejects(client.call("getToken", files), { code: "interaction_required" });
});

test("RFC 9110 15.6.4: under 503 the pauses grow up to minutes, and the page is told once", async (t) => {
  const scene = await nearlyDue(t);
  const { provider, client } = scene;
  provider.on("token", { status: 503 });
  await scene.pass(10 * MINUTE, 5);
  const first = provider.refreshes.length;
  assert.ok(first >= 4 && first <= 8, `${first} requests in ten minutes`);
  await scene.pass(3 * HOUR, MINUTE);
  const later = provider.refreshes.length - first;
  assert.ok(later >= 24 && later <= 48, `${later} requests in three hours`);
  assert.deepEqual((await client.heard("error")).map((event) => event.code), ["provider_unavailable"]);
});

for (const [what, retryAfter] of Object.entries({
  "a number of seconds": () => "1200",
  "a date": (provider) => new Date((provider.now + 1200) * 1000).toUTCString(),
})) {
  test(`RFC 9110 10.2.3: Retry-After as ${what} is honoured if CORS exposes it`, async (t) => {
    const scene = await nearlyDue(t);
    const { provider, client } = scene;
    const headers = () => ({ "retry-after": retryAfter(provider), "access-control-expose-headers": "Retry-After" });
    const end = provider.on("token", () => ({ status: 503, headers: headers() }));
    await scene.pass(MINUTE, 10);
    await scene.pass(15 * MINUTE, MINUTE);
    assert.equal(provider.refreshes.length, 1);
    await assert.rejects(client.call("getToken"), { code: "provider_unavailable" }, "nobody else asks meanwhile either");
    assert.equal(provider.refreshes.length, 1);
    end();
    await scene.pass(15 * MINUTE, MINUTE);
    assert.equal(provider.refreshes.length, 2);
    assert.equal(await client.token(), "access-alice-2");
  });
}

test("RFC 9110 10.2.3: a Retry-After beyond all measure is honoured for an hour", async (t) => {
  const scene = await nearlyDue(t);
  const { provider, client } = scene;
  const headers = { "retry-after": "9".repeat(400), "access-control-expose-headers": "Retry-After" };
  const end = provider.on("token", { status: 503, headers });
  await scene.pass(10 * MINUTE, MINUTE);
  await assert.rejects(client.call("getToken"), { code: "provider_unavailable" });
  assert.equal(provider.refreshes.length, 1);
  end();
  await scene.pass(HOUR);
  assert.equal(await client.token(), "access-alice-2");
});

test("a page that is hidden renews nothing, and what is due when it is shown", async (t) => {
  const scene = await nearlyDue(t);
  const { page, provider } = scene;
  const turn = (state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  };
  await page.evaluate(turn, "hidden");
  await scene.pass(2 * HOUR, 10 * MINUTE);
  assert.equal(provider.refreshes.length, 0);
  await page.evaluate(turn, "visible");
  await provider.received("token", 2);
  await settled(page);
  assert.equal(provider.refreshes.length, 1);
});

test("a clock that was set back two hours makes a token due, and one that was set forward makes it expire", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  await client.token();
  const now = Date.now();
  await page.clock.setSystemTime(now - 7_200_000);
  assert.equal(await client.token(), "access-alice-1");
  await provider.received("token", 2);
  await settled(page);
  assert.equal(await client.token(), "access-alice-2");
  await page.clock.setSystemTime(now + 7_200_000);
  assert.equal(await client.token(), "access-alice-3");
});

test("Fetch 4.9: a Retry-After that CORS hides leaves the pauses as they are", async (t) => {
  const scene = await nearlyDue(t);
  const { provider } = scene;
  provider.on("token", { status: 503, headers: { "retry-after": "1200" } });
  await scene.pass(10 * MINUTE, 5);
  const { length } = provider.refreshes;
  assert.ok(length >= 4 && length <= 8, `${length} requests in ten minutes`);
});

test("what failed while the network was away is tried again when it is back", async (t) => {
  const scene = await nearlyDue(t);
  const { page, provider, client, context } = scene;
  let failures = 0;
  page.on("requestfailed", () => (failures += 1));
  await context.setOffline(true);
  await scene.pass(20 * MINUTE, 30);
  // A failure stands for all requests of its next ten seconds.
  for (let before = -1; before !== failures; ) {
    before = failures;
    await scene.pass(11);
  }
  assert.equal(provider.refreshes.length, 0);
  await context.setOffline(false);
  await provider.received("token", 2);
  await settled(scene.page);
  assert.equal(await client.token(), "access-alice-2");
  assert.equal(provider.requests.filter(isRefresh).length, 1);
});
