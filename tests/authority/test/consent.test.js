import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { RawClient, startForTests, verify } from "./fixture.js";

const SHOP = "api://shop.contoso.example";
const ORDERS = "api://orders.contoso.example";

describe("consent between applications", () => {
  let authority, raw;
  beforeEach(async () => {
    authority = await startForTests({ https: false });
    raw = new RawClient(authority);
    await authority.control.put("/directory/consents", []);
  });
  afterEach(() => authority.close());

  const onBehalfOf = (assertion) => {
    const shop = authority.app["Shop API"];
    return raw.token({ client_id: shop.clientId, client_secret: shop.secret, grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", requested_token_use: "on_behalf_of", assertion, scope: `${ORDERS}/Orders.Read` });
  };

  test("a middle tier without consent for the downstream API is refused: 65001", async () => {
    const { body } = await raw.signIn({ client: authority.app["Orders site"], scope: `${SHOP}/access_as_user` });
    const response = await onBehalfOf(body.access_token);
    assert.deepEqual([response.body.error_codes, response.body.error, response.body.suberror], [[65001], "invalid_grant", "consent_required"]);
  });

  test("knownClientApplications: `.default` of the middle tier brings its downstream permissions along", async () => {
    const { body } = await raw.signIn({ client: authority.app["Orders desktop"], scope: `${SHOP}/.default` });
    const response = await onBehalfOf(body.access_token);
    assert.equal(response.status, 200, response.body.error_description);
    assert.equal((await verify(response.body.access_token)).claims.scp, "Orders.Read");
  });

  test("preAuthorizedApplications: no consent is asked for; of another client it is", async () => {
    const scope = `${SHOP}/access_as_user`;
    await raw.authorize({ client_id: authority.app["Orders desktop"].clientId, scope: "openid" });
    const desktop = await raw.authorize({ client_id: authority.app["Orders desktop"].clientId, scope, prompt: "none" });
    assert.ok(desktop.code, desktop.error_description);
    const site = await raw.authorize({ client_id: authority.app["Orders site"].clientId, scope, prompt: "none" });
    assert.equal(site.error, "consent_required");
  });

  test("the first sign-in asks for openid profile offline_access and brings User.Read (Overview of permissions and consent)", async () => {
    const ask = { client_id: authority.app["Orders site"].clientId, scope: "openid profile offline_access" };
    // Signed in by another application, so that consent is all that is missing.
    await raw.authorize({ client_id: authority.app["Orders desktop"].clientId, scope: "openid" });
    assert.equal((await raw.authorize({ ...ask, prompt: "none" })).error, "consent_required");
    assert.ok((await raw.authorize(ask)).code);
    assert.ok((await raw.authorize({ ...ask, prompt: "none" })).code);
    const { consents } = await authority.control.get("/directory");
    const given = consents.filter(({ client }) => client === "Orders site");
    assert.deepEqual(given.map(({ resource, scopes }) => [resource, scopes.toSorted()]), [["Microsoft Graph", ["User.Read", "offline_access", "openid", "profile"]]]);
    // `email` was not asked for then.
    assert.equal((await raw.authorize({ ...ask, scope: "openid email https://graph.microsoft.com/Mail.Read", prompt: "none" })).error, "consent_required");
  });

  test("one user's consent is not another's", async () => {
    const ask = { client_id: authority.app["Orders site"].clientId, scope: `${ORDERS}/Orders.Write` };
    await raw.authorize({ ...ask, login_hint: "alice@contoso.onmicrosoft.com" });
    assert.ok((await raw.authorize({ ...ask, prompt: "none", login_hint: "alice@contoso.onmicrosoft.com" })).code);
    await raw.authorize({ ...ask, scope: "openid", login_hint: "bob@contoso.onmicrosoft.com" });
    assert.equal((await raw.authorize({ ...ask, prompt: "none", login_hint: "bob@contoso.onmicrosoft.com" })).error, "consent_required");
  });

  test("a multi-tenant client is installed in a tenant by the first consent there", async () => {
    const desktop = authority.app["Orders desktop"];
    const fabrikam = new RawClient(authority, { tenant: authority.fabrikam.id });
    const form = { client_id: desktop.clientId, grant_type: "refresh_token", scope: "User.Read" };
    const home = await raw.signIn({ client: desktop, scope: "User.Read offline_access", user: "erin@fabrikam.onmicrosoft.com" });
    const before = await fabrikam.token({ ...form, refresh_token: home.body.refresh_token });
    assert.deepEqual(before.body.error_codes, [65001]);
    await fabrikam.authorize({ client_id: desktop.clientId, scope: "User.Read", login_hint: "erin@fabrikam.onmicrosoft.com" });
    const after = await fabrikam.token({ ...form, refresh_token: home.body.refresh_token });
    assert.equal((await verify(after.body.access_token)).claims.tid, authority.fabrikam.id);
  });
});
