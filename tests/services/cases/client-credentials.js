// A service's own tokens: RFC 6749 section 4.4.

import { createConfidentialClient, createVerifier } from "countersign/edge";
import { assert } from "chai";

import { refused } from "../../edge/cases/case.js";
import { claimsOf, recording, test } from "./authority.js";

const ORDERS = "api://orders.contoso.example";
const LEDGER = "https://ledger.contoso.example";

test("RFC 6749 4.4: a daemon with a secret gets a token that the API's verifier accepts", async ({ v2, applications, contoso }) => {
  const { clientId, secret } = applications["Daemon with a secret"];
  const client = createConfidentialClient({ authority: v2, clientId, credential: { secret } });
  const token = await client.clientCredentials({ scope: `${ORDERS}/.default` });
  assert.equal(token.tokenType, "Bearer");
  assert.isAbove(token.expiresAt, Date.now() / 1000 + 60);
  const verifier = createVerifier({ issuer: v2, audience: applications["Orders API"].clientId });
  const verified = await verifier.verify(token.accessToken);
  assert.deepEqual([verified.kind, verified.roles, verified.tenant], ["app", ["Orders.Read.All"], contoso]);
});

test("Entra v1.0, client credentials: the resource is named, and numbers come as strings", async ({ v1, applications }) => {
  const { clientId, secret } = applications["Daemon with a secret"];
  const client = createConfidentialClient({ authority: v1, clientId, credential: { secret } });
  const token = await client.clientCredentials({ resource: LEDGER });
  const { aud, ver, roles } = claimsOf(token.accessToken);
  assert.deepEqual([aud, ver, roles], [LEDGER, "1.0", ["Ledger.Read.All"]]);
  assert.isAbove(token.expiresAt, Date.now() / 1000 + 60);
});

test("Entra, certificate credentials: a PEM certificate and its key", async ({ v2, applications }) => {
  const { clientId, certificate, privateKey } = applications["Daemon with a certificate"];
  const client = createConfidentialClient({ authority: v2, clientId, credential: { certificate, privateKey } });
  const { accessToken } = await client.clientCredentials({ scope: `${ORDERS}/.default` });
  const { azpacr, roles } = claimsOf(accessToken);
  assert.deepEqual([azpacr, roles], ["2", ["Orders.Read.All"]]);
});

test("Entra, workload identity federation: another provider's token is the assertion", async (authority) => {
  const { v2, applications } = authority;
  const { clientId } = applications["Daemon with a federated credential"];
  const assertion = async () => (await authority.tell("POST", "/workload/token", { subject: "repo:contoso/orders:ref:refs/heads/main" })).token;
  const client = createConfidentialClient({ authority: v2, clientId, credential: { assertion } });
  const { accessToken } = await client.clientCredentials({ scope: `${ORDERS}/.default` });
  assert.deepEqual(claimsOf(accessToken).roles, ["Orders.Read.All"]);
});

test("Entra, client credentials: what Entra would refuse is not sent, and the error says what to do", async ({ origin, contoso, applications }) => {
  const { clientId, secret } = applications["Daemon with a secret"];
  for (const [version, options, code, about] of [
    ["/v2.0", { scope: `${ORDERS}/Orders.Read` }, "invalid_option", /scope must be the resource's identifier and \/\.default/],
    ["/v2.0", { scope: `${ORDERS}/.default ${LEDGER}/.default` }, "invalid_option", /one resource/],
    ["/v2.0", { resource: LEDGER }, "invalid_option", /give the scope https:\/\/ledger\.contoso\.example\/\.default/],
    ["", { scope: `${ORDERS}/.default` }, "invalid_option", /give the resource/],
    ["/v2.0", {}, "invalid_option", /scope or resource/],
    ["/v2.0", { scope: `${ORDERS}/.default`, tenant: "common" }, "tenant_required", /tenant/],
    ["/v2.0", { scope: `${ORDERS}/.default`, tenant: "a/../b" }, "invalid_option", /GUID or a domain/],
    ["/v2.0", { scope: `${ORDERS}/.default`, tenants: "x" }, "invalid_option", /tenants is not an option/],
  ]) {
    const { fetch, forms } = recording();
    const client = createConfidentialClient({ authority: `${origin}/${contoso}${version}`, clientId, credential: { secret }, fetch });
    const { message } = await refused(code, () => client.clientCredentials(options));
    assert.match(message, about);
    assert.lengthOf(forms, 0, message);
  }
});

test("Entra, client credentials: a daemon of many tenants names the tenant of each call", async (authority) => {
  const { origin, contoso, fabrikam, applications } = authority;
  const { clientId, secret } = applications["Daemon with a secret"];
  for (const shared of ["common", "organizations"]) {
    const client = createConfidentialClient({ authority: `${origin}/${shared}/v2.0`, clientId, credential: { secret } });
    await refused("tenant_required", () => client.clientCredentials({ scope: `${ORDERS}/.default` }));
    for (const tenant of [contoso, "contoso.onmicrosoft.com"]) {
      const { accessToken } = await client.clientCredentials({ scope: `${ORDERS}/.default`, tenant });
      assert.equal(claimsOf(accessToken).tid, contoso);
    }
    // The application is not installed in the other tenant.
    const error = await refused("client_unauthorized", () => client.clientCredentials({ scope: `${ORDERS}/.default`, tenant: fabrikam }));
    assert.deepEqual([error.error, error.error_codes], ["unauthorized_client", [700016]]);
  }
});

test("RFC 6749 5.2: each refusal of the provider has a code that says what to do, and the server's own words", async ({ origin, contoso, applications }) => {
  const { clientId, secret } = applications["Daemon with a secret"];
  for (const [options, call, code, number] of [
    [{ credential: { secret: "wrong" } }, {}, "client_refused", 7000215],
    [{ credential: { secret: "daemon-secret-of-last-year" } }, {}, "client_refused", 7000222],
    [{ clientId: "99999999-aaaa-4bbb-8ccc-000000000009" }, {}, "client_unauthorized", 700016],
    [{}, { scope: "api://nowhere.example/.default" }, "target_refused", 500011],
    [{}, { scope: "api://payroll.contoso.example/.default" }, "client_unauthorized", 501051],
    [{}, { tenant: "99999999-2222-3333-4444-555555555555" }, "token_request_refused", 90002],
  ]) {
    const client = createConfidentialClient({ authority: `${origin}/${contoso}/v2.0`, clientId, credential: { secret }, ...options });
    const error = await refused(code, () => client.clientCredentials({ scope: `${ORDERS}/.default`, ...call }));
    assert.deepEqual(error.error_codes, [number]);
    assert.match(error.error_description, new RegExp(`^AADSTS${number}:`));
    assert.match(error.correlation_id, /^[0-9a-f-]{36}$/);
    assert.isString(error.error);
  }
});
