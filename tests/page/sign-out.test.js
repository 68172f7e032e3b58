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

test("RP-Initiated Logout 1.0 section 2, in a popup: the page stays, and the window closes", async (t) => {
  for (const headers of [undefined, {}, { "cross-origin-opener-policy": "same-origin" }]) {
    const scene = await signedIn(t);
    const { page, provider, origin } = scene;
    if (headers) provider.on("end_session", { page: headers });
    const client = await scene.newClient(page, { postLogoutRedirectUri: `${origin}/callback.html` });
    const { popup, outcome } = await client.inPopup("signOut", { popup: true });
    if (headers) await popup.click("a");
    await outcome();
    if (!popup.isClosed()) await popup.waitForEvent("close");
    const [{ parameters }] = provider.requestsTo("end_session");
    assert.ok(parameters.id_token_hint);
    assert.equal(page.url(), `${origin}/`);
    await assertSignedOut(scene, client);
  }
});

test("a sign-out in a popup that the user closes, or that is blocked, is a sign-out here", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, origin } = scene;
  provider.on("end_session", { page: {} });
  const client = await scene.newClient(page, { postLogoutRedirectUri: `${origin}/callback.html` });
  const { popup, outcome } = await client.inPopup("signOut", { popup: true });
  await popup.waitForSelector("a");
  await popup.waitForTimeout(500);
  await popup.close();
  await assert.rejects(outcome(), { code: "popup_closed" });
  await assertSignedOut(scene, client);
});

test("a sign-out in a popup that nothing could close is refused, and nobody is signed out", async (t) => {
  const { client } = await signedIn(t);
  await client.onClick("signOut", { popup: true });
  await assert.rejects(client.outcome("signOut"), { code: "invalid_option", message: /postLogoutRedirectUri/ });
  assert.equal(await client.subject(), "alice");
});

test("RFC 7009 section 2.1: a sign-out revokes the refresh token if the provider offers that", async (t) => {
  const options = { provider: (provider) => (provider.paths.revocation = "/revoke"), clientOptions: {} };
  for (const [given, count] of [[{ local: true }, 0], [{ local: true, revoke: true }, 1], [{ revoke: false }, 0], [{}, 1]]) {
    const scene = await signedIn(t, options);
    const { page, provider, client, origin } = scene;
    const away = given.local ? undefined : page.waitForURL(`${provider.issuer}/signed-out`);
    await client.call("signOut", given).catch(() => {});
    await away;
    const revocations = provider.requestsTo("revocation");
    assert.equal(revocations.length, count, JSON.stringify(given));
    for (const { parameters } of revocations) {
      assert.deepEqual(parameters, { token: "refresh-alice-1", token_type_hint: "refresh_token", client_id: "page" });
    }
    assert.equal(provider.requestsTo("end_session").length, given.local ? 0 : 1);
    await page.goto(origin);
    const next = await scene.newClient(await loaded(page));
    assert.equal(await next.subject(), null);
  }
});

test("RFC 7009 section 2.2.1: a provider that cannot revoke keeps nobody signed in", async (t) => {
  for (const reply of [{ status: 503 }, { status: 400, body: { error: "unsupported_token_type" } }, { cut: true, body: () => "{}" }]) {
    const scene = await signedIn(t, { provider: (provider) => (provider.paths.revocation = "/revoke") });
    scene.provider.on("revocation", reply);
    await scene.client.call("signOut", { local: true, revoke: true });
    assert.equal(scene.provider.requestsTo("revocation").length, 1);
    await assertSignedOut(scene, scene.client);
  }
});

test("Front-Channel Logout 1.0 section 3: a page in the provider's frame ends the session of iss and sid, in the other tabs too", async (t) => {
  const claims = (claims) => ({ ...claims, sid: "s1" });
  const scene = await signedIn(t, { provider: (provider) => (provider.claims = claims) });
  const { page, provider, client } = scene;
  const iss = encodeURIComponent(provider.issuer);
  // A tab of its own stands for the frame, whose session storage is not that of the tab either.
  const frame = await scene.open("/logout");
  const framed = await scene.newClient(frame);
  const logout = (query) => framed.call("handleFrontChannelLogout", `${scene.origin}/logout${query}`);
  for (const query of ["", `?iss=${iss}`, `?iss=${iss}&sid=s2`, `?iss=https%3A%2F%2Fother.example&sid=s1`, `#iss=${iss}&sid=s1`]) {
    assert.equal(await logout(query), false);
  }
  assert.equal(await framed.call("handleFrontChannelLogout"), false);
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
  assert.equal(await client.subject(), "alice");
  await logout(`?iss=${iss}&sid=s1`);
  await assertSignedOutAndHeard(client);
  await assertSignedOut(scene, client);

  const second = await scene.signIn(page);
  assert.equal(await second.call("handleFrontChannelLogout", `${scene.origin}/?iss=${iss}&sid=s1`), true);
  await assertSignedOut(scene, second);
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
