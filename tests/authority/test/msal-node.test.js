import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startForTests, verify } from "./fixture.js";
import { certificateCredential, confidential, LEDGER, ORDERS, publicClient, SHOP, signIn } from "./msal-node-clients.js";

describe("msal-node, unmodified", () => {
  let authority;
  before(async () => {
    authority = await startForTests();
  });
  after(() => authority.close());

  test("client credentials with a secret; the second call comes from its cache", async () => {
    const daemon = authority.app["Daemon with a secret"];
    const client = confidential(authority, daemon.name);
    const first = await client.acquireTokenByClientCredential({ scopes: [`${ORDERS}/.default`] });
    const { claims } = await verify(first.accessToken, { audience: authority.app["Orders API"].clientId });
    assert.equal(claims.ver, "2.0");
    assert.equal(claims.idtyp, "app");
    assert.equal(claims.azp, daemon.clientId);
    assert.equal(claims.azpacr, "1");
    assert.deepEqual(claims.roles, ["Orders.Read.All"]);
    assert.equal(claims.scp, undefined);
    const second = await client.acquireTokenByClientCredential({ scopes: [`${ORDERS}/.default`] });
    assert.equal(second.fromCache, true);
    assert.equal(second.accessToken, first.accessToken);
  });

  test("client credentials with a certificate: PS256 with x5t#S256", async () => {
    const daemon = authority.app["Daemon with a certificate"];
    const client = confidential(authority, daemon.name, await certificateCredential(daemon));
    const response = await client.acquireTokenByClientCredential({ scopes: [`${ORDERS}/.default`] });
    const { claims } = await verify(response.accessToken, { audience: authority.app["Orders API"].clientId });
    assert.equal(claims.azpacr, "2");
    assert.equal((await client.acquireTokenByClientCredential({ scopes: [`${ORDERS}/.default`] })).fromCache, true);
    const [request] = (await authority.control.get("/requests?path=/token")).filter((r) => r.form.client_id === daemon.clientId);
    assert.equal(request.form.client_assertion.header.alg, "PS256");
  });

  test("client credentials with a federated credential, asked for by a function", async () => {
    const daemon = authority.app["Daemon with a federated credential"];
    const clientAssertion = async () => (await authority.control.post("/workload/token", { subject: "repo:contoso/orders:ref:refs/heads/main" })).token;
    const client = confidential(authority, daemon.name, { clientAssertion });
    const response = await client.acquireTokenByClientCredential({ scopes: [`${ORDERS}/.default`] });
    assert.deepEqual((await verify(response.accessToken)).claims.roles, ["Orders.Read.All"]);
  });

  test("a multi-tenant daemon in a tenant where an administrator let it in", async () => {
    const inFabrikam = () => confidential(authority, "Daemon with a secret", undefined, authority.fabrikam.id).acquireTokenByClientCredential({ scopes: [`${ORDERS}/.default`] });
    await assert.rejects(inFabrikam(), /AADSTS700016/);
    await authority.control.patch("/directory/registrations/Daemon with a secret", { installedIn: [authority.fabrikam.id] });
    assert.equal((await verify((await inFabrikam()).accessToken)).claims.tid, authority.fabrikam.id);
  });

  test("authorization code, then the access token and the account from its cache", async () => {
    const site = authority.app["Orders site"];
    const client = confidential(authority, site.name);
    const response = await signIn(client, { scopes: [`${ORDERS}/Orders.Read`] });
    const { claims } = await verify(response.accessToken, { audience: authority.app["Orders API"].clientId });
    assert.equal(claims.scp, "Orders.Read");
    assert.deepEqual(claims.roles, ["Orders.Approver"]);
    await verify(response.idToken, { audience: site.clientId });
    assert.equal(response.account.username, "alice@contoso.onmicrosoft.com");
    assert.equal(response.account.homeAccountId, `c1a5e0de-0001-4a11-8a01-5f2d3c4b5a01.${authority.contoso.id}`);
    const silent = await client.acquireTokenSilent({ scopes: [`${ORDERS}/Orders.Read`], account: response.account });
    assert.equal(silent.fromCache, true);
  });

  test("refresh: the same sign-in gives a token for a second API, in that API's version", async () => {
    const site = authority.app["Orders site"];
    const client = confidential(authority, site.name);
    const { account } = await signIn(client, { scopes: [`${ORDERS}/Orders.Read`] });
    const response = await client.acquireTokenSilent({ scopes: [`${LEDGER}/user_impersonation`], account });
    assert.equal(response.fromCache, false);
    const { claims, header } = await verify(response.accessToken, { audience: LEDGER });
    assert.equal(claims.ver, "1.0");
    assert.equal(claims.iss, `${authority.https}/${authority.contoso.id}/`);
    assert.equal(claims.appid, site.clientId);
    assert.equal(claims.appidacr, "1");
    assert.equal(claims.upn, "alice@contoso.onmicrosoft.com");
    assert.equal(header.x5t, header.kid);
    const forced = await client.acquireTokenSilent({ scopes: [`${LEDGER}/user_impersonation`], account, forceRefresh: true });
    assert.notEqual(forced.accessToken, response.accessToken);
  });

  test("on-behalf-of with a secret, and with a certificate, from its cache the second time", async () => {
    const site = authority.app["Orders site"];
    const shop = authority.app["Shop API"];
    const page = confidential(authority, site.name);
    const { accessToken: oboAssertion } = await signIn(page, { scopes: [`${SHOP}/access_as_user`] });
    for (const credential of [{ clientSecret: shop.secret }, await certificateCredential(shop)]) {
      const client = confidential(authority, shop.name, credential);
      const response = await client.acquireTokenOnBehalfOf({ oboAssertion, scopes: [`${ORDERS}/Orders.Read`] });
      const { claims } = await verify(response.accessToken, { audience: authority.app["Orders API"].clientId });
      assert.equal(claims.azp, shop.clientId);
      assert.equal(claims.preferred_username, "alice@contoso.onmicrosoft.com");
      assert.equal(claims.scp, "Orders.Read");
      assert.equal((await client.acquireTokenOnBehalfOf({ oboAssertion, scopes: [`${ORDERS}/Orders.Read`] })).fromCache, true);
    }
  });

  test("device code: waits while the person signs in elsewhere", async () => {
    const client = publicClient(authority, "Orders desktop");
    const response = await client.acquireTokenByDeviceCode({
      scopes: [`${ORDERS}/Orders.Read`],
      deviceCodeCallback: ({ userCode, message, verificationUri }) => {
        assert.match(message, new RegExp(userCode));
        assert.equal(new URL(verificationUri).origin, authority.https);
        return authority.control.post("/device-codes", { userCode, user: "bob@contoso.onmicrosoft.com" });
      },
    });
    const { claims } = await verify(response.accessToken, { audience: authority.app["Orders API"].clientId });
    assert.equal(claims.preferred_username, "bob@contoso.onmicrosoft.com");
    assert.equal(claims.azpacr, "0");
    assert.equal((await client.acquireTokenSilent({ scopes: [`${ORDERS}/Orders.Read`], account: response.account })).fromCache, true);
  });

  test("a public client: code with PKCE and no secret, refreshed", async () => {
    const client = publicClient(authority, "Orders desktop");
    const { account } = await signIn(client, { scopes: [`${ORDERS}/Orders.Read`], redirectUri: "http://localhost:50123" });
    const response = await client.acquireTokenSilent({ scopes: ["User.Read"], account });
    await verify(response.accessToken, { audience: "https://graph.microsoft.com" });
  });

  test("common: the tenant is that of the user, and one of several tenants serves a guest", async () => {
    const client = publicClient(authority, "Orders desktop", "common");
    const home = await signIn(client, { scopes: [`${ORDERS}/Orders.Read`], user: "erin@fabrikam.onmicrosoft.com" });
    assert.equal(home.tenantId, authority.fabrikam.id);
    const guest = await client.acquireTokenSilent({ scopes: [`${ORDERS}/Orders.Read`], account: home.account, authority: `${authority.https}/${authority.contoso.id}`, forceRefresh: true });
    const { claims } = await verify(guest.accessToken);
    assert.equal(claims.tid, authority.contoso.id);
    // The home tenant in the v1.0 form, as guests' v2.0 tokens of the service have it (`https://sts.windows.net/{id}/`).
    assert.equal(claims.idp, `${authority.https}/${authority.fabrikam.id}/`);
    assert.notEqual(claims.oid, (await verify(home.accessToken)).claims.oid);
  });
});
