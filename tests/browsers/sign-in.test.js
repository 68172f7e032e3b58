/**
 * Sign-in, popup, refresh and sign-out through the package's own JavaScript in a browser other than Chromium.
 *
 *     cargo xtask test firefox-page
 *     COUNTERSIGN_BROWSER=firefox node --test --test-global-setup=tests/page/setup.js tests/browsers/*.test.js
 */
import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";

import { startProviders } from "../page/provider.js";
import { startSite } from "../page/site.js";
import { BROWSERS } from "./browsers.js";
import { launch } from "./webdriver.js";

const [browser, providers, site] = await Promise.all([launch(BROWSERS[process.env.COUNTERSIGN_BROWSER]()), startProviders(), startSite()]);
after(async () => {
  await browser.close();
  providers.stop();
  site.stop();
});

/** A page that is loaded, with its client; nobody is signed in. */
async function opened({ opener, ...options } = {}) {
  const provider = providers.open();
  const origin = site.origin({ opener });
  const given = { authority: provider.issuer, clientId: "page", redirectUri: `${origin}/`, ...options };
  await browser.go(`${origin}/`);
  const scene = { provider, origin, given };
  await client(scene);
  return scene;
}

/** Makes the page's client. */
async function client({ given }) {
  await browser.until((browser) => browser.evaluate(() => globalThis.program !== undefined));
  await browser.evaluate((given) => globalThis.program.create(given), given);
}

const call = (method, ...options) =>
  browser.evaluate((method, options) => globalThis.program.call(0, method, options).then(({ value, error }) => ({ value: value ?? null, code: error?.code })), method, options);

const subject = () => browser.evaluate(() => globalThis.program.clients[0].account?.subject ?? null);

async function signIn(scene) {
  await browser.evaluate(() => void globalThis.program.clients[0].signIn({ returnTo: "/notes" }));
  await browser.until(async (browser) => (await browser.url()).includes("state="));
  await client(scene);
  return call("handleRedirect");
}

test("a sign-in by redirect, a reload, a sign-out at the provider", async () => {
  const scene = await opened({ postLogoutRedirectUri: undefined });
  const { value } = await signIn(scene);
  assert.equal(value.account.subject, "alice");
  assert.equal(value.returnTo, `${scene.origin}/notes`);
  await browser.go(`${scene.origin}/`);
  await client(scene);
  assert.equal(await subject(), "alice");
  const { value: token } = await call("getToken");
  assert.equal(token.accessToken, "access-alice-1");
  await browser.evaluate(() => void globalThis.program.clients[0].signOut());
  await browser.until(async (browser) => (await browser.url()).endsWith("/signed-out"));
  await browser.go(`${scene.origin}/`);
  await client(scene);
  assert.equal(await subject(), null);
});

for (const [name, opener, headers] of [
  ["without a Cross-Origin-Opener-Policy", undefined, {}],
  ["with a Cross-Origin-Opener-Policy of the provider", undefined, { "cross-origin-opener-policy": "same-origin" }],
  ["with a Cross-Origin-Opener-Policy of both", "same-origin", { "cross-origin-opener-policy": "same-origin" }],
]) {
  test(`a sign-in and a sign-out in a popup, ${name}`, async () => {
    const { provider, origin, given } = await opened({ opener });
    Object.assign(given, { popupRedirectUri: `${origin}/callback.html`, postLogoutRedirectUri: `${origin}/callback.html` });
    await browser.go(`${origin}/`);
    await client({ given });
    for (const endpoint of ["authorization", "end_session"]) provider.on(endpoint, { page: headers });
    for (const [method, options, expected] of [["signInPopup", {}, "alice"], ["signOut", { popup: true }, null]]) {
      const before = await browser.windows();
      await browser.evaluate(
        (method, options) => {
          document.body.innerHTML = "<button>Click</button>";
          document.querySelector("button").onclick = () => (window.called = globalThis.program.call(0, method, [options]));
        },
        method,
        options,
      );
      await browser.click("button");
      await browser.until(async (browser) => (await browser.windows()).length > before.length);
      const popup = (await browser.windows()).find((handle) => !before.includes(handle));
      await browser.switchTo(popup);
      await browser.until(async (browser) => (await browser.url()).startsWith(provider.issuer));
      await browser.until((browser) => browser.evaluate(() => document.querySelector("a") !== null));
      await browser.click("a").catch(() => {});
      await browser.until(async (browser) => (await browser.windows()).length === before.length);
      await browser.switchTo(before[0]);
      const outcome = await browser.evaluate(() => window.called.then(({ error }) => error ?? null));
      assert.equal(outcome, null);
      assert.equal(await subject(), expected);
    }
    assert.equal(provider.requestsTo("token").length, 1);
  });
}

test("a popup that the user closes is told", async () => {
  const { provider } = await opened();
  provider.on("authorization", { page: {} });
  const before = await browser.windows();
  await browser.evaluate(() => {
    // The driver does not give the focus back as a user's window system does.
    document.hasFocus = () => true;
    document.body.innerHTML = "<button>Click</button>";
    document.querySelector("button").onclick = () => (window.called = globalThis.program.call(0, "signInPopup", []));
  });
  await browser.click("button");
  await browser.until(async (browser) => (await browser.windows()).length > before.length);
  const popup = (await browser.windows()).find((handle) => !before.includes(handle));
  await browser.switchTo(popup);
  await browser.until((browser) => browser.evaluate(() => document.querySelector("a") !== null));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await browser.evaluate(() => void setTimeout(() => close(), 50));
  await browser.until(async (browser) => (await browser.windows()).length === before.length);
  await browser.switchTo(before[0]);
  const code = await browser.evaluate(() => window.called.then(({ error }) => error.code));
  assert.equal(code, "popup_closed");
});

test("a shared session: many tabs refresh at once, and the refresh token is used once at a time; a sign-out ends it in all", async () => {
  const scene = await opened({ storage: "local" });
  const { provider, origin } = scene;
  await signIn(scene);
  const [first] = await browser.windows();
  const tabs = [first];
  for (let count = 0; count < 3; count += 1) {
    tabs.push(await browser.newTab());
    await browser.go(`${origin}/`);
    await client(scene);
    assert.equal(await subject(), "alice");
  }
  for (const tab of tabs) {
    await browser.switchTo(tab);
    await browser.evaluate(() => void (window.called = globalThis.program.call(0, "getToken", [{ forceRefresh: true }])));
  }
  for (const tab of tabs) {
    await browser.switchTo(tab);
    const code = await browser.evaluate(() => window.called.then(({ error }) => error?.code ?? null));
    assert.equal(code, null);
  }
  assert.equal(provider.reuses, 0);
  await call("signOut", { local: true });
  for (const tab of tabs) {
    await browser.switchTo(tab);
    await browser.until(async () => (await subject()) === null);
  }
});
