import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ALICE, Browser, post, RawClient, startForTests, verify } from "./fixture.js";
import { acquire, azureIdentityTokens } from "./python/acquire.js";
import { pythonWithPackages } from "./python/environment.js";

describe("Microsoft's Python libraries, unmodified", () => {
  let authority, audience, assertion, python, folder;

  before(async () => {
    [python, authority] = await Promise.all([pythonWithPackages(), startForTests()]);
    audience = authority.app["Orders API"].clientId;
    assertion = await tokenForTheShop(authority);
    folder = await mkdtemp(join(tmpdir(), "entra-local-python-"));
  });
  after(() => Promise.all([authority?.close(), folder && rm(folder, { recursive: true, force: true })]));

  describe("msal", () => {
    let responses;
    before(async () => {
      const certified = authority.app["Daemon with a certificate"];
      responses = await acquire(python, "msal_tokens.py", {
        https: authority.https,
        certificate: authority.certificate,
        tenant: authority.contoso.id,
        secret: authority.app["Daemon with a secret"],
        certified,
        thumbprint: createHash("sha1").update(new X509Certificate(await readFile(certified.certificate)).raw).digest("hex"),
        shop: authority.app["Shop API"],
        assertion,
      });
    });

    /** The library counts an response as cached when it says so, and gives the same token again. */
    async function accepted({ first, second }) {
      assert.equal(first.error, undefined, first.error_description);
      assert.equal(first.token_source, "identity_provider");
      assert.equal(second.token_source, "cache");
      assert.equal(second.access_token, first.access_token);
      return (await verify(first.access_token, { audience })).claims;
    }

    test("client credentials with a secret", async () => {
      assert.equal((await accepted(responses.secret)).azpacr, "1");
    });

    test("client credentials with a certificate: PS256, x5t#S256, x5c", async () => {
      assert.equal((await accepted(responses.certificate)).azpacr, "2");
      assert.deepEqual(await assertionHeader("PS256", "x5t#S256"), ["alg", "typ", "x5c", "x5t#S256"]);
    });

    test("client credentials with a certificate: RS256, x5t", async () => {
      assert.equal((await accepted(responses.certificateSha1)).azpacr, "2");
      assert.deepEqual(await assertionHeader("RS256", "x5t"), ["alg", "typ", "x5t"]);
    });

    test("on-behalf-of", async () => {
      const claims = await accepted(responses.onBehalfOf);
      assert.equal(claims.preferred_username, "alice@contoso.onmicrosoft.com");
      assert.equal(claims.scp, "Orders.Read");
    });

    test("instance discovery at this authority", () => {
      assert.equal(responses.instanceDiscovery, `${authority.https}/${authority.contoso.id}/oauth2/v2.0/token`);
    });

    test("a wrong secret is read with its code", () => {
      assert.equal(responses.wrongSecret.error, "invalid_client");
      assert.deepEqual(responses.wrongSecret.error_codes, [7000215]);
    });

    async function assertionHeader(alg, thumbprint) {
      const requests = await authority.control.get("/requests?path=/token");
      const request = requests.find(({ form }) => form.client_assertion?.header.alg === alg && thumbprint in form.client_assertion.header);
      return Object.keys(request.form.client_assertion.header).sort();
    }
  });

  describe("azure-identity", () => {
    let tokens;
    before(async () => {
      tokens = await azureIdentityTokens(python, authority, { assertion, folder });
    });

    async function accepted(result) {
      assert.equal(result.error, undefined, result.error);
      const [first, second] = result;
      assert.equal(second, first, "the second is from the cache");
      return (await verify(first, { audience })).claims;
    }

    test("a secret", async () => {
      const claims = await accepted(tokens.secret);
      assert.deepEqual([claims.azpacr, claims.roles], ["1", ["Orders.Read.All"]]);
    });

    for (const name of ["certificate", "certificateChain"]) {
      test(`a certificate${name === "certificate" ? "" : ", with its chain in x5c"}`, async () => assert.equal((await accepted(tokens[name])).azpacr, "2"));
    }

    for (const [name, method] of [["onBehalfOf", "1"], ["onBehalfOfCertificate", "2"]]) {
      test(`on behalf of a user, with ${method === "1" ? "a secret" : "a certificate"}`, async () => {
        const claims = await accepted(tokens[name]);
        assert.deepEqual([claims.preferred_username, claims.scp, claims.azp, claims.azpacr], [ALICE, "Orders.Read", authority.app["Shop API"].clientId, method]);
      });
    }

    test("a workload's token in a file (RFC 7523 section 2.2)", async () => {
      assert.equal((await accepted(tokens.workload)).azp, authority.app["Daemon with a federated credential"].clientId);
    });

    test("managed identity: App Service and IMDS, system-assigned and by client id", async () => {
      for (const [name, identity] of [["appService", "Orders function"], ["imds", "Orders function"], ["appServiceWorker", "Orders worker"]]) {
        assert.equal((await accepted(tokens[name])).azp, authority.app[identity].clientId, name);
      }
      assert.match(tokens.imdsUnknown.error, /Identity not found|identity/i);
    });

    test("7000215: a wrong secret is told with its code", () => assert.match(tokens.wrongSecret.error, /AADSTS7000215/));
  });

  describe("adal, for v1.0", () => {
    const REDIRECT = "http://localhost:1/callback";
    const [LEDGER, GRAPH] = ["https://ledger.contoso.example", "https://graph.microsoft.com"];
    let responses;
    before(async () => {
      const certified = authority.app["Daemon with a certificate"];
      const { code } = await new RawClient(authority, { version: 1 }).authorize({ client_id: authority.app["Orders site"].clientId, resource: LEDGER });
      responses = await acquire(python, "adal_tokens.py", {
        https: authority.https,
        certificate: authority.certificate,
        control: authority.control.origin,
        tenant: authority.contoso.id,
        secret: authority.app["Daemon with a secret"],
        certified,
        thumbprint: createHash("sha1").update(new X509Certificate(await readFile(certified.certificate)).raw).digest("hex"),
        desktop: authority.app["Orders desktop"],
        site: authority.app["Orders site"],
        code,
        redirectUri: REDIRECT,
      });
    });

    async function accepted(response, resource) {
      assert.equal(response.error, undefined, response.error);
      assert.equal(response.resource, resource);
      return (await verify(response.accessToken, { audience: resource })).claims;
    }

    test("client credentials with a secret, and with a certificate (RS256, x5t)", async () => {
      assert.deepEqual((await accepted(responses.secret, LEDGER)).roles, ["Ledger.Read.All"]);
      assert.equal((await accepted(responses.certificate, GRAPH)).appidacr, "2");
    });

    test("authorization code; its refresh token for another resource", async () => {
      assert.equal((await accepted(responses.authorizationCode, LEDGER)).scp, "user_impersonation");
      assert.equal(responses.authorizationCode.userId, ALICE, "from the ID token");
      await accepted(responses.authorizationCode.other, GRAPH);
    });

    test("device code: an ID token, from which the library knows the user", async () => {
      await accepted(responses.deviceCode, GRAPH);
      assert.deepEqual([responses.deviceCode.userId, responses.deviceCode.tenantId], [ALICE, authority.contoso.id]);
    });

    test("a user name and password, after it has asked for the user's realm", async () => {
      assert.equal((await accepted(responses.password, GRAPH)).upn, ALICE);
      const asked = (await authority.control.get("/requests?path=/common/UserRealm")).at(-1);
      assert.equal(asked.status, 200);
    });

    test("500011: an unknown resource", () => assert.deepEqual(responses.unknownResource.response.error_codes, [500011]));
  });
});

/** An access token for the middle tier, as its caller sends it. */
async function tokenForTheShop(authority) {
  const site = authority.app["Orders site"];
  const redirect_uri = "http://localhost:1/callback";
  const scope = "api://shop.contoso.example/access_as_user";
  const base = `${authority.https}/${authority.contoso.id}/oauth2/v2.0`;
  const query = new URLSearchParams({ client_id: site.clientId, response_type: "code", redirect_uri, scope, login_hint: "alice@contoso.onmicrosoft.com" });
  const { code } = await new Browser().authorize(`${base}/authorize?${query}`);
  const { body } = await post(`${base}/token`, { client_id: site.clientId, client_secret: site.secret, grant_type: "authorization_code", code, redirect_uri, scope });
  return body.access_token;
}
