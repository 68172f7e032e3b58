/** Where the provider sends the user back to. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { opened } from "./scene.js";

for (const [what, spelling] of Object.entries({
  "an origin without a slash": (origin) => origin,
  "a host in upper case": (origin) => `${origin.replace("page", "PAGE")}/callback`,
  "a space in its path": (origin) => `${origin}/a callback`,
  "a path outside ASCII": (origin) => `${origin}/rückruf`,
})) {
  test(`URL standard 4.5: a redirect URI with ${what} is the page's own URL`, async (t) => {
    const scene = await opened(t);
    const redirectUri = spelling(scene.origin);
    const client = await scene.signIn(scene.page, { redirectUri });
    assert.equal(await client.subject(), "alice");
    const [authorization] = scene.provider.requestsTo("authorization");
    assert.equal(authorization.parameters.redirect_uri, redirectUri, "as it is registered");
    assert.equal(scene.page.url(), new URL(redirectUri).href);
  });
}

for (const responseMode of ["query", "fragment"]) {
  test(`RFC 6749 3.1.2: a redirect URI's own query stays when a response in the ${responseMode} is removed`, async (t) => {
    const scene = await opened(t);
    const redirectUri = `${scene.origin}/callback?tenant=a%20b&code=mine`;
    const client = await scene.signIn(scene.page, { redirectUri }, { responseMode });
    assert.equal(await client.subject(), "alice");
    assert.equal(scene.page.url(), redirectUri);
  });
}

test("a page that signs in by itself, at another URL than its redirect URI, ends in sign_in_loop", async (t) => {
  const scene = await opened(t, {
    site: { moved: { "/callback": "/app" } },
    whenLoaded: async ({ keep, createClient, outcome }) => {
      const authority = new URLSearchParams(location.hash.slice(1)).get("authority") ?? sessionStorage.getItem("authority");
      globalThis.isIdle = authority === null;
      if (globalThis.isIdle) return;
      sessionStorage.setItem("authority", authority);
      const client = await createClient({ authority, clientId: "page", redirectUri: `${location.origin}/callback` });
      keep(client);
      if ((await client.handleRedirect()) === null && client.account === null) {
        const { error } = await outcome(client.signIn());
        globalThis.failure = error.code;
      }
    },
  });
  const { page, provider, origin } = scene;
  // Otherwise the reload may interrupt a sign-in of the first load.
  await page.waitForFunction(() => globalThis.isIdle);
  await page.goto(`${origin}/app#authority=${encodeURIComponent(provider.issuer)}`);
  await page.reload();
  await page.waitForFunction(() => globalThis.failure !== undefined);
  assert.equal(await page.evaluate(() => globalThis.failure), "sign_in_loop");
  assert.equal(provider.requestsTo("authorization").length, 8);
  assert.match(page.url(), /\/app\?code=.*&state=/, "the response is not this client's to remove");
});
