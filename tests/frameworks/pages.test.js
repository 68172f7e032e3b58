/** Pages in Chromium, which call a guarded API from another origin. */
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import path from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

import { launchChromium } from "../consumer/chromium.js";
import { installed } from "../consumer/project.js";
import { startIssuer } from "../tools/tokens.js";

const { createVerifier, nodeGuard } = await import(pathToFileURL(path.join(installed, "edge/node.js")));
const METADATA = "http://localhost:1/.well-known/oauth-protected-resource";

async function listen(listener) {
  const server = http.createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://localhost:${server.address().port}`;
}

const page = (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>page</title>");
const [own, other] = [await listen(page), await listen(page)];
const issuer = await startIssuer();
after(issuer.stop);
const verifier = createVerifier({ ...issuer.options, scope: "notes.read", cors: { origins: [own] }, resourceMetadata: { resource: "http://localhost:1" } });
const api = await listen(nodeGuard(verifier, (_request, response, { claims }) => response.writeHead(200).end(`notes of ${claims.sub}`)));

const browser = await launchChromium();
after(() => browser.close());

/** What a page of this origin can read of the API's response. */
async function read(origin, url, authorization) {
  const context = await browser.newContext();
  try {
    const tab = await context.newPage();
    await tab.goto(origin);
    return await tab.evaluate(
      async ([url, authorization]) => {
        try {
          const response = await fetch(url, { method: "PUT", headers: { ...(authorization && { authorization }), "content-type": "application/json" }, body: "{}" });
          return { status: response.status, challenge: response.headers.get("www-authenticate"), text: await response.text() };
        } catch (error) {
          return error.name;
        }
      },
      [url, authorization],
    );
  } finally {
    await context.close();
  }
}

test("Fetch 3.3: a page that may call reads the response, and of a refusal the challenge", async () => {
  const good = `Bearer ${await issuer.token({ scope: "notes.read" })}`;
  assert.deepEqual(await read(own, api, good), { status: 200, challenge: null, text: "notes of alice" });
  const { status, challenge } = await read(own, api);
  assert.deepEqual({ status, challenge }, { status: 401, challenge: `Bearer scope="notes.read", resource_metadata="${METADATA}"` });
  const insufficient = await read(own, api, `Bearer ${await issuer.token({ scope: "other" })}`);
  assert.equal(insufficient.status, 403);
  assert.match(insufficient.challenge, /error="insufficient_scope"/);
});

test("Fetch 3.3: a page of another origin reads nothing", async () => {
  for (const authorization of [`Bearer ${await issuer.token({ scope: "notes.read" })}`, undefined]) {
    assert.equal(await read(other, api, authorization), "TypeError");
  }
});

test("RFC 9728 3: every page reads the metadata, also with headers of its own", async () => {
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.goto(other);
  const where = `${api}/.well-known/oauth-protected-resource`;
  const document = await tab.evaluate(async (url) => (await fetch(url, { headers: { "mcp-protocol-version": "2026-07-28" } })).json(), where);
  assert.equal(document.resource, "http://localhost:1");
  await context.close();
});
