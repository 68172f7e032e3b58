/** What surrounds a page: its policies, the frames around it, and providers that are odd but legal. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { loaded, opened, signedIn } from "./scene.js";

const FORCED = { forceRefresh: true };

test("Trusted Types 4.1: under require-trusted-types-for 'script' a page signs in, and errors have their texts", async (t) => {
  const policy = "require-trusted-types-for 'script'; trusted-types 'none'";
  const scene = await signedIn(t, { site: { policy } });
  assert.equal(await scene.client.token(FORCED), "access-alice-2");
  await assert.rejects(scene.client.call("getToken", { scope: "" }), ({ message }) => message.includes("scope must be"));
});

test("HTML 4.8.5: a sandboxed frame without an origin of its own has no session, and every call says so by its code", async (t) => {
  const scene = await opened(t);
  const { page, provider } = scene;
  await page.evaluate(() => {
    const frame = Object.assign(document.createElement("iframe"), { src: "/", sandbox: "allow-scripts" });
    document.body.append(frame);
  });
  await page.waitForFunction(() => frames.length === 1);
  const frame = page.frames()[1];
  await loaded(frame);
  const client = await scene.newClient(frame, { redirectUri: `${scene.origin}/` });
  assert.equal(await client.subject(), null);
  await assert.rejects(client.call("getToken"), { code: "sign_in_required" });
  await assert.rejects(client.call("signIn"), { code: "storage_unavailable" });
  assert.equal(await client.call("handleRedirect"), null);
  assert.deepEqual(provider.requestsTo("authorization"), []);
});

test("Discovery 3: metadata with null, nested and unknown members, and endpoints with a query, is taken", async (t) => {
  const scene = await opened(t);
  const { provider } = scene;
  const odd = (good) => ({
    ...good,
    token_endpoint: `${good.token_endpoint}?api-version=1`,
    scopes_supported: null,
    claims_supported: [],
    service_documentation: { "en-US": "https://op.example/&=+%20", nested: [[1], { deep: null }] },
    "a=b&c": "\u0000\ud83d\ude00",
    jwks_uri: null,
    number: -1.5e300,
  });
  provider.on("metadata", { body: odd });
  const client = await scene.signIn(scene.page);
  assert.equal(await client.subject(), "alice");
  assert.equal(await client.token(FORCED), "access-alice-2");
});

for (const [what, change] of [
  ["expires_in as a string, as Entra v1.0 has it", { expires_in: "3600" }],
  ["expires_in with a fraction", { expires_in: 3599.5 }],
  ["a type in lower case, and null members", { token_type: "bearer", scope: null, refresh_expires_in: null }],
  ["members of its own in every type", { ext: [1, "two", { three: 3 }], ok: true, nothing: null, "": "empty", "x y": "&=" }],
]) {
  test(`RFC 6749 5.1: a token response with ${what} is taken`, async (t) => {
    const scene = await opened(t);
    scene.provider.on("token", { body: (good) => ({ ...good, ...change }) });
    const client = await scene.signIn(scene.page);
    assert.equal(await client.token(), "access-alice-1");
    const { expiresAt, obtainedAt, tokenType } = await client.call("getToken");
    assert.ok(expiresAt - obtainedAt > 3500 && expiresAt - obtainedAt <= 3600);
    assert.equal(tokenType, "Bearer");
  });
}

test("RFC 6749 A.12: an access token that no header can carry fails the sign-in by a code, and no call with another error", async (t) => {
  for (const token of ["a b", "t\u00f6ken", "a\r\nx: y"]) {
    const scene = await opened(t);
    scene.provider.on("token", { body: (good) => ({ ...good, access_token: token }) });
    await assert.rejects(scene.signIn(scene.page), ({ code, message }) => code === "token_response_invalid" && !message.includes(token));
  }
});

test("OpenID Connect Core 2: claims of every type, in every script, are the account's", async (t) => {
  const scene = await opened(t);
  const own = { name: "\u00c5da \ud83d\ude00 &=+%", groups: [], roles: ["a", "b"], address: { locality: "\u6771\u4eac" }, age: -1.5, verified: true, none: null };
  scene.provider.claims = (claims) => ({ ...claims, ...own, aud: [claims.aud] });
  const client = await scene.signIn(scene.page);
  const { claims } = await client.get("account");
  for (const [name, value] of Object.entries(own)) assert.deepEqual(claims[name], value, name);
});

test("a request that was used, and a body that is a stream, reach the API or fail by a code", async (t) => {
  const { page, provider } = await signedIn(t);
  provider.paths.api = "/api";
  const headers = { "access-control-allow-headers": "authorization, content-type" };
  provider.on("api", { status: 200, body: "fine", headers });
  const outcomes = await page.evaluate(async (url) => {
    const { program } = globalThis;
    const [client] = program.clients;
    const used = new Request(url, { method: "POST", body: "x" });
    await used.text();
    const call = (...given) => program.outcome(client.fetch(...given).then((response) => response.text()));
    const form = new FormData();
    form.set("a", new Blob(["b"]));
    return Promise.all([call(used), call(url, { method: "POST", body: form }), call(url, { method: "POST", body: new Uint8Array([1]) })]);
  }, `${provider.issuer}/api`);
  assert.deepEqual(outcomes.map(({ value, error }) => value ?? error.code), ["invalid_option", "fine", "fine"]);
});

test("listeners and logs that throw, and a listener that closes the client, break no call", async (t) => {
  const scene = await opened(t);
  const { page, provider } = scene;
  const client = await scene.newClient(page);
  await client.leave();
  const outcome = await page.evaluate(async (authority) => {
    const { program } = globalThis;
    const onLog = () => {
      throw new Error("log");
    };
    const client = await program.createClient({ authority, clientId: "page", onLog });
    client.addEventListener("signedin", () => {
      client.close();
      throw new Error("listener");
    });
    const { value, error } = await program.outcome(client.handleRedirect());
    return value?.account.subject ?? error.code;
  }, provider.issuer);
  assert.equal(outcome, "alice");
});
