/** A sign-in in a window of its own: with and without a Cross-Origin-Opener-Policy, blocked, closed, given up, replaced. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { opened } from "./scene.js";

const ISOLATED = { "cross-origin-opener-policy": "same-origin" };

/** A page with a client whose popup comes back to the callback page. */
async function scene(t, { page, clientOptions, ...options } = {}) {
  const scene = await opened(t, options);
  if (page !== undefined) scene.provider.on("authorization", { page });
  scene.popupRedirectUri = `${scene.origin}/callback.html`;
  const client = await scene.newClient(scene.page, { popupRedirectUri: scene.popupRedirectUri, ...clientOptions });
  return Object.assign(scene, { client });
}

const isClosed = (page) => page.isClosed() || page.waitForEvent("close");

for (const [name, page, opener] of [
  ["without a Cross-Origin-Opener-Policy", {}],
  ["of the provider", ISOLATED],
  ["of the page", {}, "same-origin"],
  ["of both", ISOLATED, "same-origin"],
  ["at a provider that asks nothing"],
]) {
  test(`a sign-in in a popup, with a Cross-Origin-Opener-Policy ${name}`, async (t) => {
    const { client, provider, popupRedirectUri, page: opening } = await scene(t, { page, site: { opener } });
    const { popup, outcome } = await client.inPopup("signInPopup", { appState: { path: "/notes" } });
    if (page) await popup.click("a");
    const signIn = await outcome();
    assert.equal(signIn.account.subject, "alice");
    assert.deepEqual(signIn.appState, { path: "/notes" });
    assert.equal(await client.subject(), "alice");
    assert.equal(await client.token(), "access-alice-1");
    await isClosed(popup);
    const [request] = provider.requestsTo("authorization");
    assert.equal(request.parameters.redirect_uri, popupRedirectUri);
    assert.equal(opening.url(), new URL("/", popupRedirectUri).href);
    assert.deepEqual(await client.eventNames(), ["signedin"]);
  });
}

test("a page at the redirect URI that calls handleRedirect, not the callback page, hands the response over too", async (t) => {
  for (const page of [{}, ISOLATED]) {
    const whenLoaded = async (program) => {
      if (!location.search.includes("state=")) return;
      await program.create({ authority: new URLSearchParams(location.search).get("iss"), clientId: "page" });
      program.call(0, "handleRedirect", []);
    };
    const { client, page: opening } = await scene(t, { page, clientOptions: { popupRedirectUri: undefined }, whenLoaded });
    const { popup, outcome } = await client.inPopup("signInPopup");
    await popup.click("a");
    const { account } = await outcome();
    assert.equal(account.subject, "alice");
    await isClosed(popup);
    assert.equal(await client.token(), "access-alice-1");
    assert.equal(new URL(opening.url()).search, "");
  }
});

test("a popup that the browser blocks is told, and nothing is sent", async (t) => {
  // Not in a click.
  const whenLoaded = async (program) => {
    await program.create({ authority: "https://as.example", clientId: "page" });
    // What a driver evaluates counts as a click for some seconds.
    while (navigator.userActivation.isActive) await new Promise((resolve) => setTimeout(resolve, 100));
    globalThis.called = program.call(0, "signInPopup", []);
  };
  const { page, provider } = await opened(t, { whenLoaded });
  await page.waitForFunction(() => globalThis.called);
  const { error } = await page.evaluate(() => globalThis.called);
  assert.equal(error.code, "popup_blocked");
  assert.match(error.message, /in the handler of a click/);
  assert.deepEqual(provider.requests, []);
});

test("an option of a wrong type opens no window", async (t) => {
  const { client, context } = await scene(t);
  await client.onClick("signInPopup", { maxAge: "3600" });
  await assert.rejects(client.outcome("signInPopup"), { code: "invalid_option" });
  assert.equal(context.pages().length, 1);
});

test("a popup that the user closes is told soon", async (t) => {
  const { client } = await scene(t, { page: {} });
  const { popup, outcome } = await client.inPopup("signInPopup");
  await popup.waitForSelector("a");
  // The page has seen it.
  await popup.waitForTimeout(500);
  await popup.close();
  await assert.rejects(outcome(), { code: "popup_closed" });
  assert.equal(await client.subject(), null);
});

test("a popup that the user closes before the provider's page is there is told, and the provider's page is not asked for", async (t) => {
  const { client, provider } = await scene(t);
  const release = provider.hold("metadata");
  const { popup, outcome } = await client.inPopup("signInPopup");
  await provider.received("metadata", 1);
  await popup.close();
  release();
  await assert.rejects(outcome(), { code: "popup_closed" });
  assert.deepEqual(provider.requestsTo("authorization"), []);
});

test("a popup that a Cross-Origin-Opener-Policy cuts off is not taken for closed", async (t) => {
  const { client, page } = await scene(t, { page: ISOLATED });
  const { popup, outcome } = await client.inPopup("signInPopup");
  await popup.waitForSelector("a");
  await page.clock.runFor(60_000);
  await popup.click("a");
  const { account } = await outcome();
  assert.equal(account.subject, "alice");
});

test("a popup that a later page's Cross-Origin-Opener-Policy cuts off is not taken for closed: it has the focus", async (t) => {
  const { client, page, provider } = await scene(t);
  await page.evaluate(() => (document.hasFocus = () => false));
  provider.on("authorization", { page: ISOLATED });
  provider.once("authorization", { page: {} });
  const { popup, outcome } = await client.inPopup("signInPopup");
  await popup.waitForSelector("a");
  await page.clock.runFor(1_000);
  await popup.reload();
  await page.clock.runFor(5_000);
  // The user looks at the page behind it.
  await page.evaluate(() => (document.hasFocus = () => true));
  await page.clock.runFor(5_000);
  await popup.click("a");
  const { account } = await outcome();
  assert.equal(account.subject, "alice");
});

test("a call that is aborted closes its popup; a response to it is no use to anybody", async (t) => {
  for (const page of [{}, ISOLATED]) {
    const { client, context, page: opening, provider } = await scene(t, { page });
    const { popup } = await client.inPopup("signInPopup");
    await popup.waitForSelector("a");
    await popup.close();
    await opening.evaluate(() => {
      globalThis.controller = new AbortController();
      document.onclick = () => (globalThis.aborted = globalThis.program.call(0, "signInPopup", [{ signal: globalThis.controller.signal }]));
    });
    const opens = context.waitForEvent("page");
    await opening.mouse.click(10, 10);
    const second = await opens;
    await second.waitForSelector("a");
    await opening.evaluate(() => globalThis.controller.abort(new Error("enough")));
    const { error } = await opening.evaluate(() => globalThis.aborted);
    assert.equal(error.code, "aborted");
    if (page === ISOLATED) {
      await second.click("a");
      await second.waitForFunction(() => document.body.textContent.includes("No page is waiting for this response"));
    } else await isClosed(second);
    assert.equal(await client.subject(), null);
    assert.deepEqual(provider.requestsTo("token"), []);
  }
});

test("a newer sign-in takes the place of an older one, and the older one's window closes", async (t) => {
  const { client, provider } = await scene(t, { page: {} });
  const first = await client.inPopup("signInPopup");
  await first.popup.waitForSelector("a");
  const older = first.outcome().then(() => undefined, ({ code }) => code);
  const second = await client.inPopup("signInPopup");
  await isClosed(first.popup);
  assert.equal(await older, "sign_in_superseded");
  await second.popup.click("a");
  const { account } = await second.outcome();
  assert.equal(account.subject, "alice");
  assert.equal(provider.requestsTo("token").length, 1);
});

test("a page that comes back without handing over the response is told what to do, after ten seconds", async (t) => {
  const { client, page, origin } = await scene(t, { page: {}, clientOptions: { popupRedirectUri: undefined } });
  const { popup, outcome } = await client.inPopup("signInPopup");
  await popup.click("a");
  await popup.waitForURL(`${origin}/?**`);
  await page.clock.runFor(15_000);
  await assert.rejects(outcome(), { code: "popup_no_response", message: /countersign\/callback/ });
});

test("a callback page of another origin is refused at once: it could not hand anything over", async (t) => {
  const { client } = await scene(t, { clientOptions: { popupRedirectUri: "https://elsewhere.example/callback.html" } });
  await client.onClick("signInPopup");
  await assert.rejects(client.outcome("signInPopup"), { code: "invalid_option", message: /popupRedirectUri must be on the page's origin/ });
});

test("a page that was left while the popup was open: the popup says so", async (t) => {
  const { client, page, origin, provider } = await scene(t, { page: ISOLATED });
  const { popup } = await client.inPopup("signInPopup");
  await popup.waitForSelector("a");
  await page.goto(`${origin}/elsewhere`);
  await popup.click("a");
  await popup.waitForFunction(() => document.body.textContent.includes("No page is waiting for this response"));
  assert.deepEqual(provider.requestsTo("token"), []);
});

test("two pages with a popup each: each gets its own response", async (t) => {
  const scene1 = await scene(t, { page: {} });
  const { provider, popupRedirectUri, client } = scene1;
  const other = await scene1.newClient(await scene1.open(), { popupRedirectUri });
  const first = await client.inPopup("signInPopup", { appState: 1 });
  await first.popup.waitForSelector("a");
  const second = await other.inPopup("signInPopup", { appState: 2 });
  await second.popup.click("a");
  await first.popup.click("a");
  assert.equal((await second.outcome()).appState, 2);
  assert.equal((await first.outcome()).appState, 1);
  assert.equal(provider.requestsTo("token").length, 2);
});

test("a popup leaves a redirect sign-in that is under way as it is", async (t) => {
  const scene1 = await scene(t);
  const { page, client, origin } = scene1;
  await client.leave({ appState: "redirect" });
  const response = page.url();
  const next = await scene1.newClient(page, { popupRedirectUri: scene1.popupRedirectUri });
  const { outcome } = await next.inPopup("signInPopup", { appState: "popup" });
  assert.equal((await outcome()).appState, "popup");
  assert.equal(page.url(), response);
  const { appState } = await next.call("handleRedirect");
  assert.equal(appState, "redirect");
  assert.equal(page.url(), `${origin}/`);
});

test("a sign-out ends the sign-in of a popup", async (t) => {
  const { client, provider } = await scene(t, { page: {} });
  const { popup, outcome } = await client.inPopup("signInPopup");
  await popup.waitForSelector("a");
  const ended = outcome().then(() => undefined, ({ code }) => code);
  await client.call("signOut", { local: true });
  assert.equal(await ended, "sign_in_cancelled");
  await isClosed(popup);
  assert.deepEqual(provider.requestsTo("token"), []);
});

test("the provider's refusal comes back through the popup", async (t) => {
  const { client, provider } = await scene(t, { page: ISOLATED });
  provider.once("authorization", { page: ISOLATED, parameters: ({ state, iss }) => ({ error: "access_denied", state, iss }) });
  const { popup, outcome } = await client.inPopup("signInPopup");
  await popup.click("a");
  await assert.rejects(outcome(), { code: "authorization_refused", error: "access_denied" });
  await isClosed(popup);
});
