/** The double of `countersign/testing` in Node: what a test does to it, and what time does. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { mock, test } from "node:test";

import { createTestClient, isAuthError, testError } from "../../pkg/testing.js";

const EVENTS = ["signedin", "signedout", "accountschanged", "tokenrefreshed", "reauthdue", "error"];

function listened(client) {
  const heard = [];
  for (const name of EVENTS) client.addEventListener(name, ({ type, detail }) => heard.push([type, detail?.code ?? detail]));
  return heard;
}

const codeOf = (work) => work.then(() => "none", ({ code }) => code);

test("who is signed in has the claims that were given, and those that every test needs", async () => {
  const { account } = createTestClient({ account: { subject: "ada", claims: { name: "Ada" } } });
  assert.deepEqual(account, { issuer: "https://login.example", subject: "ada", claims: { iss: "https://login.example", sub: "ada", name: "Ada" } });
  assert.equal(createTestClient().account, null);
});

test("signInAs is a sign-in that came back, and the sign-in before it left the page", async () => {
  const client = createTestClient();
  const heard = listened(client);
  const left = client.signIn({ appState: 1 });
  assert.deepEqual(client.signInAs({ subject: "ada" }, { path: "/" }).appState, { path: "/" });
  assert.deepEqual([client.account.subject, heard], ["ada", [["signedin", null]]]);
  assert.equal(await client.handleRedirect(), null);
  assert.equal(await Promise.race([left, Promise.resolve("left")]), "left");
  assert.deepEqual(client.calls, [{ method: "signIn", options: { appState: 1 } }, { method: "handleRedirect", options: undefined }]);
});

test("failNext fails one call, with the message that users see", async () => {
  const client = createTestClient({ account: {} });
  client.failNext("getToken", "interaction_required", { claims: "{}" });
  const error = await client.getToken().catch((error) => error);
  assert.ok(isAuthError(error));
  assert.deepEqual([error.code, error.claims], ["interaction_required", "{}"]);
  assert.match(error.message, /must sign in again/);
  assert.equal((await client.getToken()).accessToken, "test-token-1");
  assert.throws(() => client.failNext("getToken", "no_such_code"), TypeError);
});

test("failures in the background and the end of a session are events, and a late listener hears of the end", async () => {
  const client = createTestClient({ account: {} });
  client.announceReauth(5);
  const heard = listened(client);
  client.failInBackground("provider_unavailable");
  await null;
  assert.deepEqual([client.reauthDueAt, heard], [5, [["error", "provider_unavailable"], ["reauthdue", { at: 5 }]]]);
});

test("several accounts: one is active, each has its tokens, and one signs out without the others", async () => {
  const client = createTestClient({ account: { subject: "ada" }, user: { subject: "bob" }, tokens: ({ account }, count) => `${account.subject}-${count}` });
  const heard = listened(client);
  const [ada] = client.accounts;
  assert.equal((await client.signInPopup({ appState: 1 })).appState, 1);
  assert.deepEqual(client.accounts.map(({ subject }) => subject), ["bob", "ada"]);
  assert.deepEqual([(await client.getToken()).accessToken, (await client.getToken({ account: ada })).accessToken], ["bob-1", "ada-2"]);
  await client.setActiveAccount(ada);
  assert.equal((await client.getToken()).accessToken, "ada-2");
  await client.signOut({ account: ada });
  assert.deepEqual([client.account, client.accounts.length, await codeOf(client.getToken())], [null, 1, "account_required"]);
  assert.equal(await codeOf(client.getToken({ account: ada })), "sign_in_required");
  await client.signOut();
  assert.deepEqual([client.accounts.length, await codeOf(client.getToken())], [0, "sign_in_required"]);
  assert.deepEqual(heard.map(([name]) => name), ["signedin", "signedin", "signedout", "accountschanged"]);
});

test("tokens are those that were given", async () => {
  assert.equal((await createTestClient({ account: {}, tokens: "always" }).getToken()).accessToken, "always");
  const asked = [];
  const client = createTestClient({ account: { subject: "ada" }, tokens: (request, count) => (asked.push(request), { accessToken: `t${count}`, expiresAt: 7 }) });
  assert.equal((await client.getToken({ scope: "a", claims: "{}" })).expiresAt, 7);
  assert.deepEqual([asked[0].scope, asked[0].claims, asked[0].account.subject], ["a", "{}", "ada"]);
  const failing = createTestClient({ account: {}, tokens: () => { throw testError("network_error"); } });
  assert.equal(await codeOf(failing.getToken()), "network_error");
});

test("tokens become due and expire by the test's clock", async (t) => {
  mock.timers.enable({ apis: ["Date"], now: 1_000_000_000_000 });
  t.after(() => mock.timers.reset());
  const client = createTestClient({ account: {} });
  const heard = listened(client);
  const token = async () => (await client.getToken()).accessToken;
  assert.equal(await token(), "test-token-1");
  mock.timers.tick(3_400_000);
  assert.equal(await token(), "test-token-1", "it is due, and still good");
  assert.equal(await token(), "test-token-2");
  mock.timers.tick(3_700_000);
  assert.equal(await token(), "test-token-3");
  client.expireTokens();
  assert.equal(await token(), "test-token-4");
  assert.deepEqual(heard.map(([name]) => name), Array(3).fill("tokenrefreshed"));
});

test("RFC 6750 3.1: fetch repeats a request once if the API refuses a token that is not new", async (t) => {
  mock.timers.enable({ apis: ["Date"], now: 1_000_000_000_000 });
  t.after(() => mock.timers.reset());
  const seen = [];
  const refuse = async ({ headers }) => (seen.push(headers.get("authorization")), new Response(null, { status: 401, headers: { "www-authenticate": 'Bearer error="invalid_token"' } }));
  const client = createTestClient({ account: {}, fetch: refuse });
  await client.fetch("https://api.example/");
  mock.timers.tick(10_000);
  assert.equal((await client.fetch("https://api.example/")).status, 401);
  assert.deepEqual(seen, ["Bearer test-token-1", "Bearer test-token-1", "Bearer test-token-2"]);
});

test("the double brings no WebAssembly", async () => {
  const files = ["testing.js"];
  for (const file of files) {
    const text = await readFile(new URL(`../../pkg/${file}`, import.meta.url), "utf8");
    for (const [, name] of text.matchAll(/from "\.\/([^"]+)"/g)) if (!files.includes(name)) files.push(name);
    assert.doesNotMatch(text, /wasm\/|WebAssembly\.(compile|instantiate)/, file);
  }
  assert.ok(files.length > 3);
});
