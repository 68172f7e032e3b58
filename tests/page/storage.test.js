/** Storage that is denied or full. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { loaded, opened, signedIn } from "./scene.js";

const FORCED = { forceRefresh: true };
const LOCAL = { local: true };

/** Leaves no room in the page's storage. */
function fill(page) {
  return page.evaluate(() => {
    for (let size = 2 ** 22, count = 0; size >= 1; ) {
      try {
        sessionStorage.setItem(`filler-${count}`, "x".repeat(size));
        count += 1;
      } catch {
        size /= 2;
      }
    }
  });
}

test("a page whose storage is denied starts signed out, and says at its sign-in what is wrong", async (t) => {
  const scene = await opened(t, {
    whenLoaded: () => {
      const get = () => {
        throw new DOMException("Access is denied for this document.", "SecurityError");
      };
      Object.defineProperty(globalThis, "sessionStorage", { get });
    },
  });
  const client = await scene.newClient(scene.page);
  assert.equal(await client.subject(), null);
  await assert.rejects(client.call("getToken"), { code: "sign_in_required" });
  await assert.rejects(client.call("signIn"), { code: "storage_unavailable" });
  assert.deepEqual(scene.provider.requestsTo("authorization"), []);
});

test("Web Locks 3: a page that is denied locks says that storage must be allowed, not that the page is insecure", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  await page.evaluate(() => {
    navigator.locks.request = () => Promise.reject(new DOMException("Access is denied for this document.", "SecurityError"));
  });
  const says = ({ code, detail, message }) => code === "storage_unavailable" && detail === "Web Locks" && message.includes("allow storage");
  await assert.rejects(client.call("getToken", FORCED), says);
  assert.deepEqual(provider.refreshes, []);
});

test("a storage that is full keeps the new refresh token, if not the new access token", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  await fill(page);
  const long = "x".repeat(20_000);
  provider.once("token", { body: (good) => ({ ...good, access_token: long }) });
  assert.equal(await client.token(FORCED), long);
  const next = await scene.reloaded(page);
  assert.equal(await next.subject(), "alice");
  assert.match(await next.token(FORCED), /^access-alice-3/);
  const sent = provider.refreshes.map(({ parameters }) => parameters.refresh_token);
  assert.deepEqual(sent, ["refresh-alice-1", "refresh-alice-2"]);
});

test("a storage that has no room for a refresh token either keeps the session in the page, and says so once", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  await fill(page);
  provider.claims = (claims) => ({ ...claims, groups: "x".repeat(20_000) });
  assert.equal(await client.token(FORCED), "access-alice-2");
  assert.equal(await client.token(FORCED), "access-alice-3");
  assert.deepEqual((await client.heard("error")).map(({ code }) => code), ["storage_unavailable"]);
});

test("a sign-out ends the session though the storage is full", async (t) => {
  const scene = await signedIn(t);
  const { page, client } = scene;
  await fill(page);
  await client.call("signOut", LOCAL);
  assert.equal(await client.subject(), null);
  const next = await scene.reloaded(page);
  assert.equal(await next.subject(), null);
});

test("a page that clears its storage is signed out", async (t) => {
  const scene = await signedIn(t);
  const { page, client } = scene;
  await page.evaluate(() => sessionStorage.clear());
  assert.equal(await client.subject(), null);
  assert.deepEqual(await client.eventNames(), ["signedin", "signedout"]);
  await assert.rejects(client.call("getToken"), { code: "sign_in_required" });
  const next = await scene.signIn(page);
  assert.equal(await next.subject(), "alice");
});

test("a record that was cut short or altered is no session, and no error", async (t) => {
  const scene = await signedIn(t);
  const { page } = scene;
  for (const change of [(record) => record.slice(0, record.length / 2), (record) => record.replace("alice", "mallory%"), () => "&&&"]) {
    await page.evaluate((change) => {
      const name = Object.keys(sessionStorage).find((name) => name.endsWith(":session"));
      sessionStorage.setItem(name, new Function(`return ${change}`)()(sessionStorage.getItem(name)));
    }, String(change));
    await page.reload();
    await loaded(page);
    const client = await scene.newClient(page);
    const next = await scene.signIn(page);
    assert.notEqual(await client.subject().catch(() => null), "mallory%");
    assert.equal(await next.subject(), "alice");
  }
});

test("a record of an older layout is taken where it has all that is needed, and dropped with an entry in the log where it has not", async (t) => {
  const scene = await signedIn(t);
  const { page, provider } = scene;
  const change = (changes) =>
    page.evaluate((changes) => {
      const name = Object.keys(sessionStorage).find((name) => name.endsWith(":session"));
      const record = new URLSearchParams(sessionStorage.getItem(name));
      for (const member of changes) record.delete(member);
      sessionStorage.setItem(name, record);
    }, changes);
  // What came later: the provider's clock.
  await change(["clocks"]);
  const client = await scene.reloaded(page);
  assert.deepEqual([await client.subject(), await client.get("clockSkew")], ["alice", null]);
  assert.equal(await client.token(FORCED), "access-alice-2");
  assert.equal(await client.get("clockSkew"), 0);
  await change(["target"]);
  await page.reload();
  await loaded(page);
  const steps = await page.evaluate(async (authority) => {
    const steps = [];
    await globalThis.program.createClient({ authority, clientId: "page", onLog: ({ step }) => steps.push(step) });
    return steps;
  }, provider.issuer);
  assert.deepEqual(steps, ["session_dropped"]);
  const dropped = await scene.reloaded(page);
  assert.equal(await dropped.subject(), null);
});
