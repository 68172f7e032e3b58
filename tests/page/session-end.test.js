/** The end of a session that cannot be renewed any further. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { loaded, signedIn } from "./scene.js";

/** The refresh token ends before the access token has to be renewed. */
const ENDING = { provider: (provider) => provider.on("token", { body: (good) => ({ ...good, refresh_token_expires_in: 600 }) }) };

test("after a reload a listener that is added when the client is there hears reauthdue once", async (t) => {
  const scene = await signedIn(t, ENDING);
  const { page, provider, client } = scene;
  const [{ at }] = await client.heard("reauthdue");
  assert.ok(Math.abs(at - provider.now - 600) < 60, `${at}`);
  await page.reload();
  await loaded(page);
  const heard = await page.evaluate(async (authority) => {
    const client = await globalThis.program.createClient({ authority, clientId: "page" });
    // The page may do other things first.
    for (let turn = 0; turn < 3; turn += 1) await navigator.locks.query();
    const heard = [];
    for (const listener of ["first", "second"]) {
      client.addEventListener("reauthdue", ({ detail }) => heard.push([listener, detail.at]));
      await navigator.locks.query();
    }
    await client.getToken();
    return heard;
  }, provider.issuer);
  assert.deepEqual(heard, [["first", at]]);
});

test("reauthDueAt can be read at any time", async (t) => {
  const scene = await signedIn(t, ENDING);
  const { page, client } = scene;
  const [{ at }] = await client.heard("reauthdue");
  assert.equal(await client.get("reauthDueAt"), at);
  const next = await scene.reloaded(page);
  assert.equal(await next.get("reauthDueAt"), at);
  await next.call("signOut", { local: true });
  assert.equal(await next.get("reauthDueAt"), null);
});

test("a session of which no end is known has none", async (t) => {
  const { client } = await signedIn(t);
  assert.equal(await client.get("reauthDueAt"), null);
  assert.deepEqual(await client.eventNames(), ["signedin"]);
});

test("RFC 6749 5.2: a refresh token that the provider has revoked ends in reauthdue, not in signedout", async (t) => {
  const scene = await signedIn(t);
  const { provider, client } = scene;
  await client.token();
  provider.on("token", { status: 400, body: { error: "invalid_grant" } });
  await scene.pass(3400);
  await client.heard("reauthdue");
  assert.deepEqual(await client.eventNames(), ["signedin", "reauthdue"]);
  assert.equal(await client.subject(), "alice");
  assert.equal(await client.token(), "access-alice-1");
  await scene.pass(7200, 300);
  assert.equal(provider.refreshes.length, 1);
});
