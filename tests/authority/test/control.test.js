import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, afterEach, before, describe, test } from "node:test";
import { codeFor, ORDERS, publicClient, signIn } from "./msal-node-clients.js";
import { RawClient, startForTests, verify } from "./fixture.js";

describe("the control port", () => {
  let authority, raw;
  before(async () => {
    authority = await startForTests();
    raw = new RawClient(authority);
  });
  after(() => authority.close());
  afterEach(() => authority.control.delete("/faults"));

  const daemon = () => ({ client_id: authority.app["Daemon with a secret"].clientId, client_secret: "daemon-secret", grant_type: "client_credentials", scope: `${ORDERS}/.default` });
  const keysUrl = () => `${authority.https}/common/discovery/v2.0/keys`;
  const kids = async () => (await (await fetch(keysUrl())).json()).keys.map((k) => k.kid);

  test("a clock that is set, moved, stopped and put back", async (t) => {
    t.after(() => authority.control.post("/clock", { reset: true }));
    const set = await authority.control.post("/clock", { now: 2_000_000_000, freeze: true });
    assert.deepEqual(set, { now: 2_000_000_000, time: "2033-05-18 03:33:20Z" });
    const { body } = await raw.token(daemon());
    const claims = JSON.parse(Buffer.from(body.access_token.split(".")[1], "base64url"));
    assert.equal(claims.iat, 2_000_000_000);
    assert.equal((await authority.control.post("/clock", { advance: 60 })).now, 2_000_000_060);
    const back = await authority.control.post("/clock", { reset: true });
    assert.ok(Math.abs(back.now - Date.now() / 1000) < 5);
  });

  test("key rotation: the old key stays published until retired", async () => {
    const before = await raw.token(daemon());
    const published = await kids();
    const { kid } = await authority.control.post("/keys/rotate");
    assert.deepEqual((await kids()).filter((k) => !published.includes(k)).includes(kid), true);
    const after = await raw.token(daemon());
    assert.equal((await verify(after.body.access_token)).header.kid, kid);
    await verify(before.body.access_token);
    await authority.control.post("/keys/rotate", { retire: true });
    await assert.rejects(verify(before.body.access_token), { code: "ERR_JWKS_NO_MATCHING_KEY" });
  });

  test("revocation: Graph challenges a cp1 client, whose next token it takes; a client without cp1 is left alone", async () => {
    const me = (token) => fetch(`${authority.https}/v1.0/me`, { headers: { authorization: `Bearer ${token}` } });
    const desktop = authority.app["Orders desktop"];
    const cp1 = { claims: JSON.stringify({ access_token: { xms_cc: { values: ["cp1"] } } }) };
    const [capable, plain] = [await raw.signIn({ client: desktop, scope: "offline_access User.Read", ...cp1 }), await raw.signIn({ client: desktop, scope: "User.Read" })];
    assert.equal((await me(capable.body.access_token)).status, 200);
    await authority.control.post("/revoke/access-tokens", { user: "alice@contoso.onmicrosoft.com" });

    const challenged = await me(capable.body.access_token);
    assert.equal(challenged.status, 401);
    const header = challenged.headers.get("www-authenticate");
    assert.match(header, /error="insufficient_claims"/);
    assert.match(header, new RegExp(`authorization_uri="${authority.https}/common/oauth2/authorize"`));
    const claims = Buffer.from(/claims="([^"]+)"/.exec(header)[1], "base64").toString();
    assert.equal(JSON.parse(claims).access_token.nbf.essential, true);
    assert.equal((await me(plain.body.access_token)).status, 200);

    const fresh = await raw.token({ client_id: desktop.clientId, grant_type: "refresh_token", refresh_token: capable.body.refresh_token, scope: "User.Read", claims });
    assert.equal((await me(fresh.body.access_token)).status, 200);
  });

  test("revoking sign-ins ends the session, codes and refresh tokens; a new sign-in is good at once", async () => {
    const client = publicClient(authority, "Orders desktop");
    const ask = { scopes: [`${ORDERS}/Orders.Read`], user: "bob@contoso.onmicrosoft.com" };
    const { account } = await signIn(client, ask);
    const pending = await codeFor(client, ask);
    await authority.control.post("/revoke", { user: "bob@contoso.onmicrosoft.com" });
    await assert.rejects(client.acquireTokenByCode(pending), /AADSTS50173/);
    await assert.rejects(client.acquireTokenSilent({ scopes: ask.scopes, account, forceRefresh: true }), /AADSTS50173/);
    const again = await signIn(client, ask);
    assert.ok(await client.acquireTokenSilent({ scopes: ask.scopes, account: again.account, forceRefresh: true }));
  });

  test("latency", async () => {
    await authority.control.post("/faults", { kind: "latency", path: "/token", milliseconds: 150, times: 1 });
    const started = performance.now();
    assert.equal((await raw.token(daemon())).status, 200);
    assert.ok(performance.now() - started >= 145);
  });

  test("a dropped connection", async () => {
    await authority.control.post("/faults", { kind: "drop", path: "/token", times: 1 });
    await assert.rejects(raw.token(daemon()), TypeError);
    assert.equal((await raw.token(daemon())).status, 200);
  });

  test("a lost response: what was asked is done, and the client is not told", async () => {
    const site = authority.app["Orders site"];
    const { code } = await raw.authorize({ client_id: site.clientId, scope: `${ORDERS}/Orders.Read` });
    const form = { client_id: site.clientId, client_secret: site.secret, grant_type: "authorization_code", code, redirect_uri: "http://localhost:1/callback" };
    await authority.control.post("/faults", { kind: "lost-response", path: "/token", times: 1 });
    await assert.rejects(raw.token(form), TypeError);
    assert.deepEqual((await raw.token(form)).body.error_codes, [54005]);
  });

  test("a truncated body", async () => {
    await authority.control.post("/faults", { kind: "truncate", path: "/token", times: 1 });
    const response = await fetch(`${raw.oauth2}/token`, { method: "POST", body: new URLSearchParams(daemon()) });
    assert.equal(response.status, 200);
    assert.ok(Number(response.headers.get("content-length")) > 500);
    await assert.rejects(response.text());
  });

  test("429 with Retry-After, and a 5xx that is no JSON", async () => {
    await authority.control.post("/faults", { kind: "status", status: 429, headers: { "Retry-After": "17" }, path: "/token", times: 1 });
    const busy = await raw.token(daemon());
    assert.deepEqual([busy.status, busy.headers.get("retry-after"), busy.body.error], [429, "17", "temporarily_unavailable"]);
    await authority.control.post("/faults", { kind: "status", status: 502, headers: { "content-type": "text/html" }, body: "<html>Bad gateway</html>", path: "/token", times: 1 });
    const broken = await fetch(`${raw.oauth2}/token`, { method: "POST", body: new URLSearchParams(daemon()) });
    assert.deepEqual([broken.status, await broken.text()], [502, "<html>Bad gateway</html>"]);
  });

  test("keys that are slow, and keys that fail", async () => {
    await authority.control.post("/faults", { kind: "latency", path: "/discovery/v2.0/keys", milliseconds: 100, times: 1 });
    await authority.control.post("/faults", { kind: "status", status: 500, path: "/discovery/v2.0/keys", times: 2 });
    assert.equal((await fetch(keysUrl())).status, 500);
    assert.equal((await fetch(keysUrl())).status, 500);
    assert.equal((await fetch(keysUrl())).status, 200);
    assert.deepEqual(await authority.control.get("/faults"), []);
  });

  test("the record has every request, and no secret", async () => {
    await authority.control.delete("/requests");
    await raw.token(daemon(), { "x-client-sku": "test" });
    await raw.token({ ...daemon(), client_secret: "wrong" });
    const [first, second] = await authority.control.get("/requests?path=/token");
    assert.deepEqual([first.method, first.status, second.status, first.headers["x-client-sku"]], ["POST", 200, 401, "test"]);
    assert.equal(first.form.client_secret, `sha256:${createHash("sha256").update("daemon-secret").digest("hex").slice(0, 16)}`);
    assert.notEqual(first.form.client_secret, second.form.client_secret);
    assert.ok(!JSON.stringify([first, second]).includes("daemon-secret"));
  });

  test("the directory changes while it runs", async () => {
    const added = { name: "New daemon", kind: "daemon", tenant: "contoso.onmicrosoft.com", clientId: "66666666-aaaa-4bbb-8ccc-000000000001", signInAudience: "AzureADMyOrg", passwordCredentials: [{ secret: "new-secret" }] };
    await authority.control.post("/directory/registrations", added);
    const form = { ...daemon(), client_id: added.clientId, client_secret: "new-secret" };
    assert.equal((await raw.token(form)).status, 200);
    await authority.control.patch(`/directory/registrations/${added.clientId}`, { passwordCredentials: [] });
    assert.equal((await raw.token(form)).status, 401);
    const { registrations } = await authority.control.get("/directory");
    assert.ok(registrations.some((r) => r.name === "New daemon"));
  });

  test("an added entry that is not valid gets 400, with the place of the mistake", async () => {
    const response = await fetch(`${authority.control.origin}/directory/registrations`, { method: "POST", body: JSON.stringify({ name: "x", tenant: "contoso.onmicrosoft.com", clientId: "not a GUID" }) });
    assert.equal(response.status, 400);
    assert.match((await response.json()).error, /^clientId must be a GUID/);
  });

  test("50000: a directory that makes no sense is a fault of the server, told without its inside", async (t) => {
    t.mock.method(console, "error", () => {});
    const key = `/directory/registrations/${daemon().client_id}`;
    await authority.control.patch(key, { passwordCredentials: 5 });
    t.after(() => authority.control.patch(key, { passwordCredentials: [{ secret: "daemon-secret" }] }));
    const { status, body } = await raw.token(daemon());
    assert.deepEqual([status, body.error, body.error_codes], [500, "server_error", [50000]]);
    assert.ok(!JSON.stringify(body).includes("TypeError"));
  });

  test("a wrong request gets 400, what is wrong and what to do", async () => {
    for (const [path, body] of [["/clock", { now: "yesterday" }], ["/revoke", { user: "nobody" }], ["/faults", { kind: "gremlin" }], ["/settings", { colour: "red" }], ["/directory/pets", {}]]) {
      const response = await fetch(`${authority.control.origin}${path}`, { method: "POST", body: JSON.stringify(body) });
      assert.equal(response.status, 400, path);
      assert.ok((await response.json()).error);
    }
    const noJson = await fetch(`${authority.control.origin}/clock`, { method: "POST", body: "{" });
    assert.equal(noJson.status, 400);
  });
});
