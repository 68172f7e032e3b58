// Sign-in through the system's browser: RFC 8252.

import http from "node:http";
import net from "node:net";
import { readdir } from "node:fs/promises";
import path from "node:path";
import process from "node:process";

import { assert } from "chai";

import { moveClock, refused } from "../../edge/cases/case.js";
import { follow, followTo, GRAPH, ORDERS, pause, test } from "./scene.js";

test("RFC 8252 4.1: the user signs in in the system's browser, and the app has their tokens", async (scene) => {
  const client = await scene.client();
  const account = await client.signIn();
  assert.equal(account.claims.preferred_username, "alice@contoso.onmicrosoft.com");
  assert.deepEqual([account.issuer, account.tenant], [scene.v2, scene.contoso]);
  assert.deepEqual(client.accounts, [account]);
  assert.equal((await client.getToken()).scope, `${ORDERS}/Orders.Read`);

  const [{ query }] = await scene.tell("GET", "/requests?path=/authorize");
  assert.equal(query.code_challenge_method, "S256");
  assert.match(query.redirect_uri, /^http:\/\/localhost:\d+$/);
  const [{ form }] = await scene.tokenRequests({ grant_type: "authorization_code" });
  assert.notProperty(form, "client_secret");

  // The page that the user sees in the end has nothing secret, nor has the address bar.
  const visit = await scene.visit(scene.origin);
  assert.equal(visit.title, "You are signed in");
  assert.match(visit.url, /^http:\/\/localhost:\d+\/$/);
  const response = new URL(visit.requested.find((url) => url.includes("code=")));
  for (const [, value] of response.searchParams) assert.notInclude(visit.html, value);
});

test("Entra v1.0: the app asks for a resource, and gets further resources by the one refresh token", async (scene) => {
  const { client, account } = await scene.signedIn({ authority: scene.v1, scope: "openid", resource: ORDERS });
  assert.deepEqual([account.claims.upn, account.tenant], ["alice@contoso.onmicrosoft.com", scene.contoso]);
  const [orders, graph] = [await client.getToken(), await client.getToken({ resource: GRAPH })];
  assert.equal(audience(orders), scene.applications["Orders API"].clientId);
  assert.notEqual(audience(graph), ORDERS);
  assert.lengthOf(await scene.tokenRequests({ grant_type: "refresh_token", resource: GRAPH }), 1);
  await client.getToken({ resource: GRAPH });
  assert.lengthOf(await scene.tokenRequests(), 2);
});

test("Entra, UserInfo: v1.0's is a part of the tenant, v2.0's an API of its own; both are about the user", async (scene) => {
  for (const options of [{ authority: scene.v1, scope: "openid", resource: ORDERS }, {}]) {
    const { client, account } = await scene.signedIn({ ...options, cacheFile: undefined });
    const { sub, name, upn } = await client.userInfo();
    assert.deepEqual([sub, name], [account.subject, "Alice Anders"]);
    assert.equal(upn, options.resource && account.claims.upn);
    // The tokens for the API are as they were.
    assert.equal(audience(await client.getToken()), scene.applications["Orders API"].clientId);
  }
});

test("Entra v2.0: the app gets tokens for several APIs by the one refresh token", async (scene) => {
  const { client } = await scene.signedIn();
  const graph = await client.getToken({ scope: "openid profile User.Read" });
  assert.include(graph.scope, "User.Read");
  assert.notEqual(audience(graph), audience(await client.getToken()));
  assert.lengthOf(await scene.tokenRequests(), 2);
});

test("RFC 8252 7.3: at another provider the redirect URI is the loopback address, and its page signs the user in", async (scene) => {
  const client = await scene.client({ authority: scene.oidc, clientId: "desktop", scope: "openid profile" });
  const account = await client.signIn();
  assert.deepEqual([account.subject, account.tenant], ["ada", undefined]);
  const visit = await scene.visit(scene.oidc);
  assert.equal(visit.title, "You are signed in");
  assert.match(visit.url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  assert.match(visit.requested.at(-1), /[?&]iss=http/);

  // Who the user is, by UserInfo too.
  assert.deepEqual(await client.userInfo(), { sub: "ada", name: "Ada Lovelace" });
});

test("RFC 8252 7.1: a host receives the response itself, at a redirect URI of its own", async (scene) => {
  const redirectUri = "com.example.app:/callback";
  const [registration] = (await scene.tell("GET", "/directory")).registrations.filter(({ clientId }) => clientId === scene.clientId);
  const native = [...registration.redirectUris.native, redirectUri];
  await scene.tell("PATCH", `/directory/registrations/${scene.clientId}`, { redirectUris: { ...registration.redirectUris, native } });
  const given = [];
  const authorize = async (url, { signal }) => {
    given.push(signal.aborted);
    return followTo("com.example.app:", url);
  };
  const client = await scene.client({ redirectUri, authorize });
  assert.equal((await client.signIn()).claims.name, "Alice Anders");
  assert.deepEqual(given, [false]);

  // What comes belongs to another sign-in.
  const stray = await scene.client({ redirectUri, authorize: async () => `${redirectUri}?code=stolen&state=forged` });
  await refused("response_invalid", () => stray.signIn());
  const failing = await scene.client({ redirectUri, authorize: async () => Promise.reject(new RangeError("closed")) });
  const error = await failing.signIn().catch((thrown) => thrown);
  assert.instanceOf(error, RangeError);
  await scene.tell("PATCH", `/directory/registrations/${scene.clientId}`, { redirectUris: registration.redirectUris });
});

test("RFC 8252 7.3: the redirect URI that an app has registered, with its own path, by any of loopback's names", async (scene) => {
  for (const redirectUri of ["http://localhost/callback", "http://127.0.0.1/callback"]) {
    const { client } = await scene.signedIn({ redirectUri });
    assert.lengthOf(client.accounts, 1);
    const requests = await scene.tell("GET", "/requests?path=/authorize");
    const { hostname, pathname, port } = new URL(requests.at(-1).query.redirect_uri);
    assert.deepEqual([hostname, pathname], [new URL(redirectUri).hostname, "/callback"]);
    assert.isAbove(Number(port), 0);
  }
  const client = await scene.client({ authority: scene.oidc, clientId: "desktop", scope: "openid", redirectUri: "http://[::1]/callback" });
  assert.equal((await client.signIn()).subject, "ada");
});

test("RFC 8252 7.3: a port in use is an error that says so, and a port of one's own works again when it is free", async (scene) => {
  const other = net.createServer();
  await new Promise((listening) => other.listen(0, "127.0.0.1", listening));
  const { port } = other.address();
  const client = await scene.client({ redirectUri: `http://localhost:${port}/callback`, openBrowser: follow });
  const { message } = await refused("redirect_unavailable", () => client.signIn());
  assert.include(message, String(port));
  await new Promise((closed) => other.close(closed));
  assert.equal((await client.signIn()).claims.name, "Alice Anders");
  const requests = await scene.tell("GET", "/requests?path=/authorize");
  assert.equal(requests.at(-1).query.redirect_uri, `http://localhost:${port}/callback`);
  // And once more: nothing is left that has it.
  await client.signIn();
});

test("RFC 8252 8.10: a browser that never returns does not hold the app", async (scene) => {
  let opened;
  const client = await scene.client({ openBrowser: async (url) => (opened = url) });
  await refused("sign_in_timed_out", () => client.signIn({ timeout: 0.2 }));
  const { port } = new URL(new URL(opened).searchParams.get("redirect_uri"));
  await nobodyListens(Number(port));

  const controller = new AbortController();
  setTimeout(() => controller.abort(new RangeError("no more")), 50);
  const error = await refused("aborted", () => client.signIn({ signal: controller.signal }));
  assert.instanceOf(error.cause, RangeError);
  await refused("aborted", () => client.signIn({ signal: AbortSignal.abort() }));
  assert.deepEqual(client.accounts, []);
});

test("To close the client ends its sign-ins, and nobody listens after it", async (scene) => {
  let show;
  const shown = new Promise((resolve) => (show = resolve));
  const client = await scene.client({ openBrowser: async (url) => show(url) });
  const signIn = refused("client_closed", () => client.signIn());
  const device = refused("client_closed", () => client.signInWithDeviceCode(() => {}));
  const { port } = new URL(new URL(await shown).searchParams.get("redirect_uri"));
  client.close();
  await Promise.all([signIn, device]);
  await nobodyListens(Number(port));
});

test("RFC 8252 8.10: no browser is an error that says what else there is", async (scene) => {
  process.env.PATH = "/nonexistent";
  const client = await scene.client();
  const { message } = await refused("browser_unavailable", () => client.signIn());
  assert.match(message, /signInWithDeviceCode/);
});

test("RFC 6749 10.12: a visit without the sign-in's state is no response, and the sign-in goes on", async (scene) => {
  const statuses = [];
  const openBrowser = async (url) => {
    const redirectUri = new URL(new URL(url).searchParams.get("redirect_uri"));
    const visit = async (request) => statuses.push((await ask(redirectUri, request)).status);
    await visit({ path: "/favicon.ico" });
    await visit({ path: "/other?code=a&state=b" });
    await visit({ path: "/", host: "evil.example" });
    await visit({ path: "/?code=stolen&state=forged", method: "POST" });
    for (const target of ["/?code=stolen&state=forged", "/?error=access_denied&state=forged", "/"]) await visit({ path: target });
    await follow(url);
  };
  const steps = [];
  const client = await scene.client({ openBrowser, onLog: ({ step }) => steps.push(step) });
  assert.equal((await client.signIn()).claims.name, "Alice Anders");
  // What is not a visit to the redirect URI is not even looked at.
  assert.lengthOf(steps.filter((step) => step === "authorization_response_refused"), 3);
  assert.deepEqual(statuses, [404, 404, 400, 405, 404, 404, 404]);
  assert.lengthOf(await scene.tokenRequests({ grant_type: "authorization_code" }), 1);
});

test("RFC 6749 4.1.2.1: what the provider refuses arrives typed, and its page says nothing of it", async (scene) => {
  const pages = [];
  const client = await scene.client({ openBrowser: async (url) => pages.push(await follow(url)) });
  const error = await refused("interaction_required", () => client.signIn({ prompt: "none", loginHint: "nobody@contoso.onmicrosoft.com" }));
  assert.isString(error.error);
  await pause(50);
  assert.match(pages[0], /The sign-in failed/);
  assert.notInclude(pages[0], error.error);
});

test("OpenID Connect Core 3.1.3.7: a user signs in though the clock of their machine is five minutes off", async (scene) => {
  for (const seconds of [300, -600]) {
    moveClock(seconds);
    const { client } = await scene.signedIn();
    assert.isString((await client.getToken()).accessToken);
  }
});

test("Ctrl-C during a sign-in ends the program, and leaves nothing behind", async (scene) => {
  const { client } = await scene.signedIn();
  let opened;
  const program = scene.start({ options: scene.options, act: "signIn" }, (line) => {
    ({ opened } = line);
    program.process.kill("SIGINT");
  });
  const { signal, code } = await program.ended;
  assert.isTrue(signal === "SIGINT" || code === 130, `${signal} ${code}`);
  await nobodyListens(Number(new URL(new URL(opened).searchParams.get("redirect_uri")).port));
  assert.deepEqual(await readdir(path.dirname(scene.cacheFile)), ["tokens"]);
  assert.isString((await client.getToken()).accessToken);
});

test("Two sign-ins at the same time are two sign-ins", async (scene) => {
  const client = await scene.client({ openBrowser: follow });
  const [alice, bob] = await Promise.all(["alice", "bob"].map((name) => client.signIn({ loginHint: `${name}@contoso.onmicrosoft.com` })));
  assert.deepEqual([alice.claims.name, bob.claims.name], ["Alice Anders", "Bob Berg"]);
  assert.lengthOf(client.accounts, 2);
});

test("Options that cannot work are refused before anything happens", async (scene) => {
  for (const [options, about] of [
    [{ clientID: "x" }, /clientID/],
    [{ authority: "http://login.example" }, /authority/],
    [{ scope: "User.Read" }, /openid/],
    [{ redirectUri: "https://app.example/callback" }, /redirectUri/],
    [{ redirectUri: "com.example.app:/callback" }, /authorize/],
    [{ redirectUri: "http://localhost/callback?a=b" }, /redirectUri/],
    [{ authorize: async () => "" }, /redirectUri/],
    [{ port: 70000 }, /port/],
    [{ cacheFile: 1 }, /cacheFile/],
    [{ scope: 1 }, /scope must be a string or an array/],
    [{ clockTolerance: "60" }, /clockTolerance must be a number/],
    [{ retries: 3 }, /retries is not an option/],
  ]) {
    const { message } = await refused("invalid_option", () => scene.client(options));
    assert.match(message, about);
  }
  const client = await scene.client({ openBrowser: follow });
  for (const [options, about] of [
    [{ atPort: "1" }, /atPort/],
    [{ timeout: -1 }, /timeout/],
    [{ maxAge: "a day" }, /maxAge must be a number/],
    [{ timeout: "a minute" }, /timeout/],
    [{ parameters: { response_mode: "fragment" } }, /response_mode/],
    [{ parameters: { state: "mine" } }, /state/],
    [{ responseMode: "form_post" }, /responseMode|response_mode/],
  ]) {
    assert.match((await refused("invalid_option", () => client.signIn(options))).message, about);
  }
});

const audience = ({ accessToken }) => JSON.parse(atob(accessToken.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).aud;

/** A request as any program on the machine can send it. */
function ask({ port }, { path: target, method = "GET", host = `localhost:${port}` }) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, path: target, method, headers: { host } }, (response) => {
      response.resume().once("end", () => resolve({ status: response.statusCode }));
    });
    request.once("error", reject).end();
  });
}

async function nobodyListens(port) {
  const error = await new Promise((resolve) => net.connect(port, "127.0.0.1").once("error", resolve).once("connect", () => resolve(undefined)));
  assert.equal(error?.code, "ECONNREFUSED");
}
