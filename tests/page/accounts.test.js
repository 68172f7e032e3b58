/** Several accounts of one page, one of them active. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { opened } from "./scene.js";

const FORCED = { forceRefresh: true };
const CHOOSE = { prompt: "select_account" };

/** A page in which alice and then bob have signed in. */
async function both(t, clientOptions) {
  const scene = await opened(t);
  const { page, provider } = scene;
  await scene.signIn(page, clientOptions);
  provider.subject = "bob";
  const client = await scene.signIn(page, clientOptions, CHOOSE);
  const [bob, alice] = await client.get("accounts");
  return Object.assign(scene, { client, alice, bob });
}

const subjects = async (client) => (await client.get("accounts")).map(({ subject }) => subject);

for (const storage of ["session", "local"]) {
  test(`storage ${storage}: each account has its own tokens, and a call that names none means the active one`, async (t) => {
    const scene = await both(t, { storage });
    const { page, provider, client, alice, bob } = scene;
    assert.equal(provider.requestsTo("authorization").at(-1).parameters.prompt, "select_account");
    assert.deepEqual([await client.subject(), await subjects(client)], ["bob", ["bob", "alice"]]);
    assert.match(await client.token(), /^access-bob-/);
    assert.match(await client.token({ account: alice }), /^access-alice-/);
    assert.match(await client.token({ account: alice, ...FORCED }), /^access-alice-/);
    assert.match(await client.token({ account: { issuer: bob.issuer, subject: "bob" }, ...FORCED }), /^access-bob-/);
    const reloaded = await scene.reloaded(page, { storage });
    assert.deepEqual(await subjects(reloaded), ["bob", "alice"]);
    await reloaded.call("setActiveAccount", alice);
    assert.deepEqual([await reloaded.subject(), await subjects(reloaded)], ["alice", ["alice", "bob"]]);
    assert.match(await reloaded.token(), /^access-alice-/);
    assert.deepEqual(await reloaded.eventNames(), ["signedin"]);
    assert.equal(provider.reuses, 0);
  });
}

test("a sign-out of the active account leaves the others, none of them active; one without an account ends all", async (t) => {
  const { client, alice, bob } = await both(t);
  await client.call("signOut", { account: bob, local: true });
  assert.equal(await client.subject(), null);
  assert.deepEqual(await subjects(client), ["alice"]);
  await assert.rejects(client.call("getToken"), { code: "account_required" });
  await assert.rejects(client.call("getToken", { account: bob }), { code: "sign_in_required" });
  assert.match(await client.token({ account: alice }), /^access-alice-/);
  await client.call("setActiveAccount", alice);
  assert.match(await client.token(), /^access-alice-/);
  await client.call("signOut", { local: true });
  assert.deepEqual(await subjects(client), []);
  await assert.rejects(client.call("getToken"), { code: "sign_in_required" });
});

test("tabs that share a store hear of the active account and of those that are signed out", async (t) => {
  const scene = await both(t, { storage: "local" });
  const { client, alice, bob } = scene;
  const other = await scene.newClient(await scene.open(), { storage: "local" });
  assert.equal(await other.subject(), "bob");
  await client.call("signOut", { account: alice, local: true });
  await other.heard("accountschanged");
  assert.deepEqual(await subjects(other), ["bob"]);
  await client.call("setActiveAccount", null);
  await other.heard("signedout");
  assert.equal(await other.subject(), null);
  await client.call("setActiveAccount", bob);
  await other.heard("signedin");
  assert.equal(await other.subject(), "bob");
});

test("client.fetch sends the token of the account that it is given, also when it repeats the request", async (t) => {
  const { page, provider, alice } = await both(t);
  provider.paths.api = "/api";
  const headers = { "access-control-allow-headers": "authorization", "access-control-expose-headers": "www-authenticate" };
  const challenge = { "www-authenticate": 'Bearer error="insufficient_claims", claims="eyJhIjoxfQ=="' };
  let calls = 0;
  provider.on("api", ({ method }) => {
    if (method !== "GET") return { status: 200, body: "", headers };
    calls += 1;
    return calls === 1 ? { status: 401, body: "", headers: { ...headers, ...challenge } } : { status: 200, body: "fine", headers };
  });
  await page.evaluate(([url, account]) => globalThis.program.clients[0].fetch(url, { token: { account } }), [`${provider.issuer}/api`, alice]);
  const sent = provider.requestsTo("api").filter(({ method }) => method === "GET");
  const tokens = sent.map(({ headers }) => headers.authorization);
  assert.equal(tokens.length, 2);
  for (const token of tokens) assert.match(token, /^Bearer access-alice-/);
  assert.notEqual(tokens[0], tokens[1]);
});

for (const account of ["alice", {}, { issuer: "https://op.example" }, { issuer: 1, subject: 2 }]) {
  test(`the account ${JSON.stringify(account)} is refused by its rule`, async (t) => {
    const scene = await opened(t);
    const client = await scene.newClient(scene.page);
    for (const call of ["getToken", "signOut"]) {
      await assert.rejects(client.call(call, { account }), ({ code, message }) => code === "invalid_option" && message.includes("account must be"));
    }
    await assert.rejects(client.call("setActiveAccount", account), { code: "invalid_option" });
  });
}
