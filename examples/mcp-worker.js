// A protected MCP server on Workers. Users sign in at Entra ID; a tool calls a further API on their behalf, and another one asks
// for a scope of its own. The variables of the Worker: RESOURCE, the server's URL and Application ID URI; AUTHORITY, CLIENT_ID and
// CLIENT_SECRET of its registration; ORDERS_URL and ORDERS_SCOPE of the further API.

import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { createConfidentialClient, createVerifier, guard } from "countersign/edge";
import { z } from "zod";

/** What a tool needs beside the server's own scope. */
const SCOPES = { place_order: "Orders.Place" };

let respond;

export default {
  fetch(request, env, context) {
    respond ??= guarded(env);
    return respond(request, env, context);
  },
};

function guarded({ AUTHORITY, CLIENT_ID, RESOURCE }) {
  const verifier = createVerifier({
    issuer: AUTHORITY,
    audience: CLIENT_ID,
    scope: "Orders.List",
    resourceMetadata: { resource: RESOURCE, scopes_supported: [`${RESOURCE}/Orders.List`, `${RESOURCE}/Orders.Place`], resource_name: "Orders" },
    // Clients in pages, as the MCP Inspector.
    cors: { origins: "*", headers: ["mcp-protocol-version", "mcp-session-id", "last-event-id"], exposeHeaders: ["mcp-session-id"] },
  });
  return guard(verifier, async (request, { claims }, env, context) => {
    for (const scope of await neededScopes(request)) await verifier.authenticate(request, { scope });
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    await tools(request, claims, env, context).connect(transport);
    return transport.handleRequest(request);
  });
}

/** The scopes of the tools that the messages call: a client that lacks one is told by status 403, before anything is done. */
async function neededScopes(request) {
  const messages = await request.clone().json().catch(() => []);
  const calls = [messages].flat().filter((message) => message?.method === "tools/call");
  return calls.flatMap(({ params }) => (Object.hasOwn(SCOPES, params?.name) ? [SCOPES[params.name]] : []));
}

function tools(request, claims, env, context) {
  const server = new McpServer({ name: "orders", version: "1.0.0" });
  const client = createConfidentialClient({
    authority: env.AUTHORITY,
    clientId: env.CLIENT_ID,
    credential: { secret: env.CLIENT_SECRET },
    waitUntil: (work) => context.waitUntil(work),
  });
  const text = (said) => ({ content: [{ type: "text", text: said }] });

  server.registerTool("list_orders", { description: "Lists your orders" }, async () => {
    // The token of the caller is for this server, and goes no further.
    const assertion = request.headers.get("authorization").slice("Bearer ".length);
    const response = await client.fetch(env.ORDERS_URL, { token: { assertion, scope: env.ORDERS_SCOPE } });
    return text(await response.text());
  });
  server.registerTool("place_order", { description: "Places an order", inputSchema: { article: z.string() } }, async ({ article }) =>
    text(`${claims.name} ordered: ${article}`),
  );
  return server;
}
