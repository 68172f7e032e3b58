import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CLIENT_ASSERTION_TYPE, expectRefusal, post, RawClient, startForTests, verify } from "./fixture.js";

const ORDERS = "api://orders.contoso.example";
const READ = `${ORDERS}/Orders.Read`;
const SHOP = "api://shop.contoso.example/access_as_user";
const VERIFIER = "a-code-verifier-of-at-least-43-characters-0123456789";

/** What the authority says to requests that a library at work would not send, each by its AADSTS code. */
describe("requests that are refused", () => {
  let authority, raw;
  before(async () => {
    authority = await startForTests();
    raw = new RawClient(authority);
  });
  after(() => authority.close());

  const daemon = () => ({ client_id: authority.app["Daemon with a secret"].clientId, client_secret: "daemon-secret", grant_type: "client_credentials", scope: `${ORDERS}/.default` });

  async function expectRedirect(parameters, code, error) {
    const response = await raw.authorize({ state: "s", ...parameters });
    assert.match(response.error_description ?? "no error", new RegExp(`^AADSTS${code}: `));
    assert.equal(response.error, error);
    assert.equal(response.state, "s");
  }

  describe("the token endpoint", () => {
    test("900144: a parameter is missing", async () => {
      for (const missing of ["grant_type", "client_id", "scope"]) {
        const { [missing]: _, ...form } = daemon();
        const response = await raw.token(form);
        expectRefusal(response, 900144, "invalid_request");
        assert.match(response.body.error_description, new RegExp(`'${missing}'`));
      }
    });

    test("70003: an unknown grant", async () => expectRefusal(await raw.token({ ...daemon(), grant_type: "magic" }), 70003, "unsupported_grant_type"));

    test("90023: a parameter twice (RFC 6749 section 3.2)", async () => {
      const form = new URLSearchParams(daemon());
      form.append("scope", READ);
      expectRefusal(await post(`${raw.oauth2}/token`, form), 90023, "invalid_request");
    });

    test("900561: GET", async () => {
      const response = await fetch(`${raw.oauth2}/token?${new URLSearchParams(daemon())}`);
      expectRefusal({ status: response.status, body: await response.json() }, 900561, "invalid_request");
    });

    test("90002: an unknown tenant, here and at discovery", async () => {
      expectRefusal(await new RawClient(authority, { tenant: "nowhere.example" }).token(daemon()), 90002, "invalid_request");
      const response = await fetch(`${authority.https}/nowhere.example/v2.0/.well-known/openid-configuration`);
      assert.equal(response.status, 400);
      assert.equal((await response.json()).error, "invalid_tenant");
    });

    test("90015: a body without end", async () => {
      const response = await raw.token({ ...daemon(), padding: "x".repeat(300_000) });
      assert.deepEqual([response.status, response.body.error_codes], [413, [90015]]);
      const chunks = ReadableStream.from(Array.from({ length: 40 }, () => new Uint8Array(8192)));
      const unannounced = await fetch(`${raw.oauth2}/token`, { method: "POST", body: chunks, duplex: "half" }).then((r) => r.status, () => "closed");
      assert.ok([413, "closed"].includes(unannounced), unannounced);
    });

    test("a body in chunks is read as one of a known length (RFC 9112 section 7.1)", async () => {
      const body = ReadableStream.from([...new URLSearchParams(daemon()).toString()].map((c) => new TextEncoder().encode(c)));
      const response = await fetch(`${raw.oauth2}/token`, { method: "POST", body, duplex: "half", headers: { "content-type": "application/x-www-form-urlencoded" } });
      assert.equal(response.status, 200, await response.text());
    });

    test("malformed requests are refused, none is a fault of the server", async () => {
      const wrong = ["%", "\u0000", "{}", "a".repeat(5000), "\ud800", "' OR 1=1 --", "../../etc/passwd", "null", "[object Object]"];
      for (const value of wrong) {
        for (const name of ["grant_type", "client_id", "client_secret", "scope", "client_assertion", "claims"]) {
          const response = await raw.token({ ...daemon(), ...(name === "client_assertion" && { client_assertion_type: CLIENT_ASSERTION_TYPE }), [name]: value });
          assert.ok(response.status < 500, `${name}=${value}: ${response.status}`);
        }
        for (const name of ["client_id", "redirect_uri", "scope", "response_type", "claims", "prompt", "login_hint", "code_challenge", "nonce", "state"]) {
          const { status } = await fetch(raw.authorizeUrl({ client_id: authority.app["Orders site"].clientId, scope: "openid", [name]: value }), { redirect: "manual" });
          assert.ok(status < 500, `${name}=${value}: ${status}`);
        }
      }
      for (const authorization of ["Basic !", "Basic JQ==", "Basic " + Buffer.from("%zz:%").toString("base64"), "Bearer x.y.z"]) {
        assert.ok((await raw.token(daemon(), { authorization })).status < 500, authorization);
        assert.equal((await fetch(`${authority.https}/v1.0/me`, { headers: { authorization } })).status, 401);
      }
    });

    test("50059: client credentials without a concrete tenant", async () => expectRefusal(await new RawClient(authority, { tenant: "common" }).token(daemon()), 50059, "invalid_request"));

    test("9002332: a work account's client at consumers", async () => expectRefusal(await new RawClient(authority, { tenant: "consumers" }).token(daemon()), 9002332, "invalid_request"));

    test("1002012: client credentials with a single scope", async () => expectRefusal(await raw.token({ ...daemon(), scope: READ }), 1002012, "invalid_scope"));

    test("70011: .default beside other scopes, and two resources for an app", async () => {
      expectRefusal(await raw.token({ ...daemon(), scope: `${ORDERS}/.default https://graph.microsoft.com/.default` }), 70011, "invalid_scope");
      await expectRedirect({ client_id: authority.app["Orders site"].clientId, scope: `${READ} ${ORDERS}/.default` }, 70011, "invalid_scope");
    });

    test("501051: an API that requires assignment", async () => expectRefusal(await raw.token({ ...daemon(), scope: "api://payroll.contoso.example/.default" }), 501051, "invalid_grant"));

    test("an API that does not require it gives a token without roles", async () => {
      const { body } = await raw.token({ ...daemon(), scope: "https://graph.microsoft.com/.default" });
      const { claims } = await verify(body.access_token);
      assert.equal(claims.roles, undefined);
      assert.equal(claims.scp, undefined);
    });

    test("Basic authentication, form-decoded (RFC 6749 section 2.3.1)", async () => {
      const { client_secret, client_id, ...form } = daemon();
      const basic = (secret) => ({ authorization: `Basic ${Buffer.from(`${encodeURIComponent(client_id)}:${encodeURIComponent(secret)}`).toString("base64")}` });
      assert.equal((await raw.token({ ...form, client_id }, basic(client_secret))).status, 200);
      assert.equal((await raw.token(form, basic(client_secret))).status, 200);
      expectRefusal(await raw.token(form, basic("wrong")), 7000215, "invalid_client");
    });
  });

  describe("the three types of redirect URI", () => {
    const site = () => authority.app["Orders site"];
    const spa = () => authority.app["Orders page"];
    const desktop = () => authority.app["Orders desktop"];
    const origin = { origin: "http://localhost:1" };
    const pkce = { code_challenge: VERIFIER, code_challenge_method: "plain" };

    async function redeem(client, form, headers) {
      const { code } = await raw.authorize({ client_id: client.clientId, scope: `${READ} offline_access`, ...pkce });
      return raw.token({ client_id: client.clientId, grant_type: "authorization_code", code, redirect_uri: "http://localhost:1/callback", code_verifier: VERIFIER, ...form }, headers);
    }

    test("spa: an Origin and no secret", async () => {
      assert.equal((await redeem(spa(), {}, origin)).status, 200);
      expectRefusal(await redeem(spa(), {}), 9002327, "invalid_request");
      expectRefusal(await redeem(spa(), { client_secret: "x" }, origin), 700025, "invalid_client");
    });

    test("spa: the refresh token too needs an Origin", async () => {
      const { body } = await redeem(spa(), {}, origin);
      const form = { client_id: spa().clientId, grant_type: "refresh_token", refresh_token: body.refresh_token, scope: READ };
      expectRefusal(await raw.token(form), 9002327, "invalid_request");
      const next = await raw.token(form, origin);
      assert.ok(next.body.refresh_token_expires_in <= 86400 && next.body.refresh_token_expires_in > 86000);
    });

    test("spa: 9002325 without PKCE", async () => {
      const response = await raw.signIn({ client: spa(), scope: READ, headers: origin });
      expectRefusal(response, 9002325, "invalid_request");
    });

    test("native: no secret and no Origin", async () => {
      assert.equal((await redeem(desktop(), {})).status, 200);
      expectRefusal(await redeem(desktop(), { client_secret: "x" }), 700025, "invalid_client");
      expectRefusal(await redeem(desktop(), {}, origin), 9002326, "invalid_request");
    });

    test("web: a secret and no Origin", async () => {
      assert.equal((await redeem(site(), { client_secret: site().secret })).status, 200);
      expectRefusal(await redeem(site(), {}), 7000218, "invalid_client");
      expectRefusal(await redeem(site(), { client_secret: site().secret }, origin), 9002326, "invalid_request");
    });

    test("a loopback redirect URI matches on any port; path and scheme count", async () => {
      const ask = (redirect_uri) => fetch(raw.authorizeUrl({ client_id: site().clientId, scope: "openid", redirect_uri }), { redirect: "manual" });
      assert.equal((await ask("http://localhost:54321/callback")).status, 302);
      for (const other of ["http://localhost:54321/other", "https://localhost:54321/callback", "http://localhost.example/callback", "http://localhost:1/callback#x"]) {
        const response = await ask(other);
        assert.equal(response.status, 400, other);
        assert.match(await response.text(), /AADSTS50011/);
      }
    });
  });

  describe("grants", () => {
    const site = () => authority.app["Orders site"];

    test("70000: a code or refresh token that is not this client's", async () => {
      const { body } = await raw.signIn({ client: site(), scope: `${READ} offline_access` });
      const shop = authority.app["Shop API"];
      expectRefusal(await raw.token({ client_id: shop.clientId, client_secret: shop.secret, grant_type: "refresh_token", refresh_token: body.refresh_token, scope: READ }), 70000, "invalid_grant");
      expectRefusal(await raw.token({ client_id: site().clientId, client_secret: site().secret, grant_type: "authorization_code", code: `1.${"x".repeat(64)}`, redirect_uri: "http://localhost:1/callback" }), 70000, "invalid_grant");
    });

    test("9002313: a code or refresh token that was changed on its way", async () => {
      const { code } = await raw.authorize({ client_id: site().clientId, scope: `${READ} offline_access` });
      const form = { client_id: site().clientId, client_secret: site().secret };
      for (const changed of [code.slice(0, -1), "x", `${code}=`]) {
        expectRefusal(await raw.token({ ...form, grant_type: "authorization_code", code: changed, redirect_uri: "http://localhost:1/callback" }), 9002313, "invalid_grant");
      }
      const { body } = await raw.token({ ...form, grant_type: "authorization_code", code, redirect_uri: "http://localhost:1/callback" });
      expectRefusal(await raw.token({ ...form, grant_type: "refresh_token", refresh_token: body.refresh_token.slice(1), scope: READ }), 9002313, "invalid_grant");
    });

    test("28000: scopes of two APIs in one token request; 28003: none named, and the sign-in asked for two", async () => {
      const both = `${READ} https://ledger.contoso.example/user_impersonation`;
      const redeem = async (scope) => {
        const { code } = await raw.authorize({ client_id: site().clientId, scope: `${both} offline_access` });
        return raw.token({ client_id: site().clientId, client_secret: site().secret, grant_type: "authorization_code", code, redirect_uri: "http://localhost:1/callback", ...(scope && { scope }) });
      };
      expectRefusal(await redeem(both), 28000, "invalid_request");
      expectRefusal(await redeem(), 28003, "invalid_request");
      // With a refresh token the first one counts.
      const { body } = await redeem(READ);
      const next = await raw.token({ client_id: site().clientId, client_secret: site().secret, grant_type: "refresh_token", refresh_token: body.refresh_token, scope: both });
      assert.equal((await verify(next.body.access_token)).claims.scp, "Orders.Read");
    });

    test("700005: a code at another tenant's endpoint", async () => {
      const { code } = await raw.authorize({ client_id: site().clientId, scope: READ });
      const elsewhere = new RawClient(authority, { tenant: authority.fabrikam.id });
      expectRefusal(await elsewhere.token({ client_id: site().clientId, client_secret: site().secret, grant_type: "authorization_code", code, redirect_uri: "http://localhost:1/callback" }), 700005, "invalid_grant");
    });

    test("a code is redeemed once, however many ask at once", async () => {
      const { code } = await raw.authorize({ client_id: site().clientId, scope: READ });
      // With a certificate, whose verification takes a while, so that the requests overlap.
      const proof = { client_assertion: await raw.assertion(site()), client_assertion_type: CLIENT_ASSERTION_TYPE };
      const form = { client_id: site().clientId, ...proof, grant_type: "authorization_code", code, redirect_uri: "http://localhost:1/callback" };
      const responses = await Promise.all(Array.from({ length: 8 }, () => raw.token(form)));
      assert.equal(responses.filter((a) => a.status === 200).length, 1);
    });

    test("device code: 70016 while pending, 65004 declined, 70019 expired, 70018 unknown", async (t) => {
      const client = authority.app["Orders desktop"];
      const start = async () => (await post(`${raw.oauth2}/devicecode`, { client_id: client.clientId, scope: READ })).body;
      const poll = (device_code) => raw.token({ client_id: client.clientId, grant_type: "urn:ietf:params:oauth:grant-type:device_code", device_code });
      const device = await start();
      expectRefusal(await poll(device.device_code), 70016, "authorization_pending");
      await authority.control.post("/device-codes", { userCode: device.user_code, decline: true });
      expectRefusal(await poll(device.device_code), 65004, "authorization_declined");
      expectRefusal(await poll("unknown"), 70018, "bad_verification_code");
      const late = await start();
      await authority.control.post("/clock", { advance: 901 });
      t.after(() => authority.control.post("/clock", { reset: true }));
      expectRefusal(await poll(late.device_code), 70019, "expired_token");
    });
  });

  describe("on-behalf-of", () => {
    const shop = () => authority.app["Shop API"];
    const ask = (assertion, more) => raw.token({ client_id: shop().clientId, client_secret: shop().secret, grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", requested_token_use: "on_behalf_of", assertion, scope: READ, ...more });
    const userToken = async (scope = SHOP) => (await raw.signIn({ client: authority.app["Orders site"], scope: `openid ${scope}` })).body;

    test("900144: without requested_token_use; 90023: with another value", async () => {
      const missing = await ask("x", { requested_token_use: "" });
      expectRefusal(missing, 900144, "invalid_request");
      assert.match(missing.body.error_description, /'requested_token_use'/);
      const other = await ask("x", { requested_token_use: "on_behalf" });
      expectRefusal(other, 90023, "invalid_request");
      assert.match(other.body.error_description, /'requested_token_use' value 'on_behalf'/);
    });

    test("500131: a token for another API", async () => expectRefusal(await ask((await userToken(READ)).access_token), 500131, "invalid_grant"));

    test("50013: malformed, and signed by a stranger", async () => {
      expectRefusal(await ask("not a token"), 50013, "invalid_grant");
      const [header, claims] = (await userToken()).access_token.split(".");
      expectRefusal(await ask(`${header}.${claims}.${"A".repeat(342)}`), 50013, "invalid_grant");
    });

    test("500133: expired", async (t) => {
      const { access_token } = await userToken();
      await authority.control.post("/clock", { advance: 2 * 3600 });
      t.after(() => authority.control.post("/clock", { reset: true }));
      expectRefusal(await ask(access_token), 500133, "invalid_grant");
    });

    test("7000114: an app-only token", async () => {
      const { body } = await raw.token({ ...daemon(), scope: "api://shop.contoso.example/.default" });
      expectRefusal(await ask(body.access_token), 7000114, "invalid_grant");
    });

    test("240002: an ID token", async () => {
      const { id_token } = await userToken();
      const site = authority.app["Orders site"];
      expectRefusal(await raw.token({ client_id: site.clientId, client_secret: site.secret, grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", requested_token_use: "on_behalf_of", assertion: id_token, scope: READ }), 240002, "invalid_grant");
    });

    test("a refresh token only with offline_access, an ID token only with openid", async () => {
      const { access_token } = await userToken();
      const plain = await ask(access_token);
      assert.equal(plain.body.refresh_token ?? plain.body.id_token, undefined);
      const more = await ask(access_token, { scope: `${READ} openid offline_access` });
      assert.ok(more.body.refresh_token && more.body.id_token);
    });
  });

  describe("the authorize endpoint", () => {
    const site = () => ({ client_id: authority.app["Orders site"].clientId, scope: "openid" });

    test("700051: the implicit grant", () => expectRedirect({ ...site(), response_type: "token" }, 700051, "unsupported_response_type"));
    test("700054: an ID token for an app that has not enabled it", () => expectRedirect({ client_id: authority.app["Orders page"].clientId, scope: "openid", response_type: "code id_token", nonce: "n" }, 700054, "unsupported_response_type"));
    test("70007: an unknown response mode, and tokens in a query", async () => {
      await expectRedirect({ ...site(), response_mode: "pigeon" }, 70007, "invalid_request");
      await expectRedirect({ ...site(), response_type: "code id_token", nonce: "n", response_mode: "query" }, 70007, "invalid_request");
    });
    test("900144: without a scope, and the hybrid flow without a nonce", async () => {
      await expectRedirect({ ...site(), scope: "" }, 900144, "invalid_request");
      await expectRedirect({ ...site(), response_type: "code id_token" }, 900144, "invalid_request");
    });
    test("90023: an unknown prompt, claims that are no JSON, an unknown challenge method", async () => {
      await expectRedirect({ ...site(), prompt: "dance" }, 90023, "invalid_request");
      await expectRedirect({ ...site(), claims: "{" }, 90023, "invalid_request");
      await expectRedirect({ ...site(), code_challenge: VERIFIER, code_challenge_method: "S512" }, 90023, "invalid_request");
    });
    test("50105: an application that its users are assigned to", async (t) => {
      const path = `/directory/registrations/${site().client_id}`;
      await authority.control.patch(path, { appRoleAssignmentRequired: true });
      t.after(() => authority.control.patch(path, { appRoleAssignmentRequired: null }));
      await expectRedirect(site(), 50105, "access_denied");
      const { appRoleAssignments } = await authority.control.get("/directory");
      await authority.control.put("/directory/appRoleAssignments", [...appRoleAssignments, { tenant: "contoso.onmicrosoft.com", user: "alice@contoso.onmicrosoft.com", resource: "Orders site", roles: ["User"] }]);
      assert.ok((await raw.authorize(site())).code);
    });
    test("501491: a code challenge that is too short", () => expectRedirect({ ...site(), code_challenge: "short" }, 501491, "invalid_request"));
    test("90027: v1.0 for a personal account", async () => {
      expectRefusal(await new RawClient(authority, { version: 1, tenant: "consumers" }).token(daemon()), 90027, "invalid_request");
      const v1 = new RawClient(authority, { version: 1, tenant: "common" });
      const response = await v1.authorize({ client_id: authority.app["Orders desktop"].clientId, resource: "https://graph.microsoft.com", login_hint: "carol@live.com" });
      assert.match(response.error_description, /AADSTS90027/);
    });
    test("650053: a scope that the API does not have", () => expectRedirect({ ...site(), scope: `${ORDERS}/Orders.Burn` }, 650053, "invalid_client"));
    test("50058, 16000: prompt=none with nobody and with two people signed in", async () => {
      const browser = new RawClient(authority);
      const silent = (more) => browser.authorize({ ...site(), prompt: "none", login_hint: "", ...more });
      assert.match((await silent()).error_description, /AADSTS50058/);
      await browser.authorize({ ...site(), login_hint: "alice@contoso.onmicrosoft.com" });
      assert.ok((await silent()).code);
      await browser.authorize({ ...site(), login_hint: "bob@contoso.onmicrosoft.com" });
      const two = await silent();
      assert.equal(two.error, "interaction_required");
      assert.match(two.error_description, /AADSTS16000/);
      assert.ok((await silent({ login_hint: "bob@contoso.onmicrosoft.com" })).code);
    });
    test("65001, 90094: consent that is missing with prompt=none, and that only an administrator can give", async () => {
      const browser = new RawClient(authority);
      await browser.authorize(site());
      const silent = await browser.authorize({ ...site(), scope: `${ORDERS}/Orders.Write`, prompt: "none" });
      assert.equal(silent.error, "consent_required");
      assert.match(silent.error_description, /AADSTS65001/);
      const asked = await browser.authorize({ ...site(), scope: `${ORDERS}/Orders.Manage` });
      assert.equal(asked.error, "access_denied");
      assert.match(asked.error_description, /AADSTS90094/);
    });
    test("50034: a user name that is nobody's", () => expectRedirect({ ...site(), login_hint: "nobody@contoso.onmicrosoft.com" }, 50034, "interaction_required"));
  });
});
