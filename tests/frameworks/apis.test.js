/** The examples that are APIs: each is run as it stands, and asked as clients and pages ask. */
import assert from "node:assert/strict";
import { copyFile, mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { project } from "../consumer/project.js";
import { startWorker } from "../edge/runtimes/workerd.js";
import { serveBy } from "../tools/serve.js";
import { startIssuer } from "../tools/tokens.js";

const at = (file) => new URL(`../../examples/${file}`, import.meta.url);
const RESOURCE = "https://api.example/notes";
const METADATA = "https://api.example/.well-known/oauth-protected-resource/notes";
const PAGE = "https://app.example";

const issuer = await startIssuer();
after(issuer.stop);
const { issuer: ISSUER } = issuer.options;

const inWorkerd = (file) => startWorker(at(file), project.directory, { ISSUER });

/** @param {string} [installed] the folder of the framework in tests/node_modules, which the example imports as `name` */
async function inNode(file, name, installed = name) {
  const folder = path.join(project.directory, installed ?? "node");
  await mkdir(path.join(folder, "node_modules"), { recursive: true });
  await copyFile(at(file), path.join(folder, file));
  if (name !== undefined) {
    await symlink(fileURLToPath(new URL(`../node_modules/${installed}`, import.meta.url)), path.join(folder, "node_modules", name));
  }
  return serveBy((PORT) => ["env", `PORT=${PORT}`, process.execPath, file], { cwd: folder, env: { ...process.env, ISSUER } });
}

for (const { name, start, hasRoutes = true, isAllGuarded = false } of [
  { name: "a plain Worker", start: () => inWorkerd("worker.js"), hasRoutes: false },
  { name: "Hono in workerd", start: () => inWorkerd("hono.js") },
  { name: "node:http", start: () => inNode("node-http.js"), hasRoutes: false },
  { name: "Express 5", start: () => inNode("express.js", "express") },
  { name: "Express 4", start: () => inNode("express.js", "express", "express-4") },
  { name: "Fastify", start: () => inNode("fastify.js", "fastify"), isAllGuarded: true },
]) {
  test(name, async (t) => {
    const api = await start();
    t.after(api.stop);
    const ask = (where, init) => fetch(new URL(where, api.url), init);
    const tokenOf = async (claims) => ({ authorization: `Bearer ${await issuer.token(claims)}` });

    await t.test("RFC 6750 3: a good token passes, others are told why not", async () => {
      const good = await tokenOf({ scope: "notes.read" });
      const response = await ask("notes", { headers: good });
      assert.deepEqual([response.status, await response.json()], [200, { user: "alice" }]);
      for (const [headers, status, code, challenge] of [
        [{}, 401, "credentials_missing", `Bearer scope="notes.read", resource_metadata="${METADATA}"`],
        [await tokenOf({ scope: "notes.read", exp: 1 }), 401, "token_expired", /^Bearer error="invalid_token".*, scope="notes.read"/],
        [{ authorization: `${good.authorization}x` }, 401, "token_encoding_invalid", /^Bearer error="invalid_token"/],
        [{ authorization: "Bearer a b" }, 400, "credentials_malformed", /^Bearer error="invalid_request"/],
        [await tokenOf({ scope: "s3cr3t" }), 403, "insufficient_scope", /scope="notes.read", resource_metadata="/],
      ]) {
        const refusal = await ask("notes", { headers });
        const body = await refusal.text();
        assert.deepEqual([refusal.status, JSON.parse(body).code], [status, code]);
        assert.doesNotMatch(body, /s3cr3t/);
        assert.match(refusal.headers.get("www-authenticate"), new RegExp(challenge));
      }
    });

    await t.test("RFC 9728 3: the metadata is at every URL that clients try", async () => {
      for (const where of ["/.well-known/oauth-protected-resource/notes", "/.well-known/oauth-protected-resource"]) {
        const response = await ask(where);
        assert.equal(response.status, 200);
        assert.deepEqual(await response.json(), {
          resource: RESOURCE,
          authorization_servers: [ISSUER],
          scopes_supported: ["notes.read", "notes.write"],
          bearer_methods_supported: ["header"],
        });
        const head = await ask(where, { method: "HEAD" });
        assert.deepEqual([head.status, await head.text()], [200, ""]);
      }
    });

    await t.test("Fetch 3.3: the page's preflight is responded to, and refusals can be read", async () => {
      const asked = { origin: PAGE, "access-control-request-method": "POST", "access-control-request-headers": "authorization" };
      const preflight = await ask("notes", { method: "OPTIONS", headers: asked });
      assert.equal(preflight.status, 204);
      assert.equal(preflight.headers.get("access-control-allow-origin"), PAGE);
      assert.match(preflight.headers.get("access-control-allow-headers"), /\bauthorization\b/);
      const good = await tokenOf({ scope: "notes.read" });
      for (const [headers, status] of [[good, 200], [{}, 401]]) {
        const response = await ask("notes", { headers: { ...headers, origin: PAGE } });
        assert.equal(response.status, status);
        assert.equal(response.headers.get("access-control-allow-origin"), PAGE);
        assert.equal(response.headers.get("access-control-expose-headers"), "www-authenticate, retry-after, dpop-nonce");
        assert.match(response.headers.get("vary"), /\bOrigin\b/);
        const others = await ask("notes", { headers: { ...headers, origin: "https://evil.example" } });
        assert.equal(others.headers.get("access-control-allow-origin"), null);
        assert.match(others.headers.get("vary"), /\bOrigin\b/);
      }
    });

    if (!hasRoutes) return;
    await t.test("a route may ask for more than the API, and one before the guard for nothing", async () => {
      if (!isAllGuarded) assert.equal(await (await ask("health")).text(), "good");
      const refusal = await ask("notes", { method: "POST", headers: await tokenOf({ scope: "notes.read" }) });
      assert.equal(refusal.status, 403);
      assert.match(refusal.headers.get("www-authenticate"), /scope="notes.write"/);
      const stored = await ask("notes", { method: "POST", headers: { ...(await tokenOf({ scope: "notes.read notes.write" })), origin: PAGE } });
      assert.deepEqual([stored.status, await stored.json()], [201, { stored: true }]);
      assert.equal(stored.headers.get("access-control-expose-headers"), "www-authenticate, retry-after, dpop-nonce");
      assert.equal(stored.headers.get("vary").match(/Origin/g).length, 1);
      assert.equal((await ask("elsewhere")).status, 401);
    });
  });
}
