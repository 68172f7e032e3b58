// A service's own tokens: RFC 6749 section 4.4.

import { createConfidentialClient, createVerifier } from "countersign/edge";
import { assert } from "chai";

import { claimsOf, test } from "./authority.js";

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
