import { ManagedIdentityApplication } from "@azure/msal-node";
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startForTests, verify } from "./fixture.js";

const ORDERS = "api://orders.contoso.example";

describe("managed identity", () => {
  let authority;
  before(async () => {
    authority = await startForTests();
  });
  after(() => authority.close());

  const appService = (query, headers) => {
    const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = authority.managedIdentity.appService;
    return fetch(`${IDENTITY_ENDPOINT}?${new URLSearchParams({ "api-version": "2019-08-01", resource: ORDERS, ...query })}`, { headers: headers ?? { "X-IDENTITY-HEADER": IDENTITY_HEADER } });
  };
  const imds = (query, headers = { Metadata: "true" }) =>
    fetch(`${authority.managedIdentity.imds.AZURE_POD_IDENTITY_AUTHORITY_HOST}/metadata/identity/oauth2/token?${new URLSearchParams({ "api-version": "2018-02-01", resource: ORDERS, ...query })}`, { headers });

  test("App Service: the documented response, with the system-assigned identity's token", async () => {
    const response = await appService();
    const body = await response.json();
    assert.deepEqual(Object.keys(body), ["access_token", "expires_on", "resource", "token_type", "client_id"]);
    assert.match(body.expires_on, /^\d+$/);
    assert.equal(body.client_id, authority.app["Orders function"].clientId);
    const { claims } = await verify(body.access_token, { audience: authority.app["Orders API"].clientId });
    assert.deepEqual([claims.roles, claims.idtyp, claims.azp, claims.azpacr, claims.oid], [["Orders.Read.All"], "app", body.client_id, "2", claims.sub]);
    assert.match(claims.xms_mirid, /Microsoft\.Web\/sites\/orders-function$/);
    assert.equal(String(claims.exp), body.expires_on);
    assert.equal(claims.exp - claims.iat, 24 * 3600);
  });

  test("IMDS: the documented response, all numbers strings", async () => {
    const body = await (await imds()).json();
    for (const name of ["expires_in", "expires_on", "not_before"]) assert.match(body[name], /^\d+$/, name);
    assert.equal(body.resource, ORDERS);
    assert.equal((await verify(body.access_token)).claims.azp, authority.app["Orders function"].clientId);
  });

  test("a user-assigned identity by client id, object id and resource id, in the spelling of each shape", async () => {
    const worker = authority.app["Orders worker"];
    const first = await (await imds({ client_id: worker.clientId })).json();
    const { claims } = await verify(first.access_token);
    assert.deepEqual(claims.roles, ["Orders.Write.All"]);
    for (const request of [imds({ object_id: claims.oid }), imds({ msi_res_id: claims.xms_mirid }), appService({ client_id: worker.clientId }), appService({ object_id: claims.oid }), appService({ mi_res_id: claims.xms_mirid.toLowerCase() })]) {
      assert.equal((await (await request).json()).client_id, worker.clientId);
    }
  });

  test("IMDS without its header, which is how libraries look whether it is there, and other mistakes: 400", async () => {
    for (const [request, error, description] of [
      [imds({}, {}), "invalid_request", /^Required metadata header not specified$/],
      [imds({}, { Metadata: "true", "X-Forwarded-For": "10.0.0.1" }), "invalid_request", /X-Forwarded-For/],
      [imds({ "api-version": "1" }), "invalid_request", /api-version/],
      [imds({ resource: "" }), "invalid_request", /'resource'/],
      [imds({ client_id: "99999999-0000-4000-8000-000000000000" }), "invalid_request", /^Identity not found$/],
      [imds({ resource: "api://nothing.example" }), "invalid_resource", /AADSTS500011/],
    ]) {
      const response = await request;
      const body = await response.json();
      assert.deepEqual([response.status, body.error], [400, error]);
      assert.match(body.error_description, description);
    }
  });

  test("App Service without its header, or with another: 401; other mistakes: 400 with statusCode and message", async () => {
    for (const headers of [{}, { "X-IDENTITY-HEADER": "guess" }]) assert.equal((await appService({}, headers)).status, 401);
    for (const query of [{ "api-version": "2017-09-01" }, { resource: "" }, { client_id: "99999999-0000-4000-8000-000000000000" }, { resource: "api://nothing.example" }]) {
      const response = await appService(query);
      const body = await response.json();
      assert.deepEqual([response.status, body.statusCode], [400, 400]);
      assert.ok(body.message);
    }
  });

  test("a daemon's registration is no managed identity", async () => {
    assert.equal((await imds({ client_id: authority.app["Daemon with a secret"].clientId })).status, 400);
  });

  test("faults and the record cover it, and the record has no secret", async () => {
    await authority.control.delete("/requests");
    await authority.control.post("/faults", { kind: "status", status: 410, path: "/metadata/identity", times: 1 });
    assert.equal((await imds()).status, 410);
    await appService();
    const requests = await authority.control.get("/requests");
    assert.deepEqual(requests.map(({ path, status }) => [path, status]), [["/metadata/identity/oauth2/token", 410], ["/msi/token", 200]]);
    assert.ok(!JSON.stringify(requests).includes(authority.managedIdentity.appService.IDENTITY_HEADER));
  });

  test("msal-node, from the environment of each shape", async (t) => {
    for (const environment of Object.values(authority.managedIdentity)) {
      Object.assign(process.env, environment);
      t.after(() => Object.keys(environment).forEach((name) => delete process.env[name]));
      const system = await new ManagedIdentityApplication().acquireToken({ resource: ORDERS, forceRefresh: true });
      assert.deepEqual((await verify(system.accessToken)).claims.roles, ["Orders.Read.All"]);
      const worker = new ManagedIdentityApplication({ managedIdentityIdParams: { userAssignedClientId: authority.app["Orders worker"].clientId } });
      assert.deepEqual((await verify((await worker.acquireToken({ resource: ORDERS, forceRefresh: true })).accessToken)).claims.roles, ["Orders.Write.All"]);
      for (const name of Object.keys(environment)) delete process.env[name];
    }
  });
});
