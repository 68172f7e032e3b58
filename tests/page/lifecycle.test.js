/** A client from `createClient` to `close`, and pages that are left and come back. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isRefresh } from "./provider.js";
import { loaded, opened, settled, signedIn } from "./scene.js";

const TIMEOUT_SECONDS = 30;

for (const [call, options, name] of [
  ["createClient", { redirectURI: "https://app.example" }, "redirectURI"],
  ["createClient", { scopes: "openid" }, "scopes"],
  ["createClient", { redirect_uri: "https://app.example/" }, "redirect_uri"],
  ["signIn", { login_hint: "alice" }, "login_hint"],
  ["signIn", { loginhint: "alice" }, "loginhint"],
  ["getToken", { scopes: "openid" }, "scopes"],
  ["signOut", { lokal: true }, "lokal"],
]) {
  test(`${call} refuses the misspelt option ${name}, by its name`, async (t) => {
    const scene = await opened(t);
    const { page } = scene;
    const refused = call === "createClient" ? scene.newClient(page, options) : (await scene.newClient(page)).call(call, options);
    await assert.rejects(refused, (error) => error.code === "invalid_option" && error.message.includes(`${name} is not an option`));
  });
}

for (const [what, options, rule] of [
  ["a clock tolerance of an hour", { clockTolerance: 3600 }, /clockTolerance must be between 0 and 600 seconds/],
  ["a scope without openid", { scope: "profile" }, /scope must contain openid/],
  ["no client ID", { clientId: undefined }, /clientId is missing/],
  ["a relative redirect URI", { redirectUri: "/callback" }, /redirectUri must be an absolute URL/],
  ["a store that is not known", { storage: "cookie" }, /storage must be/],
  ["an authority that is not secure", { authority: "http://login.example" }, /authority must be an https URL/],
]) {
  test(`createClient refuses ${what}, and says the rule`, async (t) => {
    const scene = await opened(t);
    await assert.rejects(scene.newClient(scene.page, options), (error) => error.code === "invalid_option" && rule.test(error.message));
  });
}

test("no event is dispatched after close, and calls throw client_closed", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  const second = await scene.newClient(page);
  await client.token();
  const release = provider.hold("token", isRefresh);
  const refreshed = client.call("getToken", { forceRefresh: true });
  await provider.received("token", 2);
  const before = await client.events();
  await client.call("close");
  release();
  await refreshed;
  await second.token({ forceRefresh: true });
  assert.deepEqual(await client.events(), before);
  await assert.rejects(client.call("getToken"), { code: "client_closed" });
  assert.equal(await second.token(), "access-alice-3");
});

test("a client may be closed twice, and says in every call that it is closed", async (t) => {
  const { client } = await signedIn(t);
  await client.call("close");
  await client.call("close");
  for (const method of ["getToken", "handleRedirect", "signIn", "signOut"]) {
    await assert.rejects(client.call(method), ({ code, message }) => code === "client_closed" && message.includes(" "));
  }
});

test("an API's response reaches the page though the client was closed meanwhile", async (t) => {
  const scene = await signedIn(t);
  const { page, provider } = scene;
  provider.paths.api = "/api";
  const { promise: after, resolve: release } = Promise.withResolvers();
  const headers = { "access-control-allow-headers": "authorization" };
  provider.on("api", ({ method }) => ({ status: 200, body: "fine", headers, after: method === "GET" && after }));
  const called = page.evaluate(async (url) => {
    const client = globalThis.program.clients[0];
    const called = client.fetch(url);
    globalThis.close = () => client.close();
    return (await called).text();
  }, `${provider.issuer}/api`);
  await provider.received("api", 2);
  await page.evaluate(() => globalThis.close());
  release();
  assert.equal(await called, "fine");
});

test("importing the package does nothing", async (t) => {
  const scene = await opened(t);
  const listenedTo = await scene.page.evaluate(async () => {
    const { addEventListener } = globalThis;
    const names = [];
    globalThis.addEventListener = (name, ...rest) => (names.push(name), addEventListener(name, ...rest));
    await import("/main.js?another");
    return names;
  });
  assert.deepEqual(listenedTo, []);
  assert.deepEqual(scene.provider.requests, []);
});

test("what is due after close is not renewed", async (t) => {
  const scene = await signedIn(t);
  const { client, provider } = scene;
  await client.token();
  await client.call("close");
  await scene.pass(7200, 600);
  assert.deepEqual(provider.refreshes, []);
});

test("a fetch that takes no notice of its signal keeps the other clients waiting for 30 seconds, and no longer", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  await scene.pass(7200);
  const stuck = page.evaluate(async (authority) => {
    const { program } = globalThis;
    const { promise: requested, resolve } = Promise.withResolvers();
    globalThis.requested = requested;
    const fetch = () => (resolve(), new Promise(() => {}));
    const place = await program.create({ authority, clientId: "page", fetch });
    return program.call(place, "getToken", []);
  }, provider.issuer);
  await page.waitForFunction(() => globalThis.requested);
  await page.evaluate(() => globalThis.requested);
  const waiting = assert.rejects(client.call("getToken"), { code: "network_error" }, "one failure is for all who wait");
  await scene.pass(TIMEOUT_SECONDS + 1);
  const { error } = await stuck;
  assert.equal(error.code, "network_error");
  await waiting;
  await scene.pass(11);
  assert.equal(await client.token(), "access-alice-2");
});

test("signIn rejects when the user comes back to the page by the back/forward cache", async (t) => {
  const scene = await opened(t);
  const { page, provider } = scene;
  const client = await scene.newClient(page);
  provider.once("authorization", { status: 200, body: "<!doctype html><title>Who are you?</title>" });
  await page.evaluate(() => {
    globalThis.left = globalThis.program.call(0, "signIn", []);
  });
  await page.waitForURL(/\/authorize\?/);
  await page.goBack({ waitUntil: "commit" });
  const outcome = await page.evaluate(() => globalThis.left);
  assert.equal(outcome.error.code, "sign_in_abandoned");
  await client.leave();
  const next = await scene.newClient(page);
  await next.call("handleRedirect");
  assert.equal(await next.subject(), "alice");
});

test("signIn that is called twice, as by a double click, signs in", async (t) => {
  const scene = await opened(t);
  const { page } = scene;
  await scene.newClient(page);
  const back = page.waitForURL(/[?&]state=/);
  await page.evaluate(() => {
    for (let click = 0; click < 2; click += 1) globalThis.program.call(0, "signIn", []);
  });
  await back;
  await loaded(page);
  const next = await scene.newClient(page);
  await next.call("handleRedirect");
  assert.equal(await next.subject(), "alice");
});

test("what is due when a page comes back by the back/forward cache is renewed", async (t) => {
  const scene = await signedIn(t, {
    // The clock that tests move does not reach a page that is frozen. It jumps when the page is back, before the client looks at it.
    whenLoaded: () => {
      const { now } = Date;
      addEventListener("pageshow", ({ persisted }) => persisted && (Date.now = () => now() + 3_400_000));
    },
  });
  const { page, provider, client } = scene;
  await client.token();
  await page.goto(`${provider.issuer}/elsewhere`);
  await page.goBack({ waitUntil: "commit" });
  await provider.received("token", 2);
  await settled(scene.page);
  assert.equal(await client.token(), "access-alice-2");
});

for (const status of [503, 500, 429]) {
  test(`discovery that fails with ${status} is provider_unavailable`, async (t) => {
    const scene = await opened(t);
    const client = await scene.newClient(scene.page);
    scene.provider.once("metadata", { status });
    await assert.rejects(client.call("signIn"), { code: "provider_unavailable" });
    await client.leave();
  });
}

test("CSP 3 6.1: a policy that forbids requests to the provider is named in the error", async (t) => {
  const policy = "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
  const scene = await opened(t, { site: { policy } });
  const { page, provider } = scene;
  const client = await scene.newClient(page);
  await assert.rejects(client.call("signIn"), ({ code, message }) => code === "network_error" && message.includes("connect-src"));
  assert.deepEqual(provider.requests, []);
});

test("a call that is aborted ends at once, and the work goes on for the others", async (t) => {
  const scene = await signedIn(t);
  const { page, provider } = scene;
  const release = provider.hold("token");
  const outcomes = page.evaluate(() => {
    const { program } = globalThis;
    const client = program.clients[0];
    const controller = new AbortController();
    const aborted = program.outcome(client.getToken({ forceRefresh: true, signal: controller.signal }));
    const other = program.outcome(client.getToken({ forceRefresh: true }));
    controller.abort();
    return aborted.then(({ error }) => {
      globalThis.abortedWith = error.code;
      return other;
    });
  });
  await page.waitForFunction(() => globalThis.abortedWith);
  release();
  const { value } = await outcomes;
  assert.equal(await page.evaluate(() => globalThis.abortedWith), "aborted");
  assert.equal(value.accessToken, "access-alice-2");
  assert.equal(provider.refreshes.length, 1);
  await loaded(page);
});

test("DOM 3.2: a signal that was aborted before the call rejects it, though a good token is there", async (t) => {
  const { page, client } = await signedIn(t);
  await client.token();
  const outcome = await page.evaluate(() => {
    const { program } = globalThis;
    return program.outcome(program.clients[0].getToken({ signal: AbortSignal.abort() }));
  });
  assert.equal(outcome.error?.code, "aborted");
});

test("a misspelt option is named as it was spelt though there is a signal", async (t) => {
  const { page } = await signedIn(t);
  const { error } = await page.evaluate(() => {
    const { program } = globalThis;
    return program.outcome(program.clients[0].getToken({ force_refresh: true, signal: new AbortController().signal }));
  });
  assert.equal(error.detail, "force_refresh is not an option");
});

test("Fetch 5.4: client.fetch takes a Request as its init, with its method and its headers", async (t) => {
  const { page, provider } = await signedIn(t);
  provider.paths.api = "/api";
  provider.on("api", { status: 200, headers: { "access-control-allow-headers": "authorization" } });
  await page.evaluate(async (url) => {
    const init = new Request("/elsewhere", { method: "POST", headers: { accept: "text/plain" } });
    await globalThis.program.clients[0].fetch(url, init);
  }, `${provider.issuer}/api`);
  const { method, headers } = provider.requestsTo("api").at(-1);
  assert.equal(method, "POST");
  assert.equal(headers.accept, "text/plain");
  assert.match(headers.authorization, /^Bearer access-alice-/);
});
