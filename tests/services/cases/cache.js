// The tokens that a service keeps: in the isolate, and in a store that its instances share.

import { createConfidentialClient } from "countersign/edge";
import { assert } from "chai";

import { moveClock, refused } from "../../edge/cases/case.js";
import { claimsOf, recording, test } from "./authority.js";

const SCOPE = "api://orders.contoso.example/.default";
const KEY = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";

/** A client with tokens of its own: its metadata is another text, and with it its configuration. */
let made = 0;
async function instance({ v2, applications }, options) {
  const { clientId, secret } = applications["Daemon with a secret"];
  const metadata = await (await fetch(`${v2}/.well-known/openid-configuration`)).json();
  const { fetch: recorded, forms } = recording();
  made += 1;
  const client = createConfidentialClient({
    authority: v2,
    clientId,
    credential: { secret },
    metadata: { ...metadata, instance: made },
    fetch: recorded,
    ...options,
  });
  return { client, forms };
}

/** A store in memory, of which a test changes what it likes. */
function memoryStore(changed) {
  const entries = new Map();
  return {
    entries,
    store: {
      get: async (name) => entries.get(name),
      set: async (name, value) => void entries.set(name, value),
      ...changed,
    },
  };
}

/** One that loses every second write. */
function losingHalf() {
  const { store } = memoryStore();
  let writes = 0;
  return { ...store, set: async (...given) => ((writes += 1) % 2 === 0 ? store.set(...given) : undefined) };
}

test("One request is enough for a thousand callers, and its refusal for all of them", async (authority) => {
  const { client, forms } = await instance(authority);
  const tokens = await Promise.all(Array.from({ length: 1000 }, () => client.clientCredentials({ scope: SCOPE })));
  assert.lengthOf(forms, 1);
  assert.lengthOf(new Set(tokens.map(({ accessToken }) => accessToken)), 1);
  const refusals = Array.from({ length: 100 }, () => refused("target_refused", () => client.clientCredentials({ scope: "api://nowhere.example/.default" })));
  await Promise.all(refusals);
  assert.lengthOf(forms, 2);
});

test("A token that is due is handed out, and renewed once in the background", async (authority) => {
  const background = [];
  const { client, forms } = await instance(authority, { waitUntil: (work) => background.push(work) });
  const first = await client.clientCredentials({ scope: SCOPE });
  moveClock(first.refreshAt - Date.now() / 1000 + 1);
  const due = await Promise.all(Array.from({ length: 100 }, () => client.clientCredentials({ scope: SCOPE })));
  assert.lengthOf(due.filter(({ accessToken }) => accessToken === first.accessToken), 100);
  assert.lengthOf(background, 1);
  await Promise.all(background);
  assert.lengthOf(forms, 2);
  const { obtainedAt } = await client.clientCredentials({ scope: SCOPE });
  assert.isAbove(obtainedAt, first.refreshAt);
  assert.lengthOf(forms, 2);
});

test("An expired token is never handed out, whatever the provider does", async (authority) => {
  const { client } = await instance(authority);
  const { expiresAt } = await client.clientCredentials({ scope: SCOPE });
  moveClock(expiresAt - Date.now() / 1000);
  await authority.tell("POST", "/faults", { kind: "status", path: "/token", status: 400, times: 5 });
  const error = await client.clientCredentials({ scope: SCOPE }).catch((error) => error);
  assert.equal(error.name, "AuthError");
  await authority.tell("DELETE", "/faults");
});

test("A token in the store serves the other instances, and an instance with another credential or key gets none", async (authority) => {
  const { store, entries } = memoryStore();
  const cache = { store, key: KEY };
  const first = await instance(authority, { cache });
  const { accessToken } = await first.client.clientCredentials({ scope: SCOPE });
  const second = await instance(authority, { cache });
  assert.equal((await second.client.clientCredentials({ scope: SCOPE })).accessToken, accessToken);
  assert.lengthOf(second.forms, 0);

  const { client } = await instance(authority, { cache, credential: { secret: "guessed" } });
  await refused("client_refused", () => client.clientCredentials({ scope: SCOPE }));
  const otherKey = await instance(authority, { cache: { store, key: KEY.replace("q", "r") } });
  await otherKey.client.clientCredentials({ scope: SCOPE });
  assert.lengthOf(otherKey.forms, 1);

  const seen = JSON.stringify([...entries]);
  for (const secret of [accessToken, accessToken.split(".")[1].slice(4, 40), authority.applications["Daemon with a secret"].clientId, "orders"]) {
    assert.notInclude(seen, secret);
  }
});

test("A store that fails, hangs, loses or damages what it holds costs a request and nothing else", async (authority) => {
  const damaged = memoryStore();
  const mixed = memoryStore();
  const { client } = await instance(authority, { cache: { store: mixed.store, key: KEY } });
  await client.clientCredentials({ scope: "https://ledger.contoso.example/.default" });
  for (const [name, store] of Object.entries({
    fails: memoryStore({ get: () => Promise.reject(new Error("no")), set: () => Promise.reject(new Error("no")) }).store,
    "throws at once": memoryStore({
      get() {
        throw new Error("no");
      },
      set() {
        throw new Error("no");
      },
    }).store,
    hangs: memoryStore({ get: () => new Promise(() => {}), set: () => new Promise(() => {}) }).store,
    loses: memoryStore({ set: async () => {} }).store,
    damages: { ...damaged.store, get: async (name) => damaged.entries.get(name)?.slice(0, -7) },
    "mixes up": { ...mixed.store, get: async () => [...mixed.entries.values()][0] },
    "holds something else": memoryStore({ get: async () => "{}" }).store,
    "loses half of what is written": losingHalf(),
    "cannot lock": memoryStore({ lock: () => Promise.reject(new Error("no")) }).store,
    "has locks without an end": memoryStore({ lock: async () => undefined }).store,
    "fails to unlock": memoryStore({
      lock: async () => () => {
        throw new Error("no");
      },
    }).store,
  })) {
    const { client, forms } = await instance(authority, { cache: { store, key: KEY } });
    const { accessToken } = await client.clientCredentials({ scope: SCOPE });
    assert.isString(accessToken, name);
    assert.lengthOf(forms, 1, name);
    await client.clientCredentials({ scope: SCOPE });
    assert.lengthOf(forms, 1, name);
  }
});

test("A store that loses half of its writes: each instance gets each token with one request at most, and its own", async (authority) => {
  const cache = { store: losingHalf(), key: KEY };
  const { clientId, secret } = authority.applications["Shop API"];
  const users = ["alice", "bob"].map((name) => `${name}@contoso.onmicrosoft.com`);
  const assertions = await Promise.all(users.map((user) => authority.userToken({ user })));
  const requests = [];
  for (let count = 0; count < 4; count += 1) {
    const { client, forms } = await instance(authority, { cache, clientId, credential: { secret } });
    for (const assertion of [...assertions, ...assertions]) {
      const { accessToken } = await client.onBehalfOf({ assertion, scope: SCOPE });
      assert.equal(claimsOf(accessToken).oid, claimsOf(assertion).oid);
      await client.onBehalfOf({ assertion, scope: SCOPE, session: claimsOf(assertion).oid });
      const ledger = await client.onBehalfOf({ session: claimsOf(assertion).oid, scope: "https://ledger.contoso.example/.default" });
      assert.equal(claimsOf(ledger.accessToken).oid, claimsOf(assertion).oid);
    }
    requests.push(forms.length);
  }
  assert.isAtMost(Math.max(...requests), 6);
  assert.isBelow(requests.at(-1), 6);
});

test("A value that is far too long is not read, and a lock of the store that comes too late is released", async (authority) => {
  const { setTimeout: timer, atob: decode } = globalThis;
  let longest = 0;
  let isReleased = false;
  globalThis.atob = (text) => ((longest = Math.max(longest, text.length)), decode(text));
  globalThis.setTimeout = (act, milliseconds, ...given) => timer(act, milliseconds / 100, ...given);
  try {
    const lock = () => new Promise((resolve) => timer(() => resolve(() => (isReleased = true)), 300));
    const { store } = memoryStore({ get: async () => `1.${"A".repeat(5_000_000)}`, lock });
    const { client, forms } = await instance(authority, { cache: { store, key: KEY } });
    await client.clientCredentials({ scope: SCOPE });
    assert.lengthOf(forms, 1);
    assert.isBelow(longest, 5_000_000);
    assert.isFalse(isReleased);
    await new Promise((over) => timer(over, 400));
    assert.isTrue(isReleased);
  } finally {
    Object.assign(globalThis, { setTimeout: timer, atob: decode });
  }
});

test("A long-running session goes on in another instance, and its end holds there too", async (authority) => {
  const { store } = memoryStore();
  const { clientId, secret } = authority.applications["Shop API"];
  const options = { cache: { store, key: KEY }, clientId, credential: { secret } };
  const [first, second] = [await instance(authority, options), await instance(authority, options)];
  await first.client.onBehalfOf({ assertion: await authority.userToken(), session: "job", scope: SCOPE });
  await second.client.onBehalfOf({ session: "job", scope: "https://ledger.contoso.example/.default" });
  assert.equal(second.forms[0].grant_type, "refresh_token");
  await second.client.endSession("job");
  await refused("session_unknown", () => first.client.onBehalfOf({ session: "job", scope: SCOPE }));
});

test("A cache without a store or with a key that is too short is refused when the client is made", async (authority) => {
  const { store } = memoryStore();
  for (const cache of [{}, { store: {}, key: KEY }, { store }, { store, key: "c2hvcnQ=" }, { store, key: "not base64 !" }]) {
    await refused("invalid_option", () => instance(authority, { cache }));
  }
});

test("Clients of one authority share its metadata, unless another fetch has brought it", async ({ v2, applications }) => {
  const { clientId, secret } = applications["Daemon with a secret"];
  const original = globalThis.fetch;
  const asked = [];
  globalThis.fetch = (url, init) => {
    asked.push(String(url));
    return original(url, init);
  };
  try {
    const requestsOf = async (name, options) => {
      asked.length = 0;
      const client = createConfidentialClient({ authority: v2, clientId, credential: [{ secret }, { secret: name }], ...options });
      await client.clientCredentials({ scope: SCOPE });
      return asked.map((url) => url.split("/").at(-1));
    };
    // Other cases may have been clients of the authority before.
    await requestsOf("first");
    assert.deepEqual(await requestsOf("second"), ["token"]);
    const own = (url, init) => globalThis.fetch(url, init);
    assert.deepEqual(await requestsOf("of its own", { fetch: own }), ["openid-configuration", "token"]);
    assert.deepEqual(await requestsOf("third"), ["token"]);
  } finally {
    globalThis.fetch = original;
  }
});

test("A kept token is found by the options of the call that got it, and by no others", async (authority) => {
  const { client, forms } = await instance(authority);
  const { accessToken } = await client.clientCredentials({ scope: SCOPE });
  assert.strictEqual((await client.clientCredentials({ scope: [SCOPE], tenant: undefined })).accessToken, accessToken);
  const before = client.counters.fromMemory;
  await client.clientCredentials({ scope: SCOPE });
  assert.strictEqual(client.counters.fromMemory, before + 1);
  await refused("invalid_option", () => client.clientCredentials({ scope: SCOPE, assertion: "a.b.c" }));
  await refused("invalid_option", () => client.clientCredentials({ scope: `${SCOPE}\n\n\n` }));
  await refused("invalid_option", () => client.onBehalfOf({ scope: SCOPE }));
  await refused("invalid_option", () => client.onBehalfOf({ scope: SCOPE, assertion: "" }));
  assert.lengthOf(forms, 1);
});
