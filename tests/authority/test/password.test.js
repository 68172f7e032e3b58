import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ALICE, expectRefusal, RawClient, startForTests, verify } from "./fixture.js";
import { confidential, ORDERS, publicClient } from "./msal-node-clients.js";

const READ = `${ORDERS}/Orders.Read`;

describe("the password grant, for test suites (RFC 6749 section 4.3)", () => {
  let authority;
  before(async () => {
    authority = await startForTests();
  });
  after(() => authority.close());

  const ask = (more, place) =>
    new RawClient(authority, place).token({ client_id: authority.app["Orders desktop"].clientId, grant_type: "password", username: ALICE, password: "alice-password", scope: `openid profile offline_access ${READ}`, ...more });

  test("msal-node: a public client, and a confidential one", async () => {
    for (const client of [publicClient(authority, "Orders desktop"), confidential(authority, "Orders site")]) {
      const result = await client.acquireTokenByUsernamePassword({ scopes: [READ], username: ALICE, password: "alice-password" });
      assert.equal(result.account.username, ALICE);
      assert.equal((await verify(result.accessToken)).claims.scp, "Orders.Read");
    }
  });

  test("v2.0 with the OpenID scopes: access, ID and refresh token", async () => {
    const { body } = await ask();
    assert.ok(body.id_token && body.refresh_token, JSON.stringify(body));
    const again = await new RawClient(authority).token({ client_id: authority.app["Orders desktop"].clientId, grant_type: "refresh_token", refresh_token: body.refresh_token, scope: READ });
    assert.equal(again.status, 200);
  });

  test("v1.0 with a resource", async () => {
    const { body } = await ask({ scope: "openid", resource: "https://ledger.contoso.example" }, { version: 1 });
    // Nobody consented to the ledger for this client.
    assert.deepEqual(body.error_codes, [65001]);
    const graph = await ask({ scope: "openid", resource: "https://graph.microsoft.com" }, { version: 1 });
    assert.equal(graph.body.resource, "https://graph.microsoft.com");
  });

  test("organizations: the tenant is that of the user", async () => {
    const { body } = await ask({}, { tenant: "organizations" });
    assert.equal((await verify(body.access_token)).claims.tid, authority.contoso.id);
  });

  test("50126: a wrong password", async () => expectRefusal(await ask({ password: "wrong" }), 50126, "invalid_grant"));

  test("50034: a user that is not here, and a personal account", async () => {
    expectRefusal(await ask({ username: "nobody@contoso.onmicrosoft.com" }), 50034, "invalid_grant");
    expectRefusal(await ask({ username: "carol@live.com", password: "carol-password" }), 50034, "invalid_grant");
  });

  test("9001023: at common and at consumers", async () => {
    expectRefusal(await ask({}, { tenant: "common" }), 9001023, "invalid_request");
    expectRefusal(await ask({ client_id: authority.app["Everywhere page"].clientId }, { tenant: "consumers" }), 9001023, "invalid_request");
  });

  test("900144: without username, password or scope", async () => {
    for (const parameter of ["username", "password", "scope"]) {
      const response = await ask({ [parameter]: "" });
      expectRefusal(response, 900144, "invalid_request");
      assert.match(response.body.error_description, new RegExp(`'${parameter}'`));
    }
  });

  test("50076: a policy that wants a second factor, which this grant cannot ask for", async (t) => {
    const tenant = "/directory/tenants/contoso.onmicrosoft.com";
    await authority.control.patch(tenant, { conditionalAccess: [{ id: "0b9d2c4e-0000-4000-8000-00000000000b", applications: ["all"], control: "mfa" }] });
    t.after(() => authority.control.patch(tenant, { conditionalAccess: [] }));
    const response = await ask();
    expectRefusal(response, 50076, "interaction_required");
    assert.ok(response.body.claims);
  });

  test("90072: a user of another organisation", async () => {
    expectRefusal(await ask({ username: "frank@fabrikam.onmicrosoft.com", password: "frank-password" }), 90072, "invalid_grant");
  });
});
