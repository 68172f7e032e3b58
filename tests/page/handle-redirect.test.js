/** The provider's response: it is taken once, by the client that asked for it. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isRefresh } from "./provider.js";
import { loaded, opened, signedIn } from "./scene.js";

/** A page that has come back with a response, which nobody has taken yet. */
async function cameBack(t, clientOptions) {
  const scene = await opened(t);
  const client = await scene.newClient(scene.page, clientOptions);
  await client.leave({ appState: { path: "/notes" } });
  return scene;
}

/** What `handleRedirect` of these clients comes to, called at once. */
function handledTogether(page, places, url) {
  const call = ([places, url]) => Promise.all(places.map((place) => globalThis.program.call(place, "handleRedirect", url)));
  return page.evaluate(call, [places, url ? [url] : []]);
}

const redemptions = (provider) => provider.requestsTo("token").filter((request) => !isRefresh(request));

function assertOneSignIn(outcomes, provider) {
  for (const { value } of outcomes) {
    assert.equal(value?.account.subject, "alice");
    assert.deepEqual(value.appState, { path: "/notes" });
  }
  assert.equal(redemptions(provider).length, 1);
}

test("RFC 6749 4.1.2, a code is used once: two calls at once, as in React's StrictMode, share one result", async (t) => {
  const scene = await cameBack(t);
  await scene.newClient(scene.page);
  assertOneSignIn(await handledTogether(scene.page, [0, 0]), scene.provider);
});

test("RFC 6749 4.1.2, a code is used once: two clients of one client ID share one result", async (t) => {
  const scene = await cameBack(t);
  await scene.newClient(scene.page);
  await scene.newClient(scene.page);
  assertOneSignIn(await handledTogether(scene.page, [0, 1]), scene.provider);
});

test("RFC 6749 4.1.2, a code is used once: two modules, each with its copy of the package, share one result", async (t) => {
  const scene = await cameBack(t);
  const options = { authority: scene.provider.issuer, clientId: "page" };
  const outcomes = await scene.page.evaluate(async (options) => {
    const { program } = globalThis;
    await import("/main.js?another");
    const programs = [program, globalThis.program];
    for (const { create } of programs) await create(options);
    return Promise.all(programs.map(({ call }) => call(0, "handleRedirect", [])));
  }, options);
  assertOneSignIn(outcomes, scene.provider);
});

test("RFC 6749 4.1.2, a code is used once: a call with the same response, later, gets the same result", async (t) => {
  const scene = await cameBack(t);
  const { page } = scene;
  const response = page.url();
  await scene.newClient(page);
  const first = await handledTogether(page, [0], response);
  assert.equal(page.url(), `${scene.origin}/`);
  const second = await handledTogether(page, [0], response);
  await scene.newClient(page);
  const other = await handledTogether(page, [1], response);
  assertOneSignIn([...first, ...second, ...other], scene.provider);
  assert.deepEqual(await handledTogether(page, [0]), [{ value: null }], "the page's URL has no response any more");
});

test("a failed sign-in fails for each of its callers, once at the provider", async (t) => {
  const scene = await cameBack(t);
  scene.provider.once("token", { status: 400, body: { error: "invalid_grant" } });
  await scene.newClient(scene.page);
  await scene.newClient(scene.page);
  const outcomes = await handledTogether(scene.page, [0, 0, 1]);
  assert.deepEqual(outcomes.map(({ error }) => error?.code), Array(3).fill("interaction_required"));
  assert.equal(redemptions(scene.provider).length, 1);
  assert.equal(scene.page.url(), `${scene.origin}/`);
});

test("RFC 9700 4.7.1: a state that nobody here has sent is null, and the URL stays", async (t) => {
  const scene = await opened(t);
  const url = `${scene.origin}/?code=c&state=s&iss=${encodeURIComponent(scene.provider.issuer)}`;
  await scene.page.goto(url);
  await loaded(scene.page);
  const client = await scene.newClient(scene.page);
  assert.equal(await client.call("handleRedirect"), null);
  assert.equal(scene.page.url(), url);
  assert.deepEqual(scene.provider.requestsTo("token"), []);
});

for (const query of ["code=SUMMER", "code=SUMMER&state=Bavaria", "error=404"]) {
  test(`a page's own ?${query} is left alone while there is an abandoned sign-in`, async (t) => {
    const scene = await cameBack(t);
    const url = `${scene.origin}/?${query}`;
    await scene.page.goto(url);
    await loaded(scene.page);
    const client = await scene.newClient(scene.page);
    assert.equal(await client.call("handleRedirect"), null);
    assert.equal(scene.page.url(), url);
    assert.deepEqual(scene.provider.requestsTo("token"), []);
  });
}

test("two clients with one redirect URI each take their own response", async (t) => {
  const scene = await opened(t);
  const { page, provider } = scene;
  for (const clientId of ["first", "second"]) {
    const client = await scene.newClient(page, { clientId });
    await client.leave();
    const clients = [await scene.newClient(page, { clientId: "first" }), await scene.newClient(page, { clientId: "second" })];
    const results = [];
    for (const client of clients) results.push(await client.call("handleRedirect"));
    assert.deepEqual(results.map((result) => result !== null), [clientId === "first", clientId === "second"]);
    assert.equal(page.url(), `${scene.origin}/`);
  }
  assert.deepEqual(redemptions(provider).map(({ parameters }) => parameters.client_id), ["first", "second"]);
});

test("RFC 6749 4.1.2: a response with our state and neither code nor error is invalid, and leaves the URL", async (t) => {
  for (const responseMode of ["query", "fragment"]) {
    const scene = await opened(t);
    const { page, provider } = scene;
    provider.once("authorization", { parameters: ({ state, iss }) => ({ state, iss }) });
    const client = await scene.newClient(page);
    await client.leave({ responseMode });
    const next = await scene.newClient(page);
    await assert.rejects(next.call("handleRedirect"), ({ code, message }) => code === "response_invalid" && message.includes("neither code nor error"));
    assert.equal(page.url(), `${scene.origin}/`);
    assert.equal(await next.call("handleRedirect"), null);
    assert.deepEqual(redemptions(provider), []);
  }
});

test("RFC 9207 2.4: a response with another issuer fails, and the session of before stays", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  provider.once("authorization", { parameters: (good) => ({ ...good, iss: "https://evil.example" }) });
  await client.leave();
  const next = await scene.newClient(page);
  await assert.rejects(next.call("handleRedirect"), { code: "response_issuer_mismatch" });
  assert.equal(await next.subject(), "alice");
  assert.equal(page.url(), `${scene.origin}/`);
  assert.equal(redemptions(provider).length, 1);
});

test("RFC 6749 4.1.2.1: what the provider refuses is told once, and not again after a reload", async (t) => {
  const scene = await opened(t);
  const { page, provider } = scene;
  provider.once("authorization", { parameters: ({ state, iss }) => ({ error: "access_denied", state, iss }) });
  const client = await scene.newClient(page);
  await client.leave();
  const next = await scene.newClient(page);
  await assert.rejects(next.call("handleRedirect"), { code: "authorization_refused", error: "access_denied" });
  const last = await scene.reloaded(page);
  assert.equal(await last.call("handleRedirect"), null);
});

test("RFC 6749 4.1.2, a code is used once: a page that is loaded again while its code is redeemed does not send it again", async (t) => {
  const scene = await cameBack(t);
  const { page, provider, origin } = scene;
  const release = provider.hold("token");
  await scene.newClient(page);
  await page.evaluate(() => void globalThis.program.call(0, "handleRedirect", []));
  await provider.received("token", 1);
  const next = await scene.reloaded(page);
  release();
  // The page that was left may still have recorded that it got no response.
  await assert.rejects(next.call("handleRedirect"), ({ code }) => ["state_replayed", "network_error"].includes(code));
  assert.equal(page.url(), `${origin}/`);
  assert.equal(redemptions(provider).length, 1);
  const last = await scene.signIn(page);
  assert.equal(await last.subject(), "alice");
});

test("a page that has moved on while its sign-in is completed stays where it is", async (t) => {
  const scene = await cameBack(t);
  const { page, provider, origin } = scene;
  const release = provider.hold("token");
  const client = await scene.newClient(page);
  const completed = client.call("handleRedirect");
  await provider.received("token", 1);
  await page.evaluate(() => history.replaceState({ kept: true }, "", "/notes?page=2"));
  release();
  assert.equal((await completed).account.subject, "alice");
  assert.equal(page.url(), `${origin}/notes?page=2`);
  assert.deepEqual(await page.evaluate(() => history.state), { kept: true });
});

test("a listener that signs out as soon as somebody signs in has the last word", async (t) => {
  const scene = await cameBack(t);
  const { page } = scene;
  const client = await scene.newClient(page);
  await page.evaluate(() => {
    const [client] = globalThis.program.clients;
    client.addEventListener("signedin", () => client.signOut({ local: true }));
  });
  await client.call("handleRedirect").catch(() => {});
  await client.heard("signedout");
  assert.equal(await client.subject(), null);
  const next = await scene.reloaded(page);
  assert.equal(await next.subject(), null);
});

test("a sign-out while a sign-in is completed ends it", async (t) => {
  const scene = await cameBack(t);
  const { page, provider } = scene;
  const release = provider.hold("token");
  const client = await scene.newClient(page);
  const completed = client.call("handleRedirect");
  await provider.received("token", 1);
  await client.call("signOut", { local: true });
  release();
  await assert.rejects(completed, { code: "sign_in_cancelled" });
  assert.equal(await client.subject(), null);
  const next = await scene.reloaded(page);
  assert.equal(await next.subject(), null);
});

test("OpenID Connect Core 3.1.3.7: a clock that is 90 seconds slow signs in, though the ID token has nbf", async (t) => {
  const scene = await opened(t, { clock: Date.now() - 90_000 });
  scene.provider.claims = (claims) => ({ ...claims, nbf: claims.iat });
  const client = await scene.signIn(scene.page);
  assert.equal(await client.subject(), "alice");
});

test("OpenID Connect Core 2: an ID token whose sub is empty signs nobody in", async (t) => {
  const scene = await opened(t);
  scene.provider.subject = "";
  await assert.rejects(scene.signIn(scene.page), { code: "token_claim_invalid" });
});
