import { InteractionRequiredAuthError, ServerError } from "@azure/msal-node";
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { generateRsaKeys, privateKeyPem, selfSigned, thumbprints } from "../certificates.js";
import { ERROR_CODES } from "../error-codes/error-codes.js";
import { post, startForTests } from "./fixture.js";
import { certificateCredential, codeFor, confidential, LEDGER, ORDERS, publicClient, refreshTokenOf, signIn } from "./msal-node-clients.js";

const READ = [`${ORDERS}/Orders.Read`];
const DEFAULT = { scopes: [`${ORDERS}/.default`] };
const CONTOSO = "contoso.onmicrosoft.com";

/**
 * The AADSTS codes worth typing, each provoked by a request of msal-node and read from its error.
 * Those that only a browser meets (50058, 65004, 700084, 9002326) are in msal-browser.test.js.
 */
describe("refusals, read through msal-node's errors", () => {
  let authority;
  before(async () => {
    authority = await startForTests();
  });
  after(() => authority.close());

  async function refused(code, acquire, { as = ServerError, errorCode, subError } = {}) {
    const error = await acquire().then(
      () => assert.fail(`AADSTS${code} was expected`),
      (e) => e,
    );
    assert.ok(error instanceof as, `${error.name}: ${error.message}`);
    assert.equal(Number(error.errorNo), code, error.errorMessage);
    assert.match(error.errorMessage, new RegExp(`AADSTS${code}: `));
    if (errorCode) assert.equal(error.errorCode, errorCode);
    if (subError) assert.equal(error.subError, subError);
    return error;
  }

  async function withPolicy(t, policy) {
    await authority.control.patch(`/directory/tenants/${CONTOSO}`, { conditionalAccess: [{ id: "0b9d2c4e-0000-4000-8000-00000000000a", applications: ["Ledger API"], ...policy }] });
    t.after(() => authority.control.patch(`/directory/tenants/${CONTOSO}`, { conditionalAccess: [] }));
  }

  async function later(t, seconds) {
    await authority.control.post("/clock", { advance: seconds });
    t.after(() => authority.control.post("/clock", { reset: true }));
  }

  describe("client authentication", () => {
    const wrong = (name, credential) => () => confidential(authority, name, credential).acquireTokenByClientCredential(DEFAULT);

    test("7000215: a wrong secret", () =>
      refused(7000215, wrong("Daemon with a secret", { clientSecret: "not the secret" }), { errorCode: "invalid_client" }));

    test("7000222: a secret that has expired", () =>
      refused(7000222, wrong("Daemon with a secret", { clientSecret: "daemon-secret-of-last-year" }), { errorCode: "invalid_client" }));

    test("700027: a certificate that is not registered", async () => {
      const keys = await generateRsaKeys();
      const { x5tS256 } = thumbprints(await selfSigned({ keys, name: "stranger" }));
      const clientCertificate = { thumbprintSha256: Buffer.from(x5tS256, "base64url").toString("hex"), privateKey: await privateKeyPem(keys) };
      await refused(700027, wrong("Daemon with a certificate", { clientCertificate }), { errorCode: "invalid_client" });
    });

    test("700027: the registered certificate's thumbprint over another key's signature", async () => {
      const { clientCertificate } = await certificateCredential(authority.app["Daemon with a certificate"]);
      const privateKey = await privateKeyPem(await generateRsaKeys());
      await refused(700027, wrong("Daemon with a certificate", { clientCertificate: { ...clientCertificate, privateKey } }));
    });

    test("700027: a certificate past its end", async (t) => {
      await later(t, 400 * 24 * 3600);
      const credential = await certificateCredential(authority.app["Daemon with a certificate"]);
      const error = await refused(700027, wrong("Daemon with a certificate", credential));
      assert.match(error.errorMessage, /expired/);
    });

    test("50027: an assertion that is no JWT", () =>
      refused(50027, wrong("Daemon with a certificate", { clientAssertion: "not.a.jwt" }), { errorCode: "invalid_request" }));
  });

  describe("applications, resources, tenants, redirects", () => {
    test("700016: an unknown client", async () => {
      authority.app.Nobody = { clientId: "99999999-0000-4000-8000-000000000000", secret: "x" };
      await refused(700016, () => confidential(authority, "Nobody").acquireTokenByClientCredential(DEFAULT), { errorCode: "unauthorized_client" });
    });

    test("700016: a single-tenant client in another tenant", () =>
      refused(700016, () => confidential(authority, "Shop API", undefined, authority.fabrikam.id).acquireTokenByClientCredential(DEFAULT)));

    test("500011: an unknown resource, and one that is not in the tenant", async () => {
      const daemon = confidential(authority, "Daemon with a secret");
      await refused(500011, () => daemon.acquireTokenByClientCredential({ scopes: ["api://nothing.example/.default"] }), { errorCode: "invalid_resource" });
      const client = publicClient(authority, "Orders desktop", "organizations");
      const { account } = await signIn(client, { scopes: READ, user: "frank@fabrikam.onmicrosoft.com" });
      await refused(500011, () => client.acquireTokenSilent({ scopes: [`${LEDGER}/user_impersonation`], account }));
    });

    test("50011: another redirect URI at the token endpoint", async () => {
      const client = confidential(authority, "Orders site");
      const request = await codeFor(client, { scopes: READ });
      await refused(50011, () => client.acquireTokenByCode({ ...request, redirectUri: "http://localhost:1/" }));
    });

    test("50194: a single-tenant client at common", () =>
      refused(50194, () => confidential(authority, "Shop API", undefined, "common").acquireTokenByRefreshToken({ refreshToken: "x", scopes: READ })));

    for (const [code, user] of [[90072, "frank@fabrikam.onmicrosoft.com"], [50020, "carol@live.com"]]) {
      test(`${code}: ${user} has no account in the tenant`, async () => {
        const client = publicClient(authority, "Orders desktop", "common");
        const { account } = await signIn(client, { scopes: READ, user });
        await refused(code, () => client.acquireTokenSilent({ scopes: READ, account, authority: `${authority.https}/${authority.contoso.id}`, forceRefresh: true }), { errorCode: "invalid_grant" });
      });
    }
  });

  describe("consent and Conditional Access", () => {
    test("65001: a scope that nobody consented to", async () => {
      const client = publicClient(authority, "Orders desktop");
      const { account } = await signIn(client, { scopes: READ });
      await refused(65001, () => client.acquireTokenSilent({ scopes: [`${ORDERS}/Orders.Write`], account }), { as: InteractionRequiredAuthError, subError: "consent_required" });
    });

    for (const [code, control, user] of [
      [50076, "mfa", "alice@contoso.onmicrosoft.com"],
      [50079, "mfa", "bob@contoso.onmicrosoft.com"],
      [53000, "compliantDevice"],
      [53001, "domainJoinedDevice"],
      [53002, "approvedApplication"],
      [53003, "block"],
      [53004, "registrationBlockedByRisk"],
    ]) {
      test(`${code}: a policy that asks for ${control}`, async (t) => {
        const client = confidential(authority, "Orders site");
        const { account } = await signIn(client, { scopes: READ, user });
        await withPolicy(t, { control });
        const error = await refused(code, () => client.acquireTokenSilent({ scopes: [`${LEDGER}/user_impersonation`], account }), { as: InteractionRequiredAuthError, errorCode: "interaction_required" });
        assert.deepEqual(JSON.parse(error.claims).access_token.polids.values, ["0b9d2c4e-0000-4000-8000-00000000000a"]);
      });
    }

    test("50076 on behalf of a user, whose sign-in with a second factor then serves", async (t) => {
      const site = confidential(authority, "Orders site");
      const shop = confidential(authority, "Shop API");
      const ask = { scopes: ["api://shop.contoso.example/access_as_user"] };
      const { accessToken } = await signIn(site, ask);
      await withPolicy(t, { control: "mfa" });
      const { claims } = await refused(50076, () => shop.acquireTokenOnBehalfOf({ oboAssertion: accessToken, scopes: [`${LEDGER}/user_impersonation`] }), { as: InteractionRequiredAuthError, errorCode: "interaction_required" });
      const stronger = await signIn(site, { ...ask, claims });
      const response = await shop.acquireTokenOnBehalfOf({ oboAssertion: stronger.accessToken, scopes: [`${LEDGER}/user_impersonation`] });
      assert.ok(response.accessToken);
    });
  });

  describe("codes and refresh tokens", () => {
    test("70008: a code after ten minutes", async (t) => {
      const client = confidential(authority, "Orders site");
      const request = await codeFor(client, { scopes: READ });
      await later(t, 601);
      await refused(70008, () => client.acquireTokenByCode(request), { errorCode: "invalid_grant" });
    });

    test("54005: a code a second time", async () => {
      const client = confidential(authority, "Orders site");
      const request = await codeFor(client, { scopes: READ });
      await client.acquireTokenByCode(request);
      await refused(54005, () => client.acquireTokenByCode(request), { errorCode: "invalid_grant" });
    });

    test("501481: another code verifier", async () => {
      const client = confidential(authority, "Orders site");
      const request = await codeFor(client, { scopes: READ });
      await refused(501481, () => client.acquireTokenByCode({ ...request, codeVerifier: "v".repeat(43) }), { errorCode: "invalid_grant" });
    });

    test("9002327: a page's code without an Origin", async () => {
      const client = publicClient(authority, "Orders page");
      const request = await codeFor(client, { scopes: READ });
      await refused(9002327, () => client.acquireTokenByCode(request), { errorCode: "invalid_request" });
    });

    test("50173: after the user's tokens were revoked", async () => {
      const client = publicClient(authority, "Orders desktop");
      const { account } = await signIn(client, { scopes: READ, user: "grace@contoso.onmicrosoft.com" });
      await authority.control.post("/revoke", { user: "grace@contoso.onmicrosoft.com" });
      await refused(50173, () => client.acquireTokenSilent({ scopes: READ, account, forceRefresh: true }), { as: InteractionRequiredAuthError, subError: "bad_token" });
    });

    test("700082: a refresh token not used for 90 days", async (t) => {
      const client = publicClient(authority, "Orders desktop");
      const { account } = await signIn(client, { scopes: READ });
      await later(t, 89 * 24 * 3600);
      assert.ok(await client.acquireTokenSilent({ scopes: READ, account, forceRefresh: true }));
      await later(t, 91 * 24 * 3600);
      await refused(700082, () => client.acquireTokenSilent({ scopes: READ, account, forceRefresh: true }), { as: InteractionRequiredAuthError, subError: "bad_token" });
    });

    test("50196: the same request over and over", async () => {
      const client = publicClient(authority, "Orders desktop");
      await signIn(client, { scopes: READ });
      const request = { refreshToken: refreshTokenOf(client), scopes: READ };
      for (let i = 0; i < 15; i++) await client.acquireTokenByRefreshToken(request);
      await refused(50196, () => client.acquireTokenByRefreshToken(request));
    });
  });

  test("every code of the table is provoked by some test here", async () => {
    const folder = new URL(".", import.meta.url);
    const files = (await readdir(folder)).filter((name) => name.endsWith(".test.js"));
    const text = (await Promise.all(files.map((name) => readFile(new URL(name, folder), "utf8")))).join("\n");
    const untested = Object.keys(ERROR_CODES).filter((code) => !new RegExp(`\\b(AADSTS)?${code}\\b`).test(text));
    assert.deepEqual(untested, []);
  });

  test("the JSON of a refusal is the documented one", async () => {
    const { status, headers, body } = await post(`${authority.https}/${CONTOSO}/oauth2/v2.0/token`, {
      client_id: authority.app["Daemon with a secret"].clientId, client_secret: "wrong", grant_type: "client_credentials", scope: DEFAULT.scopes[0], "client-request-id": "4b1c7b1e-0000-4000-8000-000000000001",
    });
    assert.equal(status, 401);
    assert.equal(headers.get("cache-control"), "no-store, no-cache");
    assert.deepEqual(Object.keys(body), ["error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri"]);
    assert.equal(body.correlation_id, "4b1c7b1e-0000-4000-8000-000000000001");
    assert.match(body.timestamp, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/);
    assert.equal(body.error_description.split("\r\n").length, 4);
    assert.ok(!JSON.stringify(body).includes("wrong"));
  });

  test("50011 at the authorize endpoint is a page; nothing goes to the unregistered URL", async () => {
    const query = new URLSearchParams({ client_id: authority.app["Orders site"].clientId, response_type: "code", redirect_uri: "https://stranger.example/", scope: "openid" });
    const response = await fetch(`${authority.https}/${CONTOSO}/oauth2/v2.0/authorize?${query}`, { redirect: "manual" });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /AADSTS50011/);
  });
});
