import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ERROR_CODES } from "../error-codes/error-codes.js";
import { ALICE, expectRefusal, post, RawClient, startForTests, verify } from "./fixture.js";

const ORDERS = "api://orders.contoso.example";
const READ = `${ORDERS}/Orders.Read`;

describe("what errors lead to, and paths where nothing is", () => {
  let authority, raw;
  before(async () => {
    authority = await startForTests();
    raw = new RawClient(authority);
  });
  after(() => authority.close());

  test("error_uri leads to a page about the error (RFC 6749 section 5.2)", async () => {
    const daemon = authority.app["Daemon with a secret"];
    const { body } = await raw.token({ client_id: daemon.clientId, client_secret: "wrong", grant_type: "client_credentials", scope: `${ORDERS}/.default` });
    const page = await fetch(body.error_uri);
    assert.equal(page.status, 200);
    const text = await page.text();
    assert.match(text, /AADSTS7000215/);
    assert.match(text, /What to do/);
  });

  test("error_uri of an error on the redirect leads there too (RFC 6749 section 4.1.2.1)", async () => {
    const { error_uri } = await raw.authorize({ client_id: authority.app["Orders site"].clientId, scope: "" });
    assert.match(await (await fetch(error_uri)).text(), /AADSTS900144/);
  });

  test("every code has its page with a remedy; another code is 404", async () => {
    for (const [code, { remedy }] of Object.entries(ERROR_CODES)) {
      assert.match(remedy, /^[A-Z`].*[.?]$/, code);
      const page = await fetch(`${authority.https}/error?code=${code}`);
      const text = await page.text();
      assert.equal(page.status, 200, code);
      assert.ok(!/undefined|\[object/.test(text), `${code}: ${text.match(/.{40}(undefined|\[object).{20}/)?.[0]}`);
    }
    assert.equal((await fetch(`${authority.https}/error?code=1`)).status, 404);
    assert.equal((await fetch(`${authority.https}/error?code=constructor`)).status, 404);
    assert.equal((await fetch(`${authority.https}/error?code=${encodeURIComponent("<script>")}`)).status, 404);
  });

  test("an unknown path is 404 (RFC 9110 section 15.5.5): JSON for a program, a page for a person", async () => {
    for (const path of ["/", "/favicon.ico", `/${authority.contoso.id}/oauth2/v3.0/token`, "/v1.0/users", `/${authority.contoso.id}/v2.0/.well-known/oauth-authorization-server`]) {
      for (const method of ["GET", "POST"]) {
        const response = await fetch(`${authority.https}${path}`, { method });
        assert.equal(response.status, 404, `${method} ${path}`);
        assert.match(response.headers.get("content-type"), /^application\/json/);
        assert.equal((await response.json()).error, "not_found");
      }
      const page = await fetch(`${authority.https}${path}`, { headers: { accept: "text/html,*/*" } });
      assert.equal(page.status, 404);
      assert.match(await page.text(), /<h1>Page not found<\/h1>/);
    }
  });

  test("500011 names the resource and the tenant, at both endpoints", async () => {
    const daemon = authority.app["Daemon with a secret"];
    const message = "The resource principal named api://nothing.example was not found in the tenant named Contoso.";
    const app = await raw.token({ client_id: daemon.clientId, client_secret: daemon.secret, grant_type: "client_credentials", scope: "api://nothing.example/.default" });
    expectRefusal(app, 500011, "invalid_resource");
    assert.ok(app.body.error_description.includes(message), app.body.error_description);
    // At a shared endpoint the tenant is that of the person who signs in.
    for (const tenant of [undefined, "organizations"]) {
      const site = { client_id: authority.app["Orders site"].clientId, scope: "openid api://nothing.example/read" };
      const response = await new RawClient(authority, { tenant }).authorize(site);
      assert.equal(response.error, "invalid_resource");
      assert.ok(response.error_description.includes(message), response.error_description);
    }
  });

  describe("v2.0's `resource` (RFC 8707)", () => {
    const site = () => authority.app["Orders site"];
    const authorize = (more) => raw.authorize({ client_id: site().clientId, ...more });
    const redeem = async (more) => {
      const { code } = await authorize({ scope: `${READ} offline_access` });
      return raw.token({ client_id: site().clientId, client_secret: site().secret, grant_type: "authorization_code", code, redirect_uri: "http://localhost:1/callback", ...more });
    };

    test("equal to an Application ID URI of the API that the scopes are of: a token for that API", async () => {
      const { code, error_description } = await authorize({ scope: READ, resource: ORDERS });
      assert.ok(code, error_description);
      const { body } = await redeem({ scope: READ, resource: ORDERS });
      await verify(body.access_token, { audience: authority.app["Orders API"].clientId });
      const again = await raw.token({ client_id: site().clientId, client_secret: site().secret, grant_type: "refresh_token", refresh_token: body.refresh_token, scope: READ, resource: ORDERS });
      assert.equal(again.status, 200, again.body.error_description);
      const daemon = authority.app["Daemon with a secret"];
      const app = await raw.token({ client_id: daemon.clientId, client_secret: daemon.secret, grant_type: "client_credentials", scope: `${ORDERS}/.default`, resource: ORDERS });
      assert.equal(app.status, 200, app.body.error_description);
    });

    for (const [why, resource, scope] of [
      ["a slash at the end", `${ORDERS}/`, READ],
      ["another letter case", ORDERS.toUpperCase(), READ],
      ["the client id in place of the URI", "22222222-aaaa-4bbb-8ccc-000000000001", READ],
      ["another API", "api://shop.contoso.example", READ],
      ["an API whose tokens are v1.0", "https://ledger.contoso.example", "https://ledger.contoso.example/user_impersonation"],
      ["a scope without its API belongs to Graph", ORDERS, "User.Read"],
    ]) {
      test(`9010010: ${why}`, async () => {
        const front = await authorize({ scope, resource });
        assert.equal(front.error, "invalid_target");
        assert.match(front.error_description, /^AADSTS9010010: /);
        if (scope === READ) expectRefusal(await redeem({ scope, resource }), 9010010, "invalid_target");
      });
    }

    test("an API with v1.0 tokens takes part with the optional claim `aud`: its client id is the audience", async (t) => {
      const ledger = authority.app["Ledger API"];
      const path = `/directory/registrations/${ledger.clientId}`;
      await authority.control.patch(path, { optionalClaims: ["aud"] });
      t.after(() => authority.control.patch(path, { optionalClaims: ["idtyp"] }));
      const resource = "https://ledger.contoso.example";
      const { code } = await authorize({ scope: `${resource}/user_impersonation`, resource });
      const { body } = await raw.token({ client_id: site().clientId, client_secret: site().secret, grant_type: "authorization_code", code, redirect_uri: "http://localhost:1/callback", resource });
      await verify(body.access_token, { audience: ledger.clientId });
    });
  });

  describe("domain_hint", () => {
    const ask = (more, tenant = "common") => {
      const client = new RawClient(authority, { tenant });
      return client.authorize({ client_id: authority.app["Everywhere page"].clientId, redirect_uri: "http://localhost:1/callback", scope: "openid profile", login_hint: "", response_type: "code", ...more });
    };
    const userOf = async (more) => {
      const { code, error_description } = await ask(more);
      assert.ok(code, error_description);
      const { body } = await post(`${authority.https}/common/oauth2/v2.0/token`, { client_id: authority.app["Everywhere page"].clientId, grant_type: "authorization_code", code, redirect_uri: "http://localhost:1/callback", code_verifier: "v".repeat(43) }, { origin: "http://localhost:1" });
      return (await verify(body.id_token, { requiredClaims: ["sub"] })).claims.preferred_username;
    };
    const pkce = { code_challenge: "v".repeat(43), code_challenge_method: "plain" };

    test("organizations, consumers and a domain choose among the accounts; an unknown one says nothing", async () => {
      assert.equal(await userOf({ ...pkce, domain_hint: "organizations" }), ALICE);
      assert.equal(await userOf({ ...pkce, domain_hint: "consumers" }), "carol@live.com");
      assert.match(await userOf({ ...pkce, domain_hint: "fabrikam.onmicrosoft.com" }), /@fabrikam\.onmicrosoft\.com$/);
      assert.equal(await userOf({ ...pkce, domain_hint: "nowhere.example" }), ALICE);
    });

    test("a session of another domain is passed over", async () => {
      const browser = new RawClient(authority, { tenant: "organizations" });
      const request = { client_id: authority.app["Orders site"].clientId, scope: "openid" };
      await browser.authorize({ ...request, login_hint: ALICE });
      const silent = await browser.authorize({ ...request, login_hint: "", prompt: "none", domain_hint: "fabrikam.onmicrosoft.com" });
      assert.match(silent.error_description, /AADSTS50058/);
      assert.ok((await browser.authorize({ ...request, login_hint: "", prompt: "none", domain_hint: "contoso.onmicrosoft.com" })).code);
    });
  });
});
