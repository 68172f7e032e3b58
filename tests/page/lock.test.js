/** The lock of the refresh token: it is taken from a page that is frozen, and from no other. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { signedIn } from "./scene.js";

/** How long the lock is waited for, and a little more. */
const PATIENCE_SECONDS = 61;

/** Takes the lock of the session, and never releases it. */
function freeze(page) {
  return page.evaluate(() => {
    const name = Object.keys(sessionStorage).find((name) => name.endsWith(":session"));
    const [, family] = /^revision=\d+\.([^&]*)/.exec(sessionStorage.getItem(name));
    return new Promise((acquired) => {
      const hold = () => new Promise(() => acquired());
      navigator.locks.request(`countersign:refresh:${family}`, hold).catch(() => {});
    });
  });
}

test("callers who wait for a page that is frozen take its lock after a minute, and make one request", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  await scene.pass(7200);
  await freeze(page);
  const waiting = client.callTogether(3, "getToken");
  await page.waitForFunction(async () => (await navigator.locks.query()).pending.length > 0);
  await page.clock.runFor(PATIENCE_SECONDS * 1000);
  const tokens = await waiting;
  assert.deepEqual(tokens.map(({ accessToken }) => accessToken), Array(3).fill("access-alice-2"));
  assert.equal(provider.refreshes.length, 1);
  assert.equal(provider.reuses, 0);
});

test("RFC 9700 4.14.2: callers who wait for slow requests of others, for more than a minute, wait their turn", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  await client.token();
  const scopes = ["openid a", "openid b", "openid c", "openid d"];
  const gates = scopes.map(() => Promise.withResolvers());
  provider.on("token", () => ({ after: gates[provider.refreshes.length - 1].promise }));
  const waiting = scopes.map((scope) => client.token({ scope }));
  for (const [place, { resolve: respond }] of gates.entries()) {
    await provider.received("token", place + 2);
    await page.clock.runFor(25_000);
    respond();
  }
  assert.equal(new Set(await Promise.all(waiting)).size, scopes.length);
  const sent = provider.refreshes.map(({ parameters }) => parameters.refresh_token);
  assert.equal(new Set(sent).size, scopes.length, "each is sent once");
  assert.equal(provider.reuses, 0);
});
