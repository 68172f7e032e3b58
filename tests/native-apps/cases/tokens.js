// Tokens that are always fresh: one request for all who want one, and a new sign-in when nothing else helps.

import { createServer } from "node:http";

import { assert } from "chai";

import { moveClock, refused } from "../../edge/cases/case.js";
import { follow, test } from "./scene.js";

const CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}';

test("RFC 6749 6: a token that expired is renewed silently, with one request for all callers of a process", async (scene) => {
  const { client } = await scene.signedIn();
  const before = await client.getToken();
  moveClock(before.expiresAt - Date.now() / 1000 + 1);
  const tokens = await Promise.all(Array.from({ length: 50 }, () => client.getToken()));
  assert.lengthOf(new Set(tokens.map(({ accessToken }) => accessToken)), 1);
  assert.notEqual(tokens[0].accessToken, before.accessToken);
  assert.lengthOf(await scene.tokenRequests({ grant_type: "refresh_token" }), 1);
});

test("RFC 6749 6: processes that share a cache make one request", async (scene) => {
  const { client } = await scene.signedIn();
  await scene.tell("DELETE", "/requests");
  const together = Date.now() + 1500;
  const programs = Array.from({ length: 3 }, () => scene.start({ options: scene.options, act: "renew", callers: 5, together }));
  const ends = await Promise.all(programs.map(({ ended }) => ended));
  const tokens = ends.flatMap(({ lines }) => lines[0]);
  assert.lengthOf(tokens, 15);
  for (const token of tokens) assert.isString(token, JSON.stringify(token));
  // Who comes before the first new token is there gets that one.
  assert.lengthOf(await scene.tokenRequests({ grant_type: "refresh_token" }), new Set(tokens).size);
  assert.isAtMost(new Set(tokens).size, 3);
  assert.include(tokens, (await client.getToken()).accessToken);
});

test("A token that is due is renewed before the caller has it, and handed out if that fails", async (scene) => {
  const { client } = await scene.signedIn();
  const due = await client.getToken();
  moveClock(due.refreshAt - Date.now() / 1000 + 1);
  await scene.tell("POST", "/faults", { kind: "status", path: "/token", status: 503, headers: { "retry-after": "60" } });
  assert.equal((await client.getToken()).accessToken, due.accessToken);
  assert.equal((await client.getToken()).accessToken, due.accessToken);
  // The provider asked for a minute.
  assert.lengthOf(await scene.tokenRequests({ grant_type: "refresh_token" }), 1);
  await scene.tell("DELETE", "/faults");
  moveClock(61);
  assert.notEqual((await client.getToken()).accessToken, due.accessToken);
});

test("RFC 9110 10.2.3: while the provider asks not to be asked, callers of all processes get its error", async (scene) => {
  for (const status of [429, 503]) {
    const { client } = await scene.signedIn();
    await scene.tell("DELETE", "/requests");
    await scene.tell("POST", "/faults", { kind: "status", path: "/token", status, headers: { "retry-after": "60" } });
    const errors = await Promise.all(Array.from({ length: 10 }, () => refused("provider_unavailable", () => client.getToken({ forceRefresh: true }))));
    assert.equal(errors[0].status, status);
    const { lines } = await scene.start({ options: scene.options, act: "renew" }).ended;
    assert.equal(lines[0][0].code, "provider_unavailable");
    assert.lengthOf(await scene.tokenRequests(), 1);
    await scene.tell("DELETE", "/faults");
  }
});

test("A session that has ended at the provider needs the user, and a new sign-in takes its place", async (scene) => {
  const { client, account } = await scene.signedIn();
  await scene.tell("POST", "/clock", { advance: 5 });
  await scene.tell("POST", "/revoke", { user: "alice@contoso.onmicrosoft.com" });
  const error = await refused("interaction_required", () => client.getToken({ forceRefresh: true }));
  assert.equal(error.error, "invalid_grant");
  await refused("interaction_required", () => client.getToken({ forceRefresh: true }));
  assert.lengthOf(await scene.tokenRequests({ grant_type: "refresh_token" }), 1);
  const again = await client.signIn();
  assert.deepEqual([again.subject, client.accounts.length], [account.subject, 1]);
  await client.getToken({ forceRefresh: true });
});

test("The session outlives the program: another one gets tokens without a browser", async (scene) => {
  const { client, account } = await scene.signedIn();
  const { accessToken } = await client.getToken();
  client.close();
  await refused("client_closed", () => client.getToken());
  const [accounts, tokens] = await Promise.all(["accounts", "getToken"].map((act) => scene.start({ options: scene.options, act }).ended));
  assert.deepEqual([accounts.lines, tokens.lines], [[[[account.subject]]], [[accessToken]]]);
});

test("A program ends when its work is done: no timer and no connection holds it", async (scene) => {
  for (const act of ["signIn", "renew"]) {
    let printed;
    const onLine = ({ opened }) => {
      printed = Date.now();
      if (opened) follow(opened);
    };
    const { code, lines } = await scene.start({ options: scene.options, act }, onLine).ended;
    assert.equal(code, 0);
    assert.isString(lines.at(-1)[0]);
    assert.isBelow(Date.now() - printed, 3000, act);
  }
});

test("RFC 6750 3.1: fetch attaches the token, and renews it once when the API refuses it", async (scene) => {
  const { client } = await scene.signedIn();
  const seen = [];
  const challenges = ['Bearer error="invalid_token"'];
  await withApi(seen, challenges, async (url) => {
    moveClock(60);
    const response = await client.fetch(url, { method: "POST", body: "order" });
    assert.deepEqual([response.status, await response.text()], [200, "order"]);
    assert.lengthOf(new Set(seen), 2);
    // Another refusal is the caller's.
    challenges.push(...Array.from({ length: 2 }, () => 'Bearer error="insufficient_scope"'));
    assert.equal((await client.fetch(url)).status, 401);
    assert.lengthOf(seen, 3);
  });
  await refused("insecure_url", () => client.fetch("http://orders.example/"));
  await refused("network_error", () => client.fetch("http://127.0.0.1:1/"));
  await refused("invalid_option", () => client.fetch("https://orders.example/", { token: { scopes: "a" } }));
});

test("Entra, claims challenge: fetch asks for a token with the claims", async (scene) => {
  const { client } = await scene.signedIn();
  const seen = [];
  await withApi(seen, [`Bearer error="insufficient_claims", claims="${btoa(CLAIMS)}"`], async (url) => {
    assert.equal((await client.fetch(url)).status, 200);
    assert.lengthOf(new Set(seen), 2);
  });
  const [{ form }] = await scene.tokenRequests({ grant_type: "refresh_token" });
  assert.deepEqual(JSON.parse(form.claims), JSON.parse(CLAIMS));
});

test("A caller who gives up gets an error at once, and the request goes on for the others", async (scene) => {
  const { client } = await scene.signedIn();
  await scene.tell("POST", "/faults", { kind: "latency", path: "/token", milliseconds: 500, times: 1 });
  const controller = new AbortController();
  const other = client.getToken({ forceRefresh: true });
  const mine = client.getToken({ forceRefresh: true, signal: controller.signal });
  controller.abort();
  await refused("aborted", () => mine);
  assert.isString((await other).accessToken);
  assert.lengthOf(await scene.tokenRequests({ grant_type: "refresh_token" }), 1);
});

test("Without a session there is no token, and no request", async (scene) => {
  const client = await scene.client();
  await refused("sign_in_required", () => client.getToken());
  await refused("sign_in_required", () => client.fetch("https://orders.example/"));
  await refused("sign_in_required", () => client.userInfo());
  assert.deepEqual(await scene.tell("GET", "/requests"), []);
});

/** An API that refuses with these challenges first. */
async function withApi(seen, challenges, run) {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push(request.headers.authorization);
    const challenge = challenges.shift();
    if (challenge === undefined) return response.end(body);
    response.writeHead(401, { "www-authenticate": challenge });
    response.end();
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    await run(`http://127.0.0.1:${server.address().port}/orders`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
