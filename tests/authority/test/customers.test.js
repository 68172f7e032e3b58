import { PublicClientApplication } from "@azure/msal-node";
import { createRemoteJWKSet, jwtVerify } from "jose";
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { expectRefusal, post, RawClient, startForTests } from "./fixture.js";
import { signIn } from "./msal-node-clients.js";

const NATIVE = "http://localhost:1/native";

/** Tenants for customers: metadata and issuer are at different hosts, policies are in the path, people do not consent. */
describe("tenants for customers", () => {
  let authority;
  before(async () => {
    authority = await startForTests({ directory: fileURLToPath(new URL("../directory/customers.json", import.meta.url)), automatic: { user: "dora@shopper.example" } });
  });
  after(() => authority.close());

  function msal(name, path) {
    const { host } = new URL(authority.https);
    // The library takes an issuer at another host only if that host is known to it.
    const knownAuthorities = [host, host.replace("localhost", "127.0.0.1")];
    return new PublicClientApplication({ auth: { clientId: authority.app[name].clientId, authority: `${authority.https}/${path}`, knownAuthorities } });
  }
  const metadataOf = async (path) => (await fetch(`${authority.https}/${path}/v2.0/.well-known/openid-configuration`)).json();
  const verifyBy = async (metadata, token, audience) => (await jwtVerify(token, createRemoteJWKSet(new URL(metadata.jwks_uri)), { issuer: metadata.issuer, audience, algorithms: ["RS256"] })).payload;

  describe("External ID", () => {
    const TENANT = "7e1d2c3b-4a59-4687-8776-95a4b3c2d1e0";

    test("the issuer is at another host than the metadata, as `{tenant id}.ciamlogin.com` and `{name}.ciamlogin.com`", async () => {
      const metadata = await metadataOf(TENANT);
      assert.equal(metadata.issuer, `${authority.https.replace("localhost", "127.0.0.1")}/${TENANT}/v2.0`);
      assert.notEqual(new URL(metadata.issuer).host, new URL(metadata.token_endpoint).host);
      const { keys } = await (await fetch(metadata.jwks_uri)).json();
      assert.ok(keys.length && keys.every((key) => key.issuer === metadata.issuer));
    });

    test("msal-node signs a customer in, who is asked no consent; its tokens verify by that metadata", async () => {
      const result = await signIn(msal("Web shop", TENANT), { scopes: ["api://basket.shop.example/Basket.Read"], redirectUri: NATIVE, user: "dora@shopper.example" });
      const metadata = await metadataOf(TENANT);
      const claims = await verifyBy(metadata, result.accessToken, authority.app["Basket API"].clientId);
      assert.deepEqual([claims.scp, claims.ver], ["Basket.Read", "2.0"]);
      assert.equal((await verifyBy(metadata, result.idToken, authority.app["Web shop"].clientId)).preferred_username, "dora@shopper.example");
    });

    test("90094: what is more than signing in needs an administrator's consent beforehand", async () => {
      const consents = (await authority.control.get("/directory")).consents;
      await authority.control.put("/directory/consents", []);
      const response = await new RawClient(authority, { tenant: TENANT }).authorize({ client_id: authority.app["Web shop"].clientId, scope: "openid api://basket.shop.example/Basket.Read", redirect_uri: NATIVE, login_hint: "dora@shopper.example" });
      await authority.control.put("/directory/consents", consents);
      assert.match(response.error_description, /^AADSTS90094/);
    });
  });

  describe("B2C", () => {
    const TENANT = "6d0c1b2a-3948-4576-9665-84938271605f";
    const DOMAIN = "oldshop.onmicrosoft.com";
    const POLICY = "B2C_1_signupsignin";
    const READ = "https://oldshop.onmicrosoft.com/basket/Basket.Read";
    const raw = (policy = POLICY) => new RawClient(authority, { tenant: `${DOMAIN}/${policy}` });
    const ask = (more) => ({ client_id: authority.app["Old web shop"].clientId, redirect_uri: NATIVE, scope: `openid offline_access ${READ}`, login_hint: "otto@shopper.example", ...more });
    const form = (more) => ({ client_id: authority.app["Old web shop"].clientId, redirect_uri: NATIVE, ...more });

    test("metadata is of a policy, with its endpoints; the issuer ends in a slash and names the tenant's id", async () => {
      for (const path of [`${DOMAIN}/${POLICY}`, `tfp/${DOMAIN}/${POLICY}`, `${TENANT}/${POLICY.toLowerCase()}`]) {
        const metadata = await metadataOf(path);
        assert.equal(metadata.issuer, `${authority.https}/${TENANT}/v2.0/`);
        assert.equal(metadata.token_endpoint, `${authority.https}/${DOMAIN}/b2c_1_signupsignin/oauth2/v2.0/token`);
        const { keys } = await (await fetch(metadata.jwks_uri)).json();
        assert.ok(keys.length && keys.every((key) => !("issuer" in key)));
      }
    });

    test("the policy as the parameter `p` (OpenID Connect at B2C)", async () => {
      const metadata = await (await fetch(`${authority.https}/${DOMAIN}/v2.0/.well-known/openid-configuration?p=${POLICY}`)).json();
      assert.equal(metadata.issuer, `${authority.https}/${TENANT}/v2.0/`);
    });

    test("without a policy, and with one that is not there, nothing is found", async () => {
      for (const path of [DOMAIN, `${DOMAIN}/B2C_1_other`, `7e1d2c3b-4a59-4687-8776-95a4b3c2d1e0/${POLICY}`]) {
        assert.equal((await fetch(`${authority.https}/${path}/v2.0/.well-known/openid-configuration`)).status, 404, path);
      }
    });

    test("msal-node signs in and refreshes silently; the tokens are B2C's", async () => {
      const client = msal("Old web shop", `${DOMAIN}/${POLICY}`);
      const result = await signIn(client, { scopes: [READ], redirectUri: NATIVE, user: "otto@shopper.example" });
      assert.match(result.account.homeAccountId, /-b2c_1_signupsignin\.6d0c1b2a/);
      const metadata = await metadataOf(`${DOMAIN}/${POLICY}`);
      const claims = await verifyBy(metadata, result.accessToken, authority.app["Old basket API"].clientId);
      assert.deepEqual([claims.tfp, claims.scp, claims.azp, claims.emails, claims.ver, claims.tid], [POLICY, "Basket.Read", authority.app["Old web shop"].clientId, ["otto@shopper.example"], "1.0", undefined]);
      const id = await verifyBy(metadata, result.idToken, authority.app["Old web shop"].clientId);
      assert.equal(id.sub, claims.sub, "the same for every application");
      const silent = await client.acquireTokenSilent({ account: result.account, scopes: [READ], forceRefresh: true });
      assert.notEqual(silent.accessToken, result.accessToken);
    });

    test("the client id as a scope: a token for the application itself", async () => {
      const self = authority.app["Old web shop"].clientId;
      const { code } = await raw().authorize(ask({ scope: `openid ${self}` }));
      const { body } = await raw().token(form({ grant_type: "authorization_code", code, scope: `openid ${self}` }));
      assert.equal(body.scope, self);
      const claims = await verifyBy(await metadataOf(`${DOMAIN}/${POLICY}`), body.access_token, self);
      assert.equal(claims.scp, undefined);
    });

    test("AADB2C90088: a code or refresh token at another policy", async () => {
      const { code } = await raw().authorize(ask());
      const other = await raw("B2C_1_editprofile").token(form({ grant_type: "authorization_code", code }));
      assert.deepEqual([other.status, other.body.error, other.body.error_codes], [400, "invalid_grant", undefined]);
      assert.match(other.body.error_description, /^AADB2C90088: .*Actual Value : B2C_1_signupsignin and Expected Value : B2C_1_editprofile/);
      const { body } = await raw().token(form({ grant_type: "authorization_code", code }));
      const refreshed = await raw("B2C_1_editprofile").token(form({ grant_type: "refresh_token", refresh_token: body.refresh_token, scope: READ }));
      assert.match(refreshed.body.error_description, /^AADB2C90088/);
    });

    test("AADB2C90205: a permission that no administrator consented to; people are not asked", async () => {
      const response = await raw().authorize(ask({ scope: "openid https://oldshop.onmicrosoft.com/basket/Basket.Write" }));
      assert.equal(response.error, "server_error");
      assert.match(response.error_description, /^AADB2C90205/);
    });

    test("another tenant's account is nobody here", async () => {
      const response = await raw().authorize(ask({ login_hint: "dora@shopper.example" }));
      assert.ok(response.error, JSON.stringify(response));
    });
  });

  test("700016: an application of another tenant for customers", async () => {
    const response = await post(`${authority.https}/7e1d2c3b-4a59-4687-8776-95a4b3c2d1e0/oauth2/v2.0/devicecode`, { client_id: authority.app["Old web shop"].clientId, scope: "openid" });
    expectRefusal(response, 700016, "unauthorized_client");
  });
});
