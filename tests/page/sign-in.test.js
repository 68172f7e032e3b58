/** A sign-in by redirect: whose turn it is, where the user returns to, who begins it, and how it is asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { loaded, opened } from "./scene.js";

test("of two sign-ins in one page, the newer one takes the place of the older one", async (t) => {
  const scene = await opened(t);
  const { page, provider } = scene;
  const [first, second] = [await scene.newClient(page), await scene.newClient(page)];
  const release = provider.hold("metadata");
  const back = page.waitForURL(/[?&]state=/);
  const older = first.call("signIn", { appState: 1 }).catch(({ code }) => code);
  await provider.received("metadata", 1);
  const newer = second.call("signIn", { appState: 2 }).catch(() => {});
  assert.equal(await older, "sign_in_superseded");
  release();
  await back;
  await newer;
  assert.equal(provider.requestsTo("authorization").length, 1);
  const client = await scene.newClient(await loaded(page));
  const { appState } = await client.call("handleRedirect");
  assert.equal(appState, 2);
});

test("a sign-in whose signal is aborted does not leave the page", async (t) => {
  const scene = await opened(t);
  const { page, provider, origin } = scene;
  await scene.newClient(page);
  const release = provider.hold("metadata");
  await page.evaluate(() => {
    globalThis.controller = new AbortController();
    globalThis.called = globalThis.program.call(0, "signIn", [{ signal: globalThis.controller.signal }]);
  });
  await provider.received("metadata", 1);
  await page.evaluate(() => globalThis.controller.abort());
  const { error } = await page.evaluate(() => globalThis.called);
  assert.equal(error.code, "aborted");
  release();
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
  assert.equal(page.url(), `${origin}/`);
  assert.deepEqual(provider.requestsTo("authorization"), []);
});

test("a reload in the middle of a sign-in keeps nobody from the next one", async (t) => {
  const scene = await opened(t);
  const { page, provider } = scene;
  const client = await scene.newClient(page);
  const release = provider.hold("metadata");
  client.call("signIn").catch(() => {});
  await provider.received("metadata", 1);
  await page.reload();
  release();
  await loaded(page);
  const next = await scene.signIn(page);
  assert.equal(await next.subject(), "alice");
});

test("RFC 9700 section 4.11.1: the user returns to a URL of this origin and of no other", async (t) => {
  const scene = await opened(t);
  const { page, origin } = scene;
  const client = await scene.newClient(page);
  for (const returnTo of ["https://evil.example/", "//evil.example", "javascript:alert(1)", `${origin}.evil.example/`, "data:,x", `${origin}@evil.example`]) {
    await assert.rejects(client.call("signIn", { returnTo }), { code: "invalid_option", message: /returnTo/ }, returnTo);
  }
  await client.leave({ returnTo: "/orders/5?a=b#c" });
  const next = await scene.newClient(page);
  const signIn = await next.call("handleRedirect");
  assert.equal(signIn.returnTo, `${origin}/orders/5?a=b#c`);
});

test("RFC 9700 section 4.11.1: a URL of another origin that somebody has put into the store is not returned", async (t) => {
  const scene = await opened(t);
  const { page, origin } = scene;
  const client = await scene.newClient(page);
  await client.leave({ returnTo: "/orders" });
  await page.evaluate((origin) => {
    const twice = (text) => encodeURIComponent(encodeURIComponent(text));
    for (const key of Object.keys(sessionStorage)) {
      sessionStorage.setItem(key, sessionStorage.getItem(key).replaceAll(twice(`${origin}/orders`), twice("https://evil.example/orders")));
    }
    return JSON.stringify(sessionStorage);
  }, origin);
  const stored = await page.evaluate(() => JSON.stringify(sessionStorage));
  assert.match(stored, /evil/);
  const next = await scene.newClient(page);
  const signIn = await next.call("handleRedirect");
  assert.equal(signIn.account.subject, "alice");
  assert.equal(signIn.returnTo, undefined);
});

test("OpenID Connect Core section 4: somebody else begins a sign-in, with this provider and with a target of this origin", async (t) => {
  const scene = await opened(t);
  const { page, provider, origin } = scene;
  const query = (members) => `${origin}/login?${new URLSearchParams({ iss: provider.issuer, ...members })}`;
  for (const [target, returnTo] of [[`${origin}/notes`, `${origin}/notes`], ["https://evil.example/", undefined]]) {
    await page.goto(query({ login_hint: "bob", target_link_uri: target }));
    const client = await scene.newClient(await loaded(page), { redirectUri: `${origin}/` });
    const back = page.waitForURL(/[?&]state=/);
    client.call("handleInitiateLogin").catch(() => {});
    await back;
    const { parameters } = provider.requestsTo("authorization").at(-1);
    assert.equal(parameters.login_hint, "bob");
    const next = await scene.newClient(await loaded(page), { redirectUri: `${origin}/` });
    const signIn = await next.call("handleRedirect");
    assert.equal(signIn.account.subject, "alice");
    assert.equal(signIn.returnTo, returnTo);
  }
  const requests = provider.requests.length;
  for (const url of [`${origin}/login`, query({ iss: "https://other.example" }), `${origin}/?iss=${encodeURIComponent(provider.issuer)}&state=x&code=y`]) {
    const client = await scene.newClient(page);
    assert.equal(await client.call("handleInitiateLogin", url), null);
  }
  assert.deepEqual(provider.requestsTo("authorization").slice(2), []);
  assert.ok(provider.requests.slice(requests).every(({ endpoint }) => endpoint === "metadata"));
});

test("of several clients at one redirect URI, each takes its own response, whoever is asked first", async (t) => {
  for (const order of [["page", "other"], ["other", "page"]]) {
    const scene = await opened(t);
    const { page, provider } = scene;
    const first = await scene.newClient(page, { clientId: "page" });
    await first.leave();
    const response = page.url();
    const results = {};
    for (const clientId of order) {
      const client = await scene.newClient(page, { clientId });
      results[clientId] = await client.call("handleRedirect", response);
    }
    assert.equal(results.page.account.subject, "alice", String(order));
    assert.equal(results.other, null);
    assert.equal(provider.requestsTo("token").length, 1);
  }
});

test("of several providers at one redirect URI, each client takes its own provider's response", async (t) => {
  const scene = await opened(t);
  const { page, provider } = scene;
  const { provider: second } = await opened(t);
  second.subject = "bob";
  const first = await scene.newClient(page, { authority: second.issuer });
  await first.leave();
  const clients = [await scene.newClient(page), await scene.newClient(page, { authority: second.issuer })];
  const [none, signIn] = [await clients[0].call("handleRedirect"), await clients[1].call("handleRedirect")];
  assert.equal(none, null);
  assert.equal(signIn.account.issuer, second.issuer);
  assert.equal(signIn.account.subject, "bob");
  assert.deepEqual(provider.requestsTo("token"), []);
});

for (const [name, provider, options] of [
  ["that the provider requires", { require_pushed_authorization_requests: true }],
  ["that the page asks for", {}, { pushedAuthorizationRequests: true }],
]) {
  test(`RFC 9126 section 2: pushed authorization requests ${name}`, async (t) => {
    const scene = await opened(t);
    scene.provider.paths.pushed_authorization_request = "/par";
    scene.provider.promises = provider;
    const client = await scene.signIn(scene.page, options, { maxAge: undefined, loginHint: "alice" });
    assert.equal(await client.subject(), "alice");
    const [pushed] = scene.provider.requestsTo("pushed_authorization_request");
    assert.equal(pushed.method, "POST");
    for (const name of ["client_id", "code_challenge", "state", "nonce", "redirect_uri", "login_hint"]) assert.ok(pushed.parameters[name], name);
    const [{ parameters }] = scene.provider.requestsTo("authorization");
    assert.deepEqual(Object.keys(parameters).sort(), ["client_id", "request_uri"]);
  });
}

test("RFC 9126 section 2.3: a refusal of the pushed request is told, and the page is not left", async (t) => {
  const scene = await opened(t);
  const { page, provider, origin } = scene;
  provider.paths.pushed_authorization_request = "/par";
  const client = await scene.newClient(page, { pushedAuthorizationRequests: true });
  provider.once("pushed_authorization_request", { status: 400, body: { error: "invalid_request", error_description: "no" } });
  await assert.rejects(client.call("signIn"), { code: "authorization_refused", error: "invalid_request" });
  provider.once("pushed_authorization_request", { body: {} });
  await assert.rejects(client.call("signIn"), { code: "unexpected_response" });
  provider.once("pushed_authorization_request", { status: 503 });
  await assert.rejects(client.call("signIn"), { code: "provider_unavailable" });
  assert.equal(page.url(), `${origin}/`);
  const without = await scene.newClient(page, { pushedAuthorizationRequests: true, authority: (await opened(t)).provider.issuer });
  await assert.rejects(without.call("signIn"), { code: "metadata_invalid", message: /pushed_authorization_request_endpoint/ });
});

test("RFC 9396 sections 2 and 7: authorization_details are asked for, and what was granted is returned", async (t) => {
  const scene = await opened(t);
  const { page, provider } = scene;
  const details = [{ type: "payment", amount: "1.00 €", locations: ["https://api.example"] }];
  provider.on("token", { body: (good) => ({ ...good, authorization_details: [{ ...details[0], id: 7 }] }) });
  const client = await scene.signIn(page, {}, { authorizationDetails: details });
  assert.deepEqual(JSON.parse(provider.requestsTo("authorization")[0].parameters.authorization_details), details);
  const { authorizationDetails } = await client.call("getToken");
  assert.deepEqual(authorizationDetails, [{ ...details[0], id: 7 }]);
  const next = await scene.reloaded(page);
  assert.deepEqual((await next.call("getToken")).authorizationDetails, authorizationDetails);
});
