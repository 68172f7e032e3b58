/** `storage: "local"`: all tabs of the origin share one session, which is encrypted in the browser's database. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { opened, settled, signedIn } from "./scene.js";

const FORCED = { forceRefresh: true };
const LOCAL = { storage: "local" };

/** Further tabs of the origin, each with a client. */
async function tabs(scene, count) {
  const pages = await Promise.all(Array.from({ length: count }, () => scene.open()));
  return Promise.all(pages.map(async (page) => ({ page, client: await scene.newClient(page, LOCAL) })));
}

/** Does something in the database of a page's origin. */
function inDatabase(page, act, given) {
  return page.evaluate(
    async ([source, given]) => {
      const result = (request) =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const database = await result(indexedDB.open("countersign"));
      try {
        const stores = database.transaction(["records", "keys"], "readwrite");
        return await new Function(`return ${source}`)()(stores.objectStore("records"), stores.objectStore("keys"), result, given);
      } finally {
        database.close();
      }
    },
    [String(act), given],
  );
}

/** Loads a page again with a client that writes a log. @returns the steps of the log, the account's subject and an attempt at a token */
async function reloadedWithLog(scene, page) {
  await page.reload();
  await page.waitForFunction(() => globalThis.program !== undefined);
  return page.evaluate(async (authority) => {
    const steps = [];
    const client = await globalThis.program.createClient({ authority, clientId: "page", storage: "local", onLog: ({ step }) => steps.push(step) });
    const { error } = await globalThis.program.outcome(client.getToken());
    return { steps, subject: client.account?.subject ?? null, code: error?.code };
  }, scene.provider.issuer);
}

test("a session is there after a reload, in a new tab, and with the token that is still good", async (t) => {
  const scene = await signedIn(t, { clientOptions: LOCAL });
  const reloaded = await scene.reloaded(scene.page, LOCAL);
  assert.equal(await reloaded.subject(), "alice");
  assert.equal(await reloaded.token(), "access-alice-1");
  const [other] = await tabs(scene, 1);
  assert.equal(await other.client.subject(), "alice");
  assert.equal(await other.client.token(), "access-alice-1");
  assert.equal(await other.client.token(FORCED), "access-alice-2");
  assert.equal(await reloaded.token(), "access-alice-2");
  assert.equal(scene.provider.reuses, 0);
});

test("RFC 9700 4.14.2: ten tabs whose token has expired make one refresh, and all hear of it", async (t) => {
  const scene = await signedIn(t, { clientOptions: LOCAL });
  const { provider } = scene;
  const all = [{ page: scene.page, client: scene.client }, ...(await tabs(scene, 9))];
  await Promise.all(all.map(({ page }) => page.clock.fastForward(7_200_000)));
  provider.ahead += 7200;
  const tokens = await Promise.all(all.map(({ client }) => client.token()));
  assert.deepEqual(tokens, Array(10).fill("access-alice-2"));
  assert.equal(provider.refreshes.length, 1);
  for (const { client } of all) assert.equal((await client.heard("tokenrefreshed")).length, 1);
  // And again, by force: a tab that waits for another's refresh takes its token.
  await Promise.all(all.map(({ client }) => client.token(FORCED)));
  assert.equal(provider.reuses, 0);
});

test("a sign-in and a sign-out are heard in every tab, whose account is the new one at once", async (t) => {
  const scene = await opened(t);
  const [one, two] = await tabs(scene, 2);
  assert.equal(await one.client.subject(), null);
  const client = await scene.signIn(scene.page, LOCAL);
  for (const tab of [one, two]) {
    assert.equal((await tab.client.heard("signedin")).length, 1);
    assert.equal(await tab.client.subject(), "alice");
    assert.equal(await tab.client.token(), "access-alice-1");
  }
  await two.client.call("signOut", { local: true });
  for (const other of [client, one.client]) {
    assert.equal((await other.heard("signedout")).length, 1);
    assert.equal(await other.subject(), null);
    await assert.rejects(other.call("getToken"), { code: "sign_in_required" });
  }
});

test("two clients of one page hear of each other", async (t) => {
  const scene = await signedIn(t, { clientOptions: LOCAL });
  const second = await scene.newClient(scene.page, LOCAL);
  await second.token(FORCED);
  assert.equal((await scene.client.heard("tokenrefreshed")).length, 1);
  assert.equal(await scene.client.token(), "access-alice-2");
});

test("a sign-in of another user in one tab gives no caller in another tab that user's token for the former one's", async (t) => {
  const scene = await signedIn(t, { clientOptions: LOCAL });
  const { provider, client } = scene;
  const [other] = await tabs(scene, 1);
  await scene.page.clock.fastForward(7_200_000);
  provider.ahead += 7200;
  const release = provider.hold("token", ({ parameters }) => parameters.grant_type === "refresh_token");
  const token = client.callTogether(3, "getToken");
  await provider.received("token", 2);
  provider.subject = "bob";
  await scene.signIn(other.page, LOCAL);
  release();
  for (const outcome of await token) assert.ok(outcome === "session_replaced" || outcome.accessToken?.startsWith("access-alice-"), JSON.stringify(outcome));
  assert.equal(provider.reuses, 0);
});

test("what is stored holds no token that can be read, and a key that no script can read out", async (t) => {
  const scene = await signedIn(t, { clientOptions: LOCAL });
  const found = await inDatabase(scene.page, async (records, keys, result) => {
    const [entry] = await result(records.getAll());
    const [{ key }] = await result(keys.getAll());
    const texts = [entry.head, new TextDecoder("latin1").decode(entry.data), ...Object.values(localStorage), ...Object.values(sessionStorage)];
    return { texts, isExtractable: key.extractable, algorithm: key.algorithm };
  });
  assert.deepEqual({ ...found, texts: undefined }, { texts: undefined, isExtractable: false, algorithm: { name: "AES-GCM", length: 256 } });
  for (const text of found.texts) assert.doesNotMatch(text, /access-|refresh-|alice/);
});

for (const [what, alter] of [
  ["whose key is gone", (_, keys, result) => result(keys.clear())],
  [
    "that another key has encrypted",
    async (_, keys, result) => {
      // Made before the transaction would end.
      const [{ id }] = await result(keys.getAll());
      return result(keys.put({ id, key: globalThis.otherKey }, "records"));
    },
  ],
  [
    "that was altered",
    async (records, _, result) => {
      const [name] = await result(records.getAllKeys());
      const entry = await result(records.get(name));
      new Uint8Array(entry.data)[20] ^= 1;
      return result(records.put(entry, name));
    },
  ],
  [
    "whose beginning was altered",
    async (records, _, result) => {
      const [name] = await result(records.getAllKeys());
      const entry = await result(records.get(name));
      return result(records.put({ ...entry, head: "revision=9.x&y" }, name));
    },
  ],
  [
    "that is something else",
    async (records, _, result) => {
      const [name] = await result(records.getAllKeys());
      return result(records.put(7, name));
    },
  ],
]) {
  test(`a record ${what} is dropped with an entry in the log: the page is signed out, once`, async (t) => {
    const scene = await signedIn(t, { clientOptions: LOCAL });
    const { page, provider } = scene;
    await page.evaluate(async () => {
      globalThis.otherKey = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    });
    await inDatabase(page, alter);
    assert.deepEqual(await reloadedWithLog(scene, page), { steps: ["session_dropped"], subject: null, code: "sign_in_required" });
    assert.deepEqual(await reloadedWithLog(scene, page), { steps: [], subject: null, code: "sign_in_required" });
    const client = await scene.signIn(page, LOCAL);
    assert.equal(await client.subject(), "alice");
    const reloaded = await scene.reloaded(page, LOCAL);
    assert.match(await reloaded.token(FORCED), /^access-alice-/);
    assert.equal(provider.reuses, 0);
  });
}

test("the database that the user clears ends the session in every tab, and a new one is kept", async (t) => {
  const scene = await signedIn(t, { clientOptions: LOCAL });
  const [other] = await tabs(scene, 1);
  await scene.page.evaluate(() => new Promise((resolve) => (indexedDB.deleteDatabase("countersign").onsuccess = resolve)));
  for (const client of [scene.client, other.client]) {
    await assert.rejects(client.call("getToken", FORCED), { code: "sign_in_required" });
    assert.equal(await client.subject(), null);
  }
  await scene.signIn(scene.page, LOCAL);
  await other.client.heard("signedin");
  assert.match(await other.client.token(FORCED), /^access-alice-/);
});

test("without IndexedDB the session lasts until the page is left, and the page hears storage_unavailable", async (t) => {
  const whenLoaded = () => {
    Object.defineProperty(globalThis, "indexedDB", { value: { open: () => { throw new DOMException("denied", "SecurityError"); } } });
  };
  const scene = await opened(t, { whenLoaded });
  const client = await scene.signIn(scene.page, LOCAL);
  assert.equal(await client.subject(), "alice");
  assert.equal(await client.token(FORCED), "access-alice-2");
  const errors = await client.heard("error");
  assert.deepEqual(errors.map(({ code }) => code), ["storage_unavailable"]);
  const reloaded = await scene.reloaded(scene.page, LOCAL);
  assert.equal(await reloaded.subject(), null);
});

test("a tab that was in the back/forward cache learns when it comes back what happened meanwhile", async (t) => {
  const scene = await signedIn(t, { clientOptions: LOCAL });
  const { page, provider } = scene;
  const [other] = await tabs(scene, 1);
  await page.goto(`${provider.issuer}/elsewhere`);
  await other.client.call("signOut", { local: true });
  await page.goBack({ waitUntil: "commit" });
  await page.waitForFunction(() => globalThis.program !== undefined);
  const client = await page.evaluate(() => globalThis.program.clients.length > 0) ? scene.client : await scene.newClient(page, LOCAL);
  await page.waitForFunction(() => globalThis.program.clients.at(-1).account === null);
  await assert.rejects(client.call("getToken"), { code: "sign_in_required" });
});

test("a tab that ends amid its refresh leaves the session to the others", async (t) => {
  const scene = await signedIn(t, { clientOptions: LOCAL });
  const { page, provider } = scene;
  const [other] = await tabs(scene, 1);
  const { promise: after, resolve: release } = Promise.withResolvers();
  provider.once("token", { status: 503, body: {}, after });
  const lost = scene.client.call("getToken", FORCED).catch(() => {});
  await provider.received("token", 2);
  await page.close();
  release();
  await lost;
  await settled(other.page);
  assert.match(await other.client.token(FORCED), /^access-alice-/);
});
