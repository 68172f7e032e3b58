/** A store of the page's own: an object with `get` and `set`, which take time, fail, hang or lie. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { opened, signedIn } from "./scene.js";

const FORCED = { forceRefresh: true };

/** Every client of the page has a store over `localStorage`, which a test can spoil through `globalThis.spoilt`. */
function withStore(program) {
  const { storeName = "set" } = globalThis;
  globalThis.spoilt = {};
  globalThis.calls = [];
  const pause = () => new Promise((over) => setTimeout(over, globalThis.spoilt.delay ?? 0));
  const store = {
    async get(name) {
      globalThis.calls.push("get");
      await pause();
      if (globalThis.spoilt.get) return globalThis.spoilt.get(name);
      return localStorage.getItem(name) ?? undefined;
    },
    async [storeName](name, value) {
      globalThis.calls.push("set");
      await pause();
      if (globalThis.spoilt.set) return globalThis.spoilt.set(name, value);
      return localStorage.setItem(name, value);
    },
    subscribe(listener) {
      const hear = () => listener();
      addEventListener("changed-elsewhere", hear);
      return () => removeEventListener("changed-elsewhere", hear);
    },
  };
  program.create = async (options, events) => program.keep(await program.createClient({ ...options, storage: store }), events);
}

const OWN = { whenLoaded: withStore };
// Timers of the pages run by the tests' clock.
const runsOn = (page) => page.clock.resume();

async function own(t, options) {
  const scene = await signedIn(t, { ...OWN, ...options });
  return scene;
}

test("a session is there after a reload and in another tab, which hears of every change", async (t) => {
  const scene = await own(t);
  const reloaded = await scene.reloaded(scene.page);
  assert.equal(await reloaded.token(), "access-alice-1");
  const other = await scene.newClient(await scene.open());
  assert.equal(await other.subject(), "alice");
  assert.equal(await other.token(FORCED), "access-alice-2");
  await reloaded.heard("tokenrefreshed");
  assert.equal(await reloaded.token(), "access-alice-2");
  await reloaded.call("signOut", { local: true });
  await other.heard("signedout");
  assert.equal(await other.subject(), null);
  assert.equal(scene.provider.reuses, 0);
});

test("ten callers in two tabs make one refresh each time, however slow the store is", async (t) => {
  const scene = await own(t);
  const { provider, page, client } = scene;
  const tab = await scene.open();
  const other = await scene.newClient(tab);
  for (const each of [page, tab]) {
    await runsOn(each);
    await each.evaluate(() => (globalThis.spoilt.delay = 40));
    await each.clock.fastForward(7_200_000);
  }
  provider.ahead += 7200;
  const [mine, others] = await Promise.all([client.callTogether(5, "getToken"), other.callTogether(5, "getToken")]);
  assert.deepEqual([...mine, ...others].map(({ accessToken }) => accessToken), Array(10).fill("access-alice-2"));
  assert.equal(provider.refreshes.length, 1);
});

test("a token of the cache is found without asking the store", async (t) => {
  const { page, client } = await own(t);
  await client.token();
  await page.evaluate(() => (globalThis.calls.length = 0));
  assert.equal(await client.token(), "access-alice-1");
  assert.deepEqual(await page.evaluate(() => globalThis.calls), []);
});

for (const [what, spoil] of [
  ["fails", () => (globalThis.spoilt.get = () => Promise.reject(new Error("no")))],
  ["throws at once", () => (globalThis.spoilt.get = () => { throw new Error("no"); })],
  ["gives what is no string", () => (globalThis.spoilt.get = () => ({ a: 1 }))],
]) {
  test(`a store whose get ${what} leaves the session that the page knows, with its tokens`, async (t) => {
    const { page, provider, client } = await own(t);
    await page.evaluate(spoil);
    assert.equal(await client.subject(), "alice");
    assert.equal(await client.token(), "access-alice-1");
    assert.equal(await client.token(FORCED), "access-alice-2");
    assert.equal(await client.token(FORCED), "access-alice-3");
    await page.evaluate(() => (globalThis.spoilt = {}));
    assert.equal(await client.token(FORCED), "access-alice-4");
    assert.equal(provider.reuses, 0);
  });
}

test("a store whose set fails leaves the session in the page, which hears of it once, and is written when it works again", async (t) => {
  const scene = await own(t);
  const { page, provider, client } = scene;
  await page.evaluate(() => (globalThis.spoilt.set = () => Promise.reject(new Error("full"))));
  for (const token of ["access-alice-2", "access-alice-3"]) assert.equal(await client.token(FORCED), token);
  assert.deepEqual((await client.heard("error")).map(({ code }) => code), ["storage_unavailable"]);
  await page.evaluate(() => (globalThis.spoilt = {}));
  assert.equal(await client.token(FORCED), "access-alice-4");
  const reloaded = await scene.reloaded(page);
  assert.equal(await reloaded.token(FORCED), "access-alice-5");
  assert.equal(provider.reuses, 0);
});

test("a store that does not respond is given up after ten seconds, and the session goes on", async (t) => {
  const { page, provider, client } = await own(t);
  await page.evaluate(() => (globalThis.spoilt.get = () => new Promise(() => {})));
  const token = client.token(FORCED);
  const passing = setInterval(() => page.clock.runFor(10_000).catch(() => {}), 100);
  assert.equal(await token, "access-alice-2");
  clearInterval(passing);
  assert.equal(provider.reuses, 0);
});

test("a store that loses what it took signs the page out without a loop", async (t) => {
  const { page, provider, client } = await own(t);
  await page.evaluate(() => (globalThis.spoilt.get = () => null));
  await assert.rejects(client.call("getToken", FORCED), { code: "sign_in_required" });
  assert.deepEqual(await page.evaluate(() => globalThis.calls.length < 20), true);
  assert.deepEqual(provider.refreshes, []);
});

test("what somebody else writes is heard by subscribe", async (t) => {
  const { page, client } = await own(t);
  await page.evaluate(() => {
    localStorage.clear();
    dispatchEvent(new Event("changed-elsewhere"));
  });
  await client.heard("signedout");
  assert.equal(await client.subject(), null);
});

for (const storage of [{ get: "no" }, {}, [], 7]) {
  test(`createClient refuses the store ${JSON.stringify(storage)}, and says what one has`, async (t) => {
    const scene = await opened(t);
    const refused = scene.newClient(scene.page, { storage });
    await assert.rejects(refused, ({ code, message }) => code === "invalid_option" && /storage must be .* get and set/.test(message));
  });
}
