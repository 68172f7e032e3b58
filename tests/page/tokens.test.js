/** Which tokens go where: listed APIs, UserInfo, imported sessions, and what a page knows of clocks and of the network. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { loaded, opened, signedIn } from "./scene.js";

const FORCED = { forceRefresh: true };
const HEADERS = { "access-control-allow-headers": "authorization" };

/** The provider's server also has APIs. Each request to them is recorded. */
function withApis(provider, ...names) {
  for (const name of names) {
    provider.paths[name] = `/${name}`;
    provider.on(name, { status: 200, body: "fine", headers: HEADERS });
  }
}

const sent = (provider, name) => provider.requestsTo(name).flatMap(({ method, headers }) => (method === "GET" ? [headers.authorization] : []));

/** What becomes of `client.fetch`. */
const fetched = (page, url, init) =>
  page.evaluate(([url, init]) => globalThis.program.outcome(globalThis.program.clients.at(-1).fetch(url, init).then((response) => response.text())), [url, init]);

test("apis: a URL gets the token of the longest entry that it is at or below, and one that none lists gets no request", async (t) => {
  const scene = await signedIn(t);
  const { page, provider } = scene;
  withApis(provider, "api", "api/notes", "api/notesbook", "other");
  const at = (path) => `${provider.issuer}/${path}`;
  const apis = { [at("api")]: {}, [at("api/notes/")]: { scope: ["notes.read"] } };
  await scene.newClient(page, { apis });
  for (const [path, scope] of [["api", undefined], ["api/notes", "notes.read"], ["api/notesbook", undefined], ["api/notes?x=/../other", "notes.read"]]) {
    assert.deepEqual(await fetched(page, at(path)), { value: "fine" }, path);
    if (scope) assert.equal(provider.refreshes.at(-1).parameters.scope, scope);
  }
  assert.deepEqual(sent(provider, "api"), ["Bearer access-alice-1"]);
  assert.deepEqual(sent(provider, "api/notes"), ["Bearer access-alice-2", "Bearer access-alice-2"]);
  assert.deepEqual(sent(provider, "api/notesbook"), ["Bearer access-alice-1"]);
  for (const url of [at("other"), at("api/../other"), at("apis"), "https://evil.example/api", provider.issuer.replace("localhost", "127.0.0.1") + "/api"]) {
    const { error } = await fetched(page, url);
    assert.equal(error.code, "api_not_listed", url);
    assert.match(error.message, /apis does not list/);
  }
  assert.deepEqual(sent(provider, "other"), []);
});

test("apis: a redirect of an API takes the token nowhere", async (t) => {
  const scene = await signedIn(t);
  const { page, provider } = scene;
  withApis(provider, "api", "other");
  provider.once("api", ({ method }) => (method === "GET" ? { status: 302, body: "", headers: { ...HEADERS, location: `${provider.issuer}/other` } } : undefined));
  await scene.newClient(page, { apis: { [`${provider.issuer}/api`]: {} } });
  const { error } = await fetched(page, `${provider.issuer}/api`);
  assert.equal(error.code, "network_error");
  assert.deepEqual(sent(provider, "other"), []);
});

for (const [what, apis] of [
  ["a URL that is not secure", { "http://api.example/": {} }],
  ["a relative URL", { "/api": {} }],
  ["a URL with a query", { "https://api.example/?a": {} }],
  ["a member that is none", { "https://api.example/": { scopes: "a" } }],
  ["no object", { "https://api.example/": "scope" }],
]) {
  test(`apis: ${what} is refused when the client is made`, async (t) => {
    const scene = await opened(t);
    await assert.rejects(scene.newClient(scene.page, { apis }), ({ code, message }) => code === "invalid_option" && message.includes("apis must"));
  });
}

test("OpenID Connect Core 5.3.2: UserInfo is about the user who is signed in, or it is refused", async (t) => {
  const { provider, client } = await signedIn(t, { provider: (provider) => withUserInfo(provider) });
  assert.deepEqual(await client.call("userInfo"), { sub: "alice", email: "alice@op.example" });
  assert.equal(sent(provider, "userinfo").at(-1), "Bearer access-alice-1");
  provider.on("userinfo", { status: 200, body: { sub: "mallory" }, headers: HEADERS });
  await assert.rejects(client.call("userInfo"), { code: "user_info_mismatch" });
  provider.on("userinfo", { status: 200, body: "<html>", headers: HEADERS });
  await assert.rejects(client.call("userInfo"), { code: "unexpected_response" });
  provider.on("userinfo", { status: 503, body: "", headers: HEADERS });
  await assert.rejects(client.call("userInfo"), { code: "provider_unavailable" });
});

test("a provider without UserInfo is named as the reason", async (t) => {
  const { client } = await signedIn(t);
  await assert.rejects(client.call("userInfo"), ({ code, detail }) => code === "metadata_invalid" && detail.includes("userinfo_endpoint"));
});

function withUserInfo(provider) {
  provider.paths.userinfo = "/userinfo";
  provider.on("userinfo", { status: 200, body: { sub: "alice", email: "alice@op.example" }, headers: HEADERS });
  provider.on("metadata", { body: (good) => ({ ...good, userinfo_endpoint: `${provider.issuer}/userinfo` }) });
}

test("a token response that a server received is imported: checked like one that came here, and renewed from then on", async (t) => {
  const scene = await opened(t);
  const { page, provider } = scene;
  let response;
  const end = provider.on("token", { body: (good) => (response = good) });
  const elsewhere = await scene.signIn(await scene.open());
  assert.equal(await elsewhere.subject(), "alice");
  end();
  const client = await scene.newClient(page);
  const { nonce, ...account } = await client.call("importSession", response);
  assert.equal(account.subject, "alice");
  assert.deepEqual([await client.subject(), await client.token()], ["alice", response.access_token]);
  assert.equal((await client.heard("signedin")).length, 1);
  assert.equal(await client.token(FORCED), "access-alice-2");
  const reloaded = await scene.reloaded(page);
  assert.equal(await reloaded.token(), "access-alice-2");
  for (const [change, code] of [
    [{ id_token: undefined }, "id_token_missing"],
    [{ access_token: "" }, "token_response_invalid"],
    [{ id_token: "a.b.c" }, "token_encoding_invalid"],
    [{ error: "access_denied", access_token: undefined }, "token_request_refused"],
  ]) {
    await assert.rejects(reloaded.call("importSession", { ...response, ...change }), { code }, code);
  }
  await assert.rejects(reloaded.call("importSession", "eyJ"), { code: "invalid_option" });
  // One that was obtained long ago has expired, and is renewed.
  const obtainedAt = Date.now() / 1000 - 7200;
  await assert.rejects(reloaded.call("importSession", response, { obtainedAt: -1 }), { code: "invalid_option" });
  await reloaded.call("importSession", { ...response, refresh_token: undefined }, { obtainedAt });
  await assert.rejects(reloaded.call("getToken"), { code: "interaction_required" });
});

for (const seconds of [0, 600, -600]) {
  test(`a clock that is ${seconds} seconds from the provider's signs in, and the page can tell by how much it is wrong`, async (t) => {
    const scene = await opened(t);
    const { provider, page } = scene;
    assert.equal(await (await scene.newClient(page)).get("clockSkew"), null);
    provider.ahead = seconds;
    const client = await scene.signIn(page);
    const skew = await client.get("clockSkew");
    assert.ok(Math.abs(skew - seconds) <= 2, `${skew}`);
    assert.equal(await client.token(FORCED), "access-alice-2");
  });
}

test("a device that is offline fails at once, without a request, and the message says so", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  await page.evaluate((issuer) => {
    Object.defineProperty(navigator, "onLine", { value: false, configurable: true });
    // The rule spares servers on this machine.
    const { fetch } = globalThis;
    globalThis.asked = [];
    globalThis.fetch = (url, init) => (globalThis.asked.push(String(url)), fetch(url, init));
    void issuer;
  }, provider.issuer);
  const far = await page.evaluate(async () => {
    const client = await globalThis.program.createClient({ authority: "https://login.example", clientId: "far", storage: "memory" });
    return globalThis.program.outcome(client.signIn());
  });
  assert.equal(far.error.code, "network_error");
  assert.match(far.error.message, /the device is offline/);
  assert.deepEqual(await page.evaluate(() => globalThis.asked.filter((url) => url.includes("login.example"))), []);
  assert.equal(await client.token(), "access-alice-1", "the cache needs no network");
  assert.equal(await client.token(FORCED), "access-alice-2", "nor does a server on this machine");
  await loaded(page);
});
