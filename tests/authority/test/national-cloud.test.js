import { PublicClientApplication } from "@azure/msal-node";
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { expectRefusal, post, startForTests, verify } from "./fixture.js";
import { signIn } from "./msal-node-clients.js";

describe("a national cloud beside the public one", () => {
  let authority, government;
  before(async () => {
    authority = await startForTests({ directory: fileURLToPath(new URL("../directory/national-cloud.json", import.meta.url)) });
    [government] = authority.nationalClouds;
  });
  after(() => authority.close());

  const discover = async (asked) => {
    const query = new URLSearchParams({ "api-version": "1.1", authorization_endpoint: asked });
    return (await fetch(`${authority.https}/common/discovery/instance?${query}`)).json();
  };

  test("instance discovery lists both, each with its own names, and leads to the one that was asked for", async () => {
    const { metadata, tenant_discovery_endpoint } = await discover(`${government.https}/common/oauth2/v2.0/authorize`);
    assert.equal(tenant_discovery_endpoint, `${government.https}/common/v2.0/.well-known/openid-configuration`);
    const [first, second] = metadata;
    assert.ok(first.aliases.includes(new URL(authority.https).host) && second.aliases.includes(new URL(government.https).host));
    assert.deepEqual(first.aliases.filter((alias) => second.aliases.includes(alias)), []);
    assert.equal(second.preferred_network, new URL(government.https).host);
    assert.equal((await discover("https://login.stranger.example/common/oauth2/v2.0/authorize")).error, "invalid_instance");
  });

  test("its tokens are signed by keys of its own and name it as the issuer", async () => {
    const client = new PublicClientApplication({ auth: { clientId: "99999999-aaaa-4bbb-8ccc-000000000001", authority: `${government.https}/agency.onmicrosoft.us`, knownAuthorities: [new URL(government.https).host] } });
    const result = await signIn(client, { scopes: ["User.Read"], user: "gwen@agency.onmicrosoft.us" });
    const { claims, header } = await verify(result.accessToken);
    assert.ok(claims.iss.startsWith(government.https));
    const { keys } = await (await fetch(`${authority.https}/common/discovery/v2.0/keys`)).json();
    assert.ok(!keys.some(({ kid }) => kid === header.kid));
    // The other cloud's Graph does not take it.
    assert.equal((await fetch(`${authority.https}/v1.0/me`, { headers: { authorization: `Bearer ${result.accessToken}` } })).status, 401);
  });

  test("90002: its tenants are unknown to the other cloud", async () => {
    const response = await post(`${authority.https}/agency.onmicrosoft.us/oauth2/v2.0/token`, { client_id: "99999999-aaaa-4bbb-8ccc-000000000001", grant_type: "password" });
    expectRefusal(response, 90002, "invalid_request");
  });
});
