// Programs that have an identity from their host: managed identities of Azure, workload identities of Kubernetes.

import { createConfidentialClient, workloadIdentity } from "countersign/edge";
import { assert } from "chai";

import { refused } from "../../edge/cases/case.js";
import { claimsOf, recording, test } from "./authority.js";

const SCOPE = "api://orders.contoso.example/.default";

function identityOf({ managedIdentity }, shape, named, options) {
  const urls = [];
  const client = createConfidentialClient({
    credential: { managedIdentity: { environment: managedIdentity[shape], ...named } },
    fetch: (url, init) => (urls.push(new URL(url)), fetch(url, init)),
    ...options,
  });
  return { client, urls };
}

test("Azure, managed identities: a host's own identity gets tokens from App Service and from the metadata service, without a secret", async (authority) => {
  for (const shape of ["appService", "imds"]) {
    const { client, urls } = identityOf(authority, shape);
    const token = await client.clientCredentials({ scope: SCOPE, forceRefresh: true });
    assert.isAbove(token.expiresAt, Date.now() / 1000 + 3600, shape);
    assert.equal(claimsOf(token.accessToken).tid, authority.contoso);
    assert.lengthOf(urls, 1);
    const { accessToken } = await client.clientCredentials({ scope: SCOPE });
    assert.equal(accessToken, token.accessToken);
    assert.lengthOf(urls, 1, "the token is kept");
    assert.equal(urls[0].searchParams.get("resource"), "api://orders.contoso.example");
  }
});

test("Azure, managed identities: what the endpoint refuses is told in its own words", async (authority) => {
  for (const shape of ["appService", "imds"]) {
    const unknown = identityOf(authority, shape, { clientId: "99999999-aaaa-4bbb-8ccc-000000000009" });
    const error = await refused("token_request_refused", () => unknown.client.clientCredentials({ scope: SCOPE }));
    assert.match(error.error_description ?? error.detail, /identity/i);
    await refused("invalid_option", () => identityOf(authority, shape).client.clientCredentials({ scope: SCOPE, tenant: authority.contoso }));
    await refused("invalid_option", () => identityOf(authority, shape).client.onBehalfOf({ assertion: "a.b.c", scope: SCOPE }));
  }
  const wrong = { ...authority.managedIdentity.appService, IDENTITY_HEADER: "guessed" };
  const { client } = identityOf({ managedIdentity: { wrong } }, "wrong");
  const error = await refused("token_request_refused", () => client.clientCredentials({ scope: SCOPE }));
  assert.notInclude(JSON.stringify(error) + error.message, "guessed");
});

test("Azure, managed identities: an endpoint of a kind that is not supported is refused when the client is made", async () => {
  for (const variable of ["IMDS_ENDPOINT", "MSI_ENDPOINT", "IDENTITY_SERVER_THUMBPRINT"]) {
    const { client } = identityOf({ managedIdentity: { other: { [variable]: "x" } } }, "other");
    assert.include((await refused("credential_invalid", () => client.clientCredentials({ scope: SCOPE }))).message, variable);
  }
  await refused("credential_invalid", () => createConfidentialClient({ credential: { managedIdentity: { id: "x" } } }));
});

test("Azure, managed identities: the metadata service is asked again while it is updated, and its outage is shared", async (authority) => {
  let requests = 0;
  const { client } = identityOf(authority, "imds", { resourceId: "/none" }, {
    fetch: () => ((requests += 1), new Response("gone", { status: 410 })),
  });
  await refused("provider_unavailable", () => client.clientCredentials({ scope: SCOPE }));
  assert.equal(requests, 2);
  await Promise.all(Array.from({ length: 50 }, () => refused("provider_unavailable", () => client.clientCredentials({ scope: SCOPE }))));
  assert.equal(requests, 2);
});

test("Azure, managed identities: the store holds no token of a host's own identity, which another host would take for its own", async (authority) => {
  const entries = new Map();
  const store = { get: async (name) => entries.get(name), set: async (name, value) => void entries.set(name, value) };
  const { client } = identityOf(authority, "imds", {}, { cache: { store, key: "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=" } });
  await client.clientCredentials({ scope: SCOPE, forceRefresh: true });
  assert.equal(entries.size, 0);
});

test("Entra, a managed identity as a federated credential: its token for the exchange is the assertion of each request", async ({ v2, applications }) => {
  const { clientId } = applications["Daemon with a federated credential"];
  const asked = [];
  const forms = [];
  const client = createConfidentialClient({
    authority: v2,
    clientId,
    credential: { managedIdentity: { environment: { AZURE_POD_IDENTITY_AUTHORITY_HOST: "http://imds.invalid" }, objectId: "o 1" } },
    fetch(url, init) {
      if (init.body !== undefined) forms.push(Object.fromEntries(new URLSearchParams(init.body)));
      if (!url.startsWith("http://imds.invalid/")) return fetch(url, init);
      asked.push({ url: new URL(url), metadata: new Headers(init.headers).get("metadata") });
      return Response.json({ access_token: `assertion-${asked.length}`, token_type: "Bearer", expires_in: "86400" });
    },
  });
  for (const number of [1, 2]) {
    // The local authority trusts no managed identity.
    const error = await client.clientCredentials({ scope: SCOPE, tenant: number === 1 ? undefined : "contoso.onmicrosoft.com" }).catch((error) => error);
    assert.equal(error.name, "AuthError");
    assert.equal(forms.at(-1).client_assertion, `assertion-${number}`);
  }
  const [{ url, metadata }] = asked;
  assert.deepEqual([url.searchParams.get("resource"), url.searchParams.get("object_id"), metadata], ["api://AzureADTokenExchange", "o 1", "true"]);
});

test("Kubernetes, workload identity: the assertion's file is read again for each request", async (authority) => {
  const { clientId } = authority.applications["Daemon with a federated credential"];
  const environment = { AZURE_AUTHORITY_HOST: `${authority.origin}/`, AZURE_TENANT_ID: authority.contoso, AZURE_CLIENT_ID: clientId };
  await refused("credential_invalid", () => workloadIdentity(environment));
  const { node, deno, bun } = globalThis.process?.versions ?? {};
  const hasFiles = node !== undefined && globalThis.navigator?.userAgent !== "Cloudflare-Workers";
  if (!hasFiles && deno === undefined && bun === undefined) {
    await refused("credential_invalid", () => createConfidentialClient(workloadIdentity({ ...environment, AZURE_FEDERATED_TOKEN_FILE: "/token" })));
    return;
  }
  const [fs, os, path] = await Promise.all(["node:fs/promises", "node:os", "node:path"].map((name) => import(name)));
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "workload-"));
  try {
    const file = path.join(folder, "token");
    const renew = async () => {
      const { token } = await authority.tell("POST", "/workload/token", { subject: "repo:contoso/orders:ref:refs/heads/main" });
      await fs.writeFile(file, `${token}\n`);
      return token;
    };
    const recorded = recording();
    const client = createConfidentialClient({ ...workloadIdentity({ ...environment, AZURE_FEDERATED_TOKEN_FILE: file }), fetch: recorded.fetch });
    for (const _ of ["first", "renewed"]) {
      const token = await renew();
      await client.clientCredentials({ scope: SCOPE, forceRefresh: true });
      assert.equal(recorded.forms.at(-1).client_assertion, token);
    }
    await fs.rm(file);
    const error = await refused("credential_failed", () => client.clientCredentials({ scope: SCOPE, tenant: "contoso.onmicrosoft.com" }));
    assert.equal(error.cause.code, "ENOENT");
  } finally {
    await fs.rm(folder, { recursive: true });
  }
});
