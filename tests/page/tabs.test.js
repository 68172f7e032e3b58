/** Several tabs, copies of tabs, and frames: each refresh token is used by one of them, once. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isRefresh } from "./provider.js";
import { loaded, signedIn } from "./scene.js";

const FORCED = { forceRefresh: true };

/** A copy of a page's tab: a page that is opened by another one starts with a copy of its session storage. */
async function duplicated({ context, page }) {
  const opens = context.waitForEvent("page");
  await page.evaluate(() => void open(location.href));
  return loaded(await opens);
}

test("RFC 9700 4.14.2: of two copies of a tab the original keeps the refresh token, and the copy the account", async (t) => {
  const scene = await signedIn(t);
  const { provider, client } = scene;
  const copy = await scene.newClient(await duplicated(scene));
  assert.equal(await copy.subject(), "alice");
  assert.equal(await copy.token(), "access-alice-1", "still good");
  await assert.rejects(copy.call("getToken", FORCED), { code: "interaction_required" });
  assert.equal(await client.token(FORCED), "access-alice-2");
  assert.equal(await client.token(FORCED), "access-alice-3");
  assert.equal(provider.refreshes.length, 2);
  assert.equal(provider.reuses, 0);
});

test("a copy of a tab asks the provider for a session of its own, and both live on", async (t) => {
  const scene = await signedIn(t);
  const { provider, client } = scene;
  const tab = await duplicated(scene);
  const copy = await scene.signIn(tab);
  assert.equal(await copy.token(FORCED), "access-alice-3");
  assert.equal(await client.token(FORCED), "access-alice-4");
  const reloaded = await scene.reloaded(tab);
  assert.equal(await reloaded.token(FORCED), "access-alice-5");
  assert.equal(await client.token(FORCED), "access-alice-6");
  assert.equal(provider.reuses, 0);
});

test("a tab that is loaded again is no copy, whether another one of it lives or not", async (t) => {
  const scene = await signedIn(t);
  const { page, provider } = scene;
  const again = await scene.reloaded(page);
  assert.equal(await again.token(FORCED), "access-alice-2");
  await scene.newClient(await duplicated(scene));
  const third = await scene.reloaded(page);
  assert.equal(await third.token(FORCED), "access-alice-3");
  assert.equal(provider.reuses, 0);
});

test("a copy of a copy gives up nothing that the original has", async (t) => {
  const scene = await signedIn(t);
  const { provider, client } = scene;
  const tab = await duplicated(scene);
  await scene.signIn(tab);
  const copy = await scene.newClient(await duplicated({ ...scene, page: tab }));
  await assert.rejects(copy.call("getToken", FORCED), { code: "interaction_required" });
  const second = await scene.reloaded(tab);
  assert.match(await second.token(FORCED), /^access-/);
  assert.match(await client.token(FORCED), /^access-/);
  assert.equal(provider.reuses, 0);
});

test("a tab that was copied while its page was in the back/forward cache is the copy when that page comes back", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  const contents = await page.evaluate(() => Object.entries(sessionStorage));
  await page.goto(`${provider.issuer}/elsewhere`);
  const tab = await scene.open();
  await tab.evaluate((contents) => contents.forEach(([name, value]) => sessionStorage.setItem(name, value)), contents);
  const other = await scene.newClient(tab);
  assert.equal(await other.token(FORCED), "access-alice-2");
  await page.goBack({ waitUntil: "commit" });
  await assert.rejects(client.call("getToken", FORCED), { code: "interaction_required" });
  assert.equal(await client.subject(), "alice");
  assert.equal(await client.token(), "access-alice-1", "still good");
  assert.equal(await other.token(FORCED), "access-alice-3");
  assert.equal(provider.reuses, 0);
});

test("a page that comes back by the back/forward cache is no copy, if its tab was not copied", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  for (const token of ["access-alice-2", "access-alice-3"]) {
    await page.goto(`${provider.issuer}/elsewhere`);
    await page.goBack({ waitUntil: "commit" });
    assert.equal(await client.token(FORCED), token);
  }
  const copy = await scene.newClient(await duplicated(scene));
  await assert.rejects(copy.call("getToken", FORCED), { code: "interaction_required" });
  assert.equal(provider.reuses, 0);
});

test("a tab is known as the original though the frame is gone that was there first", async (t) => {
  const scene = await signedIn(t);
  const { page, provider } = scene;
  await page.goto(`${scene.origin}/frames`);
  await loaded(page);
  const frame = await scene.frameIn(page, "/frame");
  await scene.newClient(frame);
  const client = await scene.newClient(page);
  await page.evaluate(() => document.querySelector("iframe").remove());
  const copy = await scene.newClient(await duplicated(scene));
  await assert.rejects(copy.call("getToken", FORCED), { code: "interaction_required" });
  assert.equal(await client.token(FORCED), "access-alice-2");
  assert.equal(provider.reuses, 0);
});

test("two clients of a page that is a copy both know it", async (t) => {
  const scene = await signedIn(t);
  const tab = await duplicated(scene);
  const clients = await Promise.all([scene.newClient(tab), scene.newClient(tab)]);
  for (const client of clients) await assert.rejects(client.call("getToken", FORCED), { code: "interaction_required" });
  assert.deepEqual(scene.provider.refreshes, []);
});

test("tabs of their own have sessions of their own: a sign-out in one leaves the other", async (t) => {
  const scene = await signedIn(t);
  const { provider, client } = scene;
  const tab = await scene.open();
  const first = await scene.newClient(tab);
  assert.equal(await first.subject(), null, "storage: session");
  provider.subject = "bob";
  const other = await scene.signIn(tab);
  assert.equal(await other.subject(), "bob");
  assert.equal(await client.subject(), "alice");
  await client.call("signOut", { local: true });
  assert.equal(await other.token(FORCED), "access-bob-3");
  assert.equal(provider.reuses, 0);
});

test("a caller that waited for the old session's lock takes the token of the fresh sign-in", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  await scene.pass(7200);
  const release = provider.hold("token", isRefresh);
  const first = client.call("getToken");
  await provider.received("token", 2);
  const second = await scene.newClient(page);
  const waiting = second.callTogether(3, "getToken");
  // A sign-in beside them, in a frame of the same tab.
  const frame = await scene.frameIn(page, "/frame");
  await scene.signIn(frame, { redirectUri: `${scene.origin}/frame` });
  release();
  await assert.rejects(first, { code: "session_replaced" });
  const tokens = await waiting;
  assert.deepEqual(tokens.map(({ accessToken }) => accessToken), Array(3).fill("access-alice-2"));
  assert.equal(provider.reuses, 0);
  // The clock of a frame that was loaded later may be a little ahead.
  await scene.pass(5);
  assert.equal(await client.token(FORCED), "access-alice-4");
  const sent = provider.refreshes.map(({ parameters }) => parameters.refresh_token);
  assert.deepEqual(sent, ["refresh-alice-1", "refresh-alice-2"]);
  const next = await scene.reloaded(page);
  assert.equal(await next.token(FORCED), "access-alice-5");
});

test("a caller that waited for the old session's lock gets no token of somebody else who signed in", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  await scene.pass(7200);
  const release = provider.hold("token", isRefresh);
  const first = client.callTogether(3, "getToken");
  await provider.received("token", 2);
  provider.subject = "bob";
  const frame = await scene.frameIn(page, "/frame");
  await scene.signIn(frame, { redirectUri: `${scene.origin}/frame` });
  release();
  assert.deepEqual(await first, Array(3).fill("session_replaced"));
  await scene.pass(5);
  assert.match(await client.token(FORCED), /^access-bob-/);
  assert.equal(provider.reuses, 0);
});
