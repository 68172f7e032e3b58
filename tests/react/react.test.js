/** countersign/react in Chromium, under StrictMode, with each React that it supports. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { opened } from "../page/scene.js";

for (const react of [18, 19]) {
  const rule = (name, run) => test(`React ${react}: ${name}`, run);

  /** A page with these components, loaded. */
  async function shown(t, { path = "/", options, ...settings }) {
    const scene = await opened(t);
    const all = { react, parts: [], authority: scene.provider.issuer, clientId: "page", redirectUri: `${scene.origin}/`, ...settings };
    await scene.page.evaluate((all) => localStorage.setItem("settings", JSON.stringify(all)), all);
    await scene.page.goto(scene.origin + path);
    scene.text = (id) => scene.page.locator(`#${id}`).textContent();
    scene.shows = (id, text) => scene.page.locator(`#${id}`).getByText(text, { exact: true }).waitFor();
    scene.program = (read) => scene.page.evaluate(read);
    return scene;
  }

  async function signedIn(t, settings = {}) {
    const scene = await shown(t, settings);
    await scene.shows("status", "signed-out");
    await scene.page.locator("#in").click();
    await scene.shows("status", "signed-in alice");
    return scene;
  }

  rule("a user signs in, the response is used once, and the page goes back to where it was", async (t) => {
    const scene = await signedIn(t);
    assert.match(await scene.program(() => globalThis.program.version), new RegExp(`^${react}\\.`));
    assert.equal(await scene.text("signed-in"), "alice");
    assert.equal(await scene.page.locator("#signed-out").count(), 0);
    assert.equal(scene.page.url(), `${scene.origin}/back`);
    assert.deepEqual(await scene.program(() => globalThis.program.signIns.map(({ appState, returnTo }) => [appState, returnTo])), [["mine", `${scene.origin}/back`]]);
    assert.equal(await scene.program(() => globalThis.program.clients.length), 1);
    assert.equal(scene.provider.requestsTo("token").length, 1);
  });

  rule("before the page is shown signed in, it is where it was", async (t) => {
    const scene = await signedIn(t);
    const statuses = await scene.program(() => globalThis.program.states.map(({ status }) => status));
    assert.deepEqual([statuses[0], statuses.at(-1), statuses.includes("signed-out")], ["loading", "signed-in", false]);
  });

  rule("a sign-out is shown, and one that is made by the client itself", async (t) => {
    const scene = await signedIn(t);
    await scene.page.locator("#out").click();
    await scene.shows("status", "signed-out");
    assert.equal(await scene.text("signed-out"), "nobody");
    await scene.page.locator("#in").click();
    await scene.shows("status", "signed-in alice");
    await scene.program(() => globalThis.program.clients[0].signOut({ local: true }));
    await scene.shows("status", "signed-out");
  });

  rule("a sign-in that fails is shown by its code, and the next one clears it", async (t) => {
    const scene = await shown(t, {});
    await scene.shows("status", "signed-out");
    const end = scene.provider.on("authorization", { parameters: ({ state, iss }) => ({ state, iss, error: "access_denied" }) });
    await scene.page.locator("#in").click();
    await scene.shows("status", "signed-out authorization_refused");
    end();
    await scene.page.locator("#in").click();
    await scene.shows("status", "signed-in alice");
  });

  rule("a client that cannot be made is a failure with its code", async (t) => {
    const scene = await shown(t, { clientId: "" });
    await scene.shows("status", "failed invalid_option");
    assert.equal(await scene.page.locator("#signed-out").count(), 0);
  });

  rule("useToken gives another token when it is renewed, and renders only for another one", async (t) => {
    const scene = await signedIn(t, { parts: ["token"] });
    await scene.shows("token", "access-alice-2");
    const rendered = await scene.program(() => globalThis.program.rendered);
    await scene.pass(60);
    assert.equal(await scene.program(() => globalThis.program.rendered), rendered);
    await scene.pass(3400, 100);
    await scene.shows("token", "access-alice-3");
  });

  rule("useToken says why there is no token", async (t) => {
    const scene = await shown(t, { parts: ["token"] });
    await scene.shows("status", "signed-out");
    await scene.shows("token", "none");
    scene.provider.on("token", ({ parameters }) => (parameters.grant_type === "refresh_token" ? { status: 400, body: { error: "invalid_scope" } } : undefined));
    await scene.page.locator("#in").click();
    await scene.shows("token", "token_request_refused");
  });

  rule("a guard signs in by itself, and the page is back at its path", async (t) => {
    const scene = await shown(t, { parts: ["guard"], path: "/orders/5?page=2#top" });
    await scene.shows("guarded", "orders");
    assert.equal(scene.page.url(), `${scene.origin}/orders/5?page=2#top`);
    assert.equal(scene.provider.requestsTo("authorization").length, 1);
  });

  rule("a guard does not sign in again after a refusal, unless the user wants to", async (t) => {
    const scene = await shown(t, { parts: [] });
    const end = scene.provider.on("authorization", { parameters: ({ state, iss }) => ({ state, iss, error: "access_denied" }) });
    await scene.page.evaluate(() => {
      localStorage.setItem("settings", JSON.stringify({ ...JSON.parse(localStorage.getItem("settings")), parts: ["guard"] }));
    });
    await scene.page.reload();
    await scene.shows("fallback", "authorization_refused");
    await scene.page.clock.runFor(5000);
    assert.equal(scene.provider.requestsTo("authorization").length, 1);
    end();
    await scene.page.locator("#fallback").click();
    await scene.shows("guarded", "orders");
  });

  rule("a guard does not sign in who has just signed out", async (t) => {
    const scene = await shown(t, { parts: ["guard"] });
    await scene.shows("guarded", "orders");
    await scene.page.locator("#out").click();
    await scene.shows("fallback", "waiting");
    await scene.page.clock.runFor(5000);
    assert.equal(scene.provider.requestsTo("authorization").length, 1);
  });

  rule("a provider that is unmounted closes its client, and one that is mounted again has another", async (t) => {
    const scene = await signedIn(t);
    await scene.program(() => globalThis.program.setThere(false));
    await scene.page.clock.runFor(1000);
    const code = await scene.program(() => globalThis.program.clients[0].getToken().then(() => "none", ({ code }) => code));
    assert.equal(code, "client_closed");
    await scene.program(() => globalThis.program.setThere(true));
    await scene.shows("status", "signed-in alice");
    assert.equal(await scene.program(() => globalThis.program.clients.length), 2);
  });
}
