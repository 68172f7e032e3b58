import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { ALICE, post, RawClient, startForTests, verify } from "./fixture.js";

const ORDERS = "api://orders.contoso.example";
const LEDGER = "https://ledger.contoso.example";
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe("tokens, keys and discovery", () => {
  let authority;
  before(async () => {
    authority = await startForTests();
  });
  after(() => authority.close());

  const site = () => authority.app["Orders site"];
  const appToken = async ({ version = 2, tenant, scope, resource } = {}) => {
    const client = authority.app["Daemon with a secret"];
    const { body } = await new RawClient(authority, { version, tenant }).token({ client_id: client.clientId, client_secret: client.secret, grant_type: "client_credentials", ...(scope && { scope }), ...(resource && { resource }) });
    return body;
  };

  describe("v1.0", () => {
    test("authorization code with `resource`: the response has numbers as strings", async () => {
      const raw = new RawClient(authority, { version: 1 });
      const { body } = await raw.signIn({ client: site(), resource: LEDGER });
      for (const name of ["expires_in", "ext_expires_in", "expires_on", "not_before"]) assert.match(body[name], /^\d+$/, name);
      assert.equal(body.resource, LEDGER);
      assert.equal(body.scope, "user_impersonation");
      assert.ok(body.refresh_token && body.id_token);
      const { claims, header } = await verify(body.access_token, { audience: LEDGER });
      assert.deepEqual(Object.keys(header).sort(), ["alg", "kid", "typ", "x5t"]);
      assert.equal(Number(body.expires_on), claims.exp);
      assert.equal(claims.iss, `${authority.https}/${authority.contoso.id}/`);
      assert.deepEqual(
        [claims.ver, claims.appid, claims.appidacr, claims.acr, claims.amr, claims.scp, claims.unique_name, claims.upn, claims.given_name, claims.family_name, claims.ipaddr],
        ["1.0", site().clientId, "1", "1", ["pwd"], "user_impersonation", "alice@contoso.onmicrosoft.com", "alice@contoso.onmicrosoft.com", "Alice", "Anders", "127.0.0.1"],
      );
      assert.equal(claims.azp ?? claims.preferred_username, undefined);
      const id = await verify(body.id_token, { audience: site().clientId });
      assert.equal(id.claims.ver, "1.0");
    });

    test("authorize with `scope` and no `resource`, and the device code: an ID token too (OpenID Connect Core section 3.1.3.3)", async () => {
      const raw = new RawClient(authority, { version: 1 });
      const { code } = await raw.authorize({ client_id: site().clientId, scope: "openid" });
      const { body } = await raw.token({ client_id: site().clientId, client_secret: site().secret, grant_type: "authorization_code", code, redirect_uri: "http://localhost:1/callback" });
      assert.equal((await verify(body.id_token, { audience: site().clientId })).claims.ver, "1.0");

      const desktop = authority.app["Orders desktop"];
      const { body: device } = await post(`${raw.oauth2}/devicecode`, { client_id: desktop.clientId, resource: ORDERS });
      await authority.control.post("/device-codes", { userCode: device.user_code, user: ALICE });
      const polled = await raw.token({ client_id: desktop.clientId, grant_type: "device_code", code: device.device_code, resource: ORDERS });
      assert.equal((await verify(polled.body.id_token, { audience: desktop.clientId })).claims.upn, ALICE);
    });

    test("refresh for another resource, client credentials, on-behalf-of, device code", async () => {
      const raw = new RawClient(authority, { version: 1 });
      const { body: first } = await raw.signIn({ client: site(), resource: "api://shop.contoso.example" });
      const refreshed = await raw.token({ client_id: site().clientId, client_secret: site().secret, grant_type: "refresh_token", refresh_token: first.refresh_token, resource: LEDGER });
      assert.equal(refreshed.body.resource, LEDGER);
      const same = await raw.token({ client_id: site().clientId, client_secret: site().secret, grant_type: "refresh_token", refresh_token: first.refresh_token });
      assert.equal(same.body.resource, "api://shop.contoso.example", "nothing named: the same resource again");

      const app = await appToken({ version: 1, resource: LEDGER });
      assert.match(app.expires_in, /^\d+$/);
      assert.equal(app.refresh_token ?? app.id_token, undefined);
      const { claims } = await verify(app.access_token, { audience: LEDGER });
      assert.deepEqual([claims.idtyp, claims.roles, claims.appidacr, claims.oid], ["app", ["Ledger.Read.All"], "1", claims.sub]);

      const shop = authority.app["Shop API"];
      const obo = await raw.token({ client_id: shop.clientId, client_secret: shop.secret, grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", requested_token_use: "on_behalf_of", assertion: first.access_token, resource: LEDGER, scope: "openid" });
      assert.equal(obo.body.scope, "user_impersonation");
      assert.ok(obo.body.id_token);
      assert.equal((await verify(obo.body.access_token, { audience: LEDGER })).claims.appid, shop.clientId);

      const desktop = authority.app["Orders desktop"];
      const { body: device } = await post(`${raw.oauth2}/devicecode`, { client_id: desktop.clientId, resource: ORDERS });
      assert.deepEqual([device.expires_in, device.interval], ["900", "1"]);
      assert.equal(new URL(device.verification_url).origin, authority.https);
      await authority.control.post("/device-codes", { userCode: device.user_code, user: "alice@contoso.onmicrosoft.com" });
      const polled = await raw.token({ client_id: desktop.clientId, grant_type: "device_code", code: device.device_code, resource: ORDERS });
      assert.equal((await verify(polled.body.access_token)).claims.ver, "2.0");
    });

    test("the API decides the version, not the endpoint", async () => {
      assert.equal(decodeJwt((await appToken({ version: 1, resource: ORDERS })).access_token).ver, "2.0");
      assert.equal(decodeJwt((await appToken({ version: 2, scope: `${LEDGER}/.default` })).access_token).ver, "1.0");
    });
  });

  describe("v2.0", () => {
    test("a user's access token and ID token", async () => {
      const { body } = await new RawClient(authority).signIn({ client: site(), scope: `openid profile email offline_access ${ORDERS}/Orders.Read`, nonce: "n-0S6_WzA2Mj" });
      assert.equal(typeof body.expires_in, "number");
      // OpenID's scopes are Graph's: the service does not name them in the response for another API.
      assert.equal(body.scope, `${ORDERS}/Orders.Read`);
      const { claims, header } = await verify(body.access_token, { audience: authority.app["Orders API"].clientId });
      assert.deepEqual(Object.keys(header).sort(), ["alg", "kid", "typ"]);
      assert.deepEqual([claims.ver, claims.azp, claims.azpacr, claims.scp, claims.tid], ["2.0", site().clientId, "1", "Orders.Read", authority.contoso.id]);
      assert.equal(claims.upn ?? claims.appid ?? claims.idtyp ?? claims.xms_cc, undefined);
      assert.ok(claims.exp - claims.iat >= 3600 && claims.exp - claims.iat <= 5400);

      const id = (await verify(body.id_token, { audience: site().clientId })).claims;
      assert.deepEqual([id.nonce, id.email, id.preferred_username, id.oid, id.tid], ["n-0S6_WzA2Mj", "alice@contoso.onmicrosoft.com", "alice@contoso.onmicrosoft.com", claims.oid, claims.tid]);
      assert.notEqual(id.sub, claims.sub, "sub is pairwise");
    });

    test("the response's scope: OpenID's with Graph's token; .default after what it stands for, as recorded responses have it", async () => {
      const scopeOf = async (scope) => (await new RawClient(authority).signIn({ client: site(), scope })).body.scope.split(" ");
      assert.deepEqual(await scopeOf("openid profile offline_access User.Read"), ["openid", "profile", "User.Read"]);
      assert.deepEqual(await scopeOf(`openid ${ORDERS}/.default`), [`${ORDERS}/Orders.Read`, `${ORDERS}/.default`]);
      assert.deepEqual(await scopeOf("https://graph.microsoft.com/.default"), ["https://graph.microsoft.com/User.Read", "https://graph.microsoft.com/.default"]);
    });

    test("an ID token without the profile scope says who at this app and which tenant, no more", async () => {
      const { body } = await new RawClient(authority).signIn({ client: site(), scope: "openid" });
      const { claims } = await verify(body.id_token, { audience: site().clientId, requiredClaims: ["sub", "tid"] });
      assert.ok(claims.sub && claims.tid);
      assert.equal(claims.oid ?? claims.name ?? claims.preferred_username ?? claims.email, undefined);
    });

    test("an API's own access token lifetime", async (t) => {
      const api = `/directory/registrations/${authority.app["Orders API"].clientId}`;
      await authority.control.patch(api, { accessTokenLifetime: 120 });
      t.after(() => authority.control.patch(api, { accessTokenLifetime: null }));
      const body = await appToken({ scope: `${ORDERS}/.default` });
      const { claims } = await verify(body.access_token);
      assert.deepEqual([body.expires_in, claims.exp - claims.iat], [120, 120]);
    });

    test("neither ID token nor refresh token unasked", async () => {
      const { body } = await new RawClient(authority).signIn({ client: site(), scope: `${ORDERS}/Orders.Read` });
      assert.equal(body.id_token ?? body.refresh_token ?? body.client_info, undefined);
    });

    test("the hybrid flow: code and ID token in the fragment, bound by c_hash", async () => {
      const response = await new RawClient(authority).authorize({ client_id: site().clientId, response_type: "code id_token", scope: "openid", nonce: "n" });
      const { claims } = await verify(response.id_token, { audience: site().clientId, requiredClaims: ["sub", "tid", "c_hash"] });
      assert.equal(claims.c_hash, createHash("sha256").update(response.code).digest().subarray(0, 16).toString("base64url"));
    });

    test("form_post", async () => {
      const raw = new RawClient(authority);
      const page = await (await raw.browser.get(raw.authorizeUrl({ client_id: site().clientId, scope: "openid", response_mode: "form_post", state: '"><script>' }))).text();
      assert.match(page, /<form method="post" action="http:\/\/localhost:1\/callback">/);
      assert.match(page, /name="code" value="1\./);
      assert.ok(!page.includes('"><script>'), "the state is escaped");
    });

    test("continuous access evaluation: cp1 gives a long life, refresh_in and xms_cc", async () => {
      const raw = new RawClient(authority);
      const claims = JSON.stringify({ access_token: { xms_cc: { values: ["CP1"] } } });
      const { body } = await raw.signIn({ client: site(), scope: `offline_access ${ORDERS}/Orders.Read`, claims });
      const token = (await verify(body.access_token)).claims;
      assert.deepEqual(token.xms_cc, ["cp1"]);
      assert.ok(body.expires_in >= 20 * 3600 && body.expires_in <= 28 * 3600);
      assert.equal(body.refresh_in, Math.floor(body.expires_in / 2));
      const ledger = await raw.token({ client_id: site().clientId, client_secret: site().secret, grant_type: "refresh_token", refresh_token: body.refresh_token, scope: `${LEDGER}/user_impersonation` });
      assert.equal(decodeJwt(ledger.body.access_token).xms_cc, undefined, "an API that does not take part");
    });

    test("an authentication context: acrs after a second factor", async () => {
      const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: "c1" } } });
      const raw = new RawClient(authority);
      const { body: weak } = await raw.signIn({ client: site(), scope: `offline_access ${ORDERS}/Orders.Read` });
      const refused = await raw.token({ client_id: site().clientId, client_secret: site().secret, grant_type: "refresh_token", refresh_token: weak.refresh_token, scope: `${ORDERS}/Orders.Read`, claims });
      assert.deepEqual(refused.body.error_codes, [50076]);
      assert.deepEqual(JSON.parse(refused.body.claims), JSON.parse(claims));
      const { code } = await raw.authorize({ client_id: site().clientId, scope: `${ORDERS}/Orders.Read`, claims });
      const strong = await raw.token({ client_id: site().clientId, client_secret: site().secret, grant_type: "authorization_code", code, redirect_uri: "http://localhost:1/callback", claims });
      assert.deepEqual((await verify(strong.body.access_token)).claims.acrs, ["c1"]);
    });
  });

  describe("people and groups", () => {
    const tokenOf = async (user, more = {}) => (await new RawClient(authority, more).signIn({ client: site(), scope: `${ORDERS}/Orders.Read`, user })).body;

    test("groups in the token, or a pointer to them when there are more than 200", async () => {
      const few = (await verify((await tokenOf("bob@contoso.onmicrosoft.com")).access_token)).claims;
      assert.equal(few.groups.length, 2);
      assert.match(few.groups[0], GUID);
      const many = (await verify((await tokenOf("grace@contoso.onmicrosoft.com")).access_token)).claims;
      assert.equal(many.groups, undefined);
      assert.deepEqual(many._claim_names, { groups: "src1" });

      const { body } = await new RawClient(authority).signIn({ client: site(), scope: "User.Read", user: "grace@contoso.onmicrosoft.com" });
      const response = await fetch(many._claim_sources.src1.endpoint, { method: "POST", headers: { authorization: `Bearer ${body.access_token}` } });
      assert.equal((await response.json()).value.length, 211);
    });

    test("an administrator's directory role, for an API that asks for all memberships", async () => {
      const role = async (resource, user) => decodeJwt((await new RawClient(authority, { version: 1 }).signIn({ client: site(), resource, user })).body.access_token).wids;
      assert.deepEqual(await role(LEDGER, "admin@contoso.onmicrosoft.com"), ["62e90394-69f5-4237-9190-012177145e10"]);
      assert.equal(await role(ORDERS, "admin@contoso.onmicrosoft.com"), undefined);
      assert.equal(await role(LEDGER, "alice@contoso.onmicrosoft.com"), undefined);
    });

    test("a guest: the resource tenant's object id, the home tenant's idp, no upn", async () => {
      const { body } = await new RawClient(authority, { version: 1 }).signIn({ client: site(), resource: LEDGER, user: "erin@fabrikam.onmicrosoft.com" });
      const { claims } = await verify(body.access_token);
      assert.equal(claims.tid, authority.contoso.id);
      assert.equal(claims.idp, `${authority.https}/${authority.fabrikam.id}/`);
      assert.equal(claims.upn, undefined);
      assert.equal(claims.email, "erin@fabrikam.onmicrosoft.com");
    });

    test("the home tenant's idp has the v1.0 form in v2.0 tokens too, as recorded tokens of the service have it", async () => {
      const { body } = await new RawClient(authority).signIn({ client: site(), scope: `openid profile ${ORDERS}/Orders.Read`, user: "erin@fabrikam.onmicrosoft.com" });
      for (const token of [body.access_token, body.id_token]) {
        const { claims } = await verify(token);
        assert.deepEqual([claims.ver, claims.idp], ["2.0", `${authority.https}/${authority.fabrikam.id}/`]);
      }
    });

    test("idtyp: tokens for Graph always have it, an API's own app tokens only if it asks (Optional claims reference)", async () => {
      const app = async (scope) => decodeJwt((await appToken({ scope })).access_token).idtyp;
      assert.equal(await app("https://graph.microsoft.com/.default"), "app");
      assert.equal(await app(`${ORDERS}/.default`), "app");
      assert.equal(await app("api://shop.contoso.example/.default"), undefined);
      const user = async (scope) => decodeJwt((await new RawClient(authority).signIn({ client: site(), scope })).body.access_token).idtyp;
      assert.equal(await user("User.Read"), "user");
      assert.equal(await user(`${ORDERS}/Orders.Read`), undefined);
    });

    test("client_info names the user at home", async () => {
      const raw = new RawClient(authority);
      const { code } = await raw.authorize({ client_id: site().clientId, scope: `${ORDERS}/Orders.Read`, login_hint: "erin@fabrikam.onmicrosoft.com" });
      const { body } = await raw.token({ client_id: site().clientId, client_secret: site().secret, grant_type: "authorization_code", code, redirect_uri: "http://localhost:1/callback", client_info: "1" });
      assert.deepEqual(JSON.parse(Buffer.from(body.client_info, "base64url")), { uid: "fab51c00-0001-4b22-9b02-6a3e4d5c6b01", utid: authority.fabrikam.id });
    });

    test("UserInfo's sub is that of the ID token, in both versions (OpenID Connect Core section 5.3.2)", async () => {
      for (const [version, more] of [[2, { scope: "openid profile email" }], [1, { resource: "https://graph.microsoft.com" }]]) {
        const raw = new RawClient(authority, { version });
        const { body } = await raw.signIn({ client: site(), ...more });
        const { claims } = await verify(body.id_token, { requiredClaims: ["sub"] });
        const metadata = await (await fetch(`${claims.iss.replace(/\/$/, "")}/.well-known/openid-configuration`)).json();
        for (const method of ["GET", "POST"]) {
          const response = await fetch(metadata.userinfo_endpoint, { method, headers: { authorization: `Bearer ${body.access_token}` } });
          assert.equal((await response.json()).sub, claims.sub, `v${version}.0 ${method}`);
        }
      }
    });

    test("UserInfo of v1.0 has the person as v1.0's ID token has it", async () => {
      const { body } = await new RawClient(authority, { version: 1 }).signIn({ client: site(), resource: "https://graph.microsoft.com" });
      const info = await (await fetch(`${authority.https}/common/openid/userinfo`, { headers: { authorization: `Bearer ${body.access_token}` } })).json();
      const { claims } = await verify(body.id_token);
      assert.deepEqual(Object.keys(info).sort(), ["family_name", "given_name", "name", "oid", "sub", "tid", "unique_name", "upn"]);
      for (const [name, value] of Object.entries(info)) assert.equal(value, claims[name], name);
    });

    test("UserInfo names the person with profile and the address with email only (OpenID Connect Core section 5.4)", async () => {
      const { body } = await new RawClient(authority).signIn({ client: site(), scope: "openid", user: "bob@contoso.onmicrosoft.com" });
      const response = await (await fetch(`${authority.https}/oidc/userinfo`, { headers: { authorization: `Bearer ${body.access_token}` } })).json();
      // All that is consented to is in the token, as at Entra.
      assert.deepEqual(Object.keys(response).sort(), ["email", "family_name", "given_name", "name", "picture", "sub"]);
    });

    test("Graph responds to /me and UserInfo; not without a token, not to another API's", async () => {
      const { body } = await new RawClient(authority).signIn({ client: site(), scope: "openid User.Read" });
      const get = (path, token) => fetch(`${authority.https}${path}`, { headers: token ? { authorization: `Bearer ${token}` } : {} });
      const me = await (await get("/v1.0/me", body.access_token)).json();
      assert.equal(me.userPrincipalName, "alice@contoso.onmicrosoft.com");
      assert.equal((await (await get("/oidc/userinfo", body.access_token)).json()).name, "Alice Anders");
      const bare = await get("/v1.0/me");
      assert.equal(bare.status, 401);
      assert.ok(!bare.headers.get("www-authenticate").includes("error="), "no error code when no token was sent (RFC 6750 section 3.1)");
      assert.equal((await get("/v1.0/me", (await tokenOf("alice@contoso.onmicrosoft.com")).access_token)).status, 401);
    });
  });

  describe("discovery and keys", () => {
    const get = async (path) => (await fetch(`${authority.https}${path}`)).json();

    test("common and organizations have a template for an issuer; a domain becomes the tenant's id", async () => {
      for (const name of ["common", "organizations"]) assert.equal((await get(`/${name}/v2.0/.well-known/openid-configuration`)).issuer, `${authority.https}/{tenantid}/v2.0`);
      const consumers = await get("/consumers/v2.0/.well-known/openid-configuration");
      assert.equal(consumers.issuer, `${authority.https}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0`);
      const domain = await get("/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration");
      assert.deepEqual(domain, await get(`/${authority.contoso.id}/v2.0/.well-known/openid-configuration`));
      assert.equal(domain.token_endpoint, `${authority.https}/${authority.contoso.id}/oauth2/v2.0/token`);
      const v1 = await get("/contoso.onmicrosoft.com/.well-known/openid-configuration");
      assert.equal(v1.issuer, `${authority.https}/${authority.contoso.id}/`);
      assert.equal(v1.token_endpoint, `${authority.https}/${authority.contoso.id}/oauth2/token`);
    });

    test("keys carry no alg; at v2.0 the issuer, a template or the one of personal accounts; at v1.0 none", async () => {
      const { keys } = await get("/common/discovery/v2.0/keys");
      assert.deepEqual(keys.map((k) => k.issuer), [`${authority.https}/{tenantid}/v2.0`, `${authority.https}/{tenantid}/v2.0`, `${authority.https}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0`]);
      for (const key of keys) {
        assert.equal(key.alg, undefined);
        assert.equal(key.kid, createHash("sha1").update(Buffer.from(key.x5c[0], "base64")).digest("base64url"), "kid is the certificate's thumbprint");
      }
      const v1 = await get("/common/discovery/keys");
      assert.deepEqual(v1.keys.map((k) => k.issuer), [undefined, undefined, undefined]);
      assert.equal((await get("/consumers/discovery/v2.0/keys")).keys.length, 1);
    });

    test("a personal account's token is signed by the key that only its tenant has", async () => {
      const desktop = authority.app["Orders desktop"];
      const { body } = await new RawClient(authority, { tenant: "consumers" }).signIn({ client: desktop, scope: "openid User.Read", user: "carol@live.com" });
      const [key] = (await get("/consumers/discovery/v2.0/keys")).keys;
      assert.equal(decodeProtectedHeader(body.id_token).kid, key.kid);
      await verify(body.id_token, { audience: desktop.clientId, requiredClaims: ["sub", "tid"] });
    });

    test("an app with its own signing keys: only the keys by `appid` verify its tokens", async () => {
      const api = authority.app["Payroll API"];
      const { kid } = await authority.control.post("/keys/custom", { clientId: api.clientId });
      await authority.control.patch(`/directory/registrations/${api.clientId}`, { appRoleAssignmentRequired: false });
      const { access_token } = await appToken({ scope: `${api.appIdUri}/.default` });
      assert.equal(decodeProtectedHeader(access_token).kid, kid);
      const base = `/${authority.contoso.id}/v2.0/.well-known/openid-configuration`;
      const verifyBy = async (document) => jwtVerify(access_token, createRemoteJWKSet(new URL(document.jwks_uri)), { issuer: document.issuer });
      await assert.rejects(verifyBy(await get(base)), { code: "ERR_JWKS_NO_MATCHING_KEY" });
      await verifyBy(await get(`${base}?appid=${api.clientId}`));
    });

    test("an app with its own signing keys is no middle tier", async (t) => {
      const other = await startForTests({ https: false });
      t.after(() => other.close());
      const shop = other.app["Shop API"];
      await other.control.post("/keys/custom", { clientId: shop.clientId });
      const raw = new RawClient(other);
      const { body } = await raw.signIn({ client: other.app["Orders site"], scope: "api://shop.contoso.example/access_as_user" });
      const response = await raw.token({ client_id: shop.clientId, client_secret: shop.secret, grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", requested_token_use: "on_behalf_of", assertion: body.access_token, scope: `${ORDERS}/Orders.Read` });
      assert.deepEqual(response.body.error_codes, [50013]);
    });

    test("plain HTTP has its own issuer", async () => {
      const document = await (await fetch(`${authority.http}/common/v2.0/.well-known/openid-configuration`)).json();
      assert.equal(document.issuer, `${authority.http}/{tenantid}/v2.0`);
    });

    test("instance discovery knows its own hosts only", async () => {
      const ask = (url) => fetch(`${authority.https}/common/discovery/instance?api-version=1.1&authorization_endpoint=${encodeURIComponent(url)}`);
      const own = await (await ask(`${authority.https}/common/oauth2/v2.0/authorize`)).json();
      assert.ok(own.metadata[0].aliases.includes(new URL(authority.https).host));
      const other = await ask("https://login.example/common/oauth2/v2.0/authorize");
      assert.equal(other.status, 400);
      const { error, error_codes } = await other.json();
      assert.deepEqual([error, error_codes], ["invalid_instance", [50049]]);
    });
  });
});
