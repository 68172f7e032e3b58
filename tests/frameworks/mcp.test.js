/** The protected MCP server of the examples, in workerd, and the official client, which signs in at the local authority. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import path from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

import * as sdk2 from "@modelcontextprotocol/client";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

import { startAuthority } from "../authority/start.js";
import { installed, project } from "../consumer/project.js";
import { startWorker } from "../edge/runtimes/workerd.js";
import { freePort } from "../tools/serve.js";

/** The official clients, each with a user of its own, whose consent the others do not see. */
const CLIENTS = {
  "@modelcontextprotocol/sdk": { sdk: { Client, StreamableHTTPClientTransport, UnauthorizedError }, user: "alice@contoso.onmicrosoft.com", name: "Alice Anders" },
  "@modelcontextprotocol/client": { sdk: sdk2, user: "bob@contoso.onmicrosoft.com", name: "Bob Berg" },
};
const TENANT = "contoso.onmicrosoft.com";
const REDIRECT_URI = "http://localhost/callback";
const SERVER = { clientId: "33333333-aaaa-4bbb-8ccc-000000000009", secret: "mcp-server-secret" };
const DESKTOP = "11111111-aaaa-4bbb-8ccc-000000000003";

const port = await freePort();
const RESOURCE = `http://localhost:${port}/mcp`;
const SCOPES = [`${RESOURCE}/Orders.List`, `${RESOURCE}/Orders.Place`];

const authority = await startAuthority({ https: false, directory: await directory() });
after(() => authority.close());
const orders = authority.registrations.find(({ name }) => name === "Orders API");
const AUTHORITY = `${authority.http}/${orders.tenant}/v2.0`;

const downstream = await startOrdersApi();
after(downstream.stop);

const bindings = {
  AUTHORITY,
  CLIENT_ID: SERVER.clientId,
  CLIENT_SECRET: SERVER.secret,
  RESOURCE,
  ORDERS_URL: downstream.url,
  ORDERS_SCOPE: `${orders.appIdUri}/.default`,
};
const { stop } = await startWorker(new URL("../../examples/mcp-worker.js", import.meta.url), project.directory, bindings, undefined, { host: "localhost", port });
after(stop);

/** The directory with a registration of the MCP server, whose Application ID URI is its URL. */
async function directory() {
  const all = JSON.parse(await readFile(new URL("../authority/directory/directory.json", import.meta.url), "utf8"));
  all.registrations.push({
    name: "Orders MCP server",
    kind: "middle-tier",
    tenant: TENANT,
    clientId: SERVER.clientId,
    signInAudience: "AzureADMyOrg",
    identifierUris: [RESOURCE],
    accessTokenAcceptedVersion: 2,
    scopes: [
      { value: "Orders.List", type: "User", consentText: "List your orders" },
      { value: "Orders.Place", type: "User", consentText: "Place orders for you" },
    ],
    passwordCredentials: [{ secret: SERVER.secret }],
    requiredResourceAccess: { "Orders API": ["Orders.Read"] },
  });
  all.consents.push({ tenant: TENANT, client: "Orders MCP server", resource: "Orders API", scopes: ["Orders.Read"] });
  return all;
}

/** The further API, which remembers the tokens that it was sent. */
async function startOrdersApi() {
  const { createVerifier, nodeGuard } = await import(pathToFileURL(path.join(installed, "edge/node.js")));
  const tokens = [];
  const verifier = createVerifier({ issuer: AUTHORITY, audience: orders.clientId, scope: "Orders.Read" });
  const listener = nodeGuard(verifier, (request, response, { claims }) => {
    tokens.push(request.headers.authorization);
    response.writeHead(200).end(`orders of ${claims.preferred_username}`);
  });
  const server = http.createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    tokens,
    url: `http://127.0.0.1:${server.address().port}/`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What an application that uses the SDK brings: where its client ID, its tokens and its browser are. */
class SignIn {
  asked = [];
  redirectUrl = REDIRECT_URI;
  clientMetadata = { redirect_uris: [REDIRECT_URI] };
  clientInformation = () => ({ client_id: DESKTOP });
  tokens = () => this.given;
  saveTokens = (tokens) => void (this.given = tokens);
  codeVerifier = () => this.verifier;
  saveCodeVerifier = (verifier) => void (this.verifier = verifier);
  discoveryState = () => this.discovered;
  saveDiscoveryState = (discovered) => void (this.discovered = discovered);
  redirectToAuthorization = (url) => void this.asked.push(url);

  /** The user signs in by the browser. @returns the authorization code */
  async code() {
    const response = await fetch(this.asked.at(-1), { redirect: "manual" });
    const url = new URL(response.headers.get("location"));
    assert.equal(`${url.origin}${url.pathname}`, REDIRECT_URI, await response.text());
    return url.searchParams.get("code") ?? assert.fail(url.href);
  }
}

/** Whom the authority signs in. */
const asUser = (user) =>
  fetch(`${authority.control}/settings`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ automatic: { user } }) });

const post = (headers = {}, body = { jsonrpc: "2.0", id: 1, method: "tools/list" }) =>
  fetch(RESOURCE, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });

test("MCP: without a token the response is 401 with resource_metadata and scope", async () => {
  const response = await post({ origin: "https://inspector.example" });
  assert.equal(response.status, 401);
  const metadata = `http://localhost:${port}/.well-known/oauth-protected-resource/mcp`;
  assert.equal(response.headers.get("www-authenticate"), `Bearer scope="${SCOPES[0]}", resource_metadata="${metadata}"`);
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  assert.match(response.headers.get("access-control-expose-headers"), /www-authenticate/);
});

test("MCP: a malformed request is 400, and a bad token 401", async () => {
  assert.equal((await post({ authorization: "Bearer a b" })).status, 400);
  const response = await post({ authorization: "Bearer x" });
  assert.equal(response.status, 401);
  assert.match(response.headers.get("www-authenticate"), /error="invalid_token".*resource_metadata="/);
});

test("MCP: the metadata is at every URL that clients try", async () => {
  for (const where of ["/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"]) {
    const response = await fetch(new URL(where, RESOURCE), { headers: { "mcp-protocol-version": "2026-07-28" } });
    assert.deepEqual(await response.json(), {
      resource: RESOURCE,
      authorization_servers: [AUTHORITY],
      scopes_supported: SCOPES,
      resource_name: "Orders",
      bearer_methods_supported: ["header"],
    });
  }
});

for (const [name, { sdk, user, name: userName }] of Object.entries(CLIENTS)) {
  test(`MCP: ${name} signs in, calls a tool on behalf of the user, and steps up for another`, async () => {
    await asUser(user);
    downstream.tokens.length = 0;
    const signIn = new SignIn();
    const connect = async () => {
      const client = new sdk.Client({ name: "test", version: "1.0.0" });
      const transport = new sdk.StreamableHTTPClientTransport(new URL(RESOURCE), { authProvider: signIn });
      after(() => client.close());
      return { client, transport, connected: client.connect(transport) };
    };
    const { transport: first, connected } = await connect();
    await assert.rejects(connected, sdk.UnauthorizedError);
    const asked = signIn.asked[0].searchParams;
    assert.deepEqual([asked.get("scope"), asked.get("resource"), asked.get("client_id")], [SCOPES[0], RESOURCE, DESKTOP]);
    await first.finishAuth(await signIn.code());

    const second = await connect();
    await second.connected;
    const { tools } = await second.client.listTools();
    assert.deepEqual(tools.map(({ name }) => name), ["list_orders", "place_order"]);
    const listed = await second.client.callTool({ name: "list_orders" });
    assert.deepEqual(listed.content, [{ type: "text", text: `orders of ${user}` }]);
    // MCP, "Token passthrough": the further API gets a token of its own.
    assert.equal(downstream.tokens.length, 1);
    assert.notEqual(downstream.tokens[0], `Bearer ${signIn.given.access_token}`);

    const order = { name: "place_order", arguments: { article: "tea" } };
    const refusal = await post({ authorization: `Bearer ${signIn.given.access_token}` }, { jsonrpc: "2.0", id: 1, method: "tools/call", params: order });
    assert.equal(refusal.status, 403);
    assert.match(refusal.headers.get("www-authenticate"), new RegExp(`^Bearer error="insufficient_scope", .*scope="${SCOPES.join(" ")}", resource_metadata="`));
    await assert.rejects(second.client.callTool(order), sdk.UnauthorizedError);
    assert.equal(signIn.asked[1].searchParams.get("scope"), SCOPES.join(" "));
    await second.transport.finishAuth(await signIn.code());
    const placed = await second.client.callTool(order);
    assert.deepEqual(placed.content, [{ type: "text", text: `${userName} ordered: tea` }]);
  });
}
