/** After a sign-out nobody is signed in, even if another page or client has the session in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isRefresh } from "./provider.js";
import { loaded, opened, signedIn } from "./scene.js";

const LOCAL = { local: true };

/** Nobody is signed in, in none of these clients, and after a reload neither. */
async function assertSignedOut(scene, ...clients) {
  for (const client of clients) {
    assert.equal(await client.subject(), null);
    await assert.rejects(client.call("getToken"), { code: "sign_in_required" });
  }
  const next = await scene.reloaded(scene.page);
  assert.equal(await next.subject(), null);
  await assert.rejects(next.call("getToken"), { code: "sign_in_required" });
}

test("a second client in the page does not write the session back, and hears of the sign-out", async (t) => {
  const scene = await signedIn(t);
  const { page, client } = scene;
  const second = await scene.newClient(page);
  assert.equal(await second.subject(), "alice");
  await client.call("signOut", LOCAL);
  await assertSignedOutAndHeard(second);
  await assertSignedOut(scene, client);
});

test("a refresh that was under way in a second client does not write the session back", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  const second = await scene.newClient(page);
  const release = provider.hold("token");
  const refreshed = second.call("getToken", { forceRefresh: true });
  await provider.received("token", 2);
  await client.call("signOut", LOCAL);
  release();
  await assert.rejects(refreshed, { code: "sign_in_required" });
  await assertSignedOut(scene, client, second);
});

test("a same-origin frame does not write the session back, and hears of the sign-out", async (t) => {
  const scene = await signedIn(t);
  const { page, client } = scene;
  const frame = await scene.frameIn(page, "/frame");
  const framed = await scene.newClient(frame);
  assert.equal(await framed.token({ forceRefresh: true }), "access-alice-2", "a frame is no copy of its tab");
  await client.call("signOut", LOCAL);
  await assertSignedOutAndHeard(framed);
  await assertSignedOut(scene, client);
  assert.equal(scene.provider.reuses, 0);
});

test("a page in the back/forward cache does not write the session back, and hears of the sign-out", async (t) => {
  const scene = await signedIn(t);
  const { page, client } = scene;
  await page.evaluate(() => addEventListener("pageshow", ({ persisted }) => (globalThis.wasPersisted = persisted)));
  await page.goto(`${scene.origin}/other`);
  await loaded(page);
  const other = await scene.newClient(page);
  await other.call("signOut", LOCAL);
  await page.goBack({ waitUntil: "commit" });
  await page.waitForFunction(() => globalThis.wasPersisted);
  await assertSignedOutAndHeard(client);
  await assertSignedOut(scene, client);
});

/** The listeners hear of it before anybody asks the client. */
async function assertSignedOutAndHeard(client) {
  assert.equal((await client.heard("signedout")).length, 1);
  assert.equal(await client.subject(), null);
  await assert.rejects(client.call("getToken"), { code: "sign_in_required" });
}

test("a client hears when somebody signs in under it, and when it is somebody else", async (t) => {
  const scene = await opened(t);
  const { page, provider } = scene;
  const client = await scene.newClient(page);
  const frame = await scene.frameIn(page, "/frame");
  for (const subject of ["alice", "bob"]) {
    provider.subject = subject;
    await scene.signIn(frame, { redirectUri: `${scene.origin}/frame` });
    assert.equal(await client.subject(), subject);
    assert.match(await client.token(), new RegExp(`^access-${subject}-`));
  }
  assert.deepEqual(await client.eventNames(), ["signedin", "signedin"]);
  assert.deepEqual(provider.requestsTo("token").filter(isRefresh), []);
});

test("RP-Initiated Logout 1.0 section 2: a sign-out goes on to the provider, and comes back signed out", async (t) => {
  const scene = await signedIn(t, { clientOptions: {} });
  const { page, provider, origin } = scene;
  const client = await scene.newClient(page, { postLogoutRedirectUri: `${origin}/bye` });
  const gone = page.waitForURL(`${origin}/bye`);
  await client.call("signOut").catch(() => {});
  await gone;
  await loaded(page);
  const [request] = provider.requestsTo("end_session");
  assert.equal(request.parameters.client_id, "page");
  const next = await scene.newClient(page);
  assert.equal(await next.subject(), null);
});

test("a sign-out ends the sign-ins that are under way", async (t) => {
  const scene = await opened(t);
  const { page } = scene;
  const first = await scene.newClient(page);
  await first.leave();
  const client = await scene.newClient(page);
  await client.call("signOut", LOCAL);
  assert.equal(await client.call("handleRedirect"), null);
  assert.equal(await client.subject(), null);
});
