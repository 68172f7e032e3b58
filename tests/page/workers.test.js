/** Where there is no page: dedicated, shared and service workers, and the background of an extension. */
import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";

import { chromium } from "playwright-core";

import { CHROMIUM } from "../consumer/chromium.js";
import { opened, signedIn } from "./scene.js";

const LOCAL = { storage: "local" };
const FORCED = { forceRefresh: true };
const HEADERS = { "access-control-allow-headers": "authorization" };

/** Starts a worker of this kind. @returns what calls it, and unwraps what comes back */
async function started(page, kind) {
  await page.evaluate(async (kind) => {
    const start = {
      async dedicated() {
        return new Worker("/worker.js", { type: "module" });
      },
      async service() {
        await navigator.serviceWorker.register("/worker.js", { type: "module", scope: "/" });
        const { active } = await navigator.serviceWorker.ready;
        return active;
      },
    };
    const worker = await start[kind]();
    globalThis.callWorker = (...call) =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => resolve(data);
        worker.postMessage(call, [port2]);
      });
  }, kind);
  return async (...call) => unwrap(await page.evaluate((call) => globalThis.callWorker(...call), call));
}

function unwrap({ value, error }) {
  if (error === undefined) return value;
  throw Object.assign(new Error(), error);
}

for (const kind of ["dedicated", "service"]) {
  test(`a ${kind} worker shares the session of the pages, renews it, and calls APIs`, async (t) => {
    const scene = await signedIn(t, { clientOptions: LOCAL });
    const { page, provider, client } = scene;
    provider.paths.api = "/api";
    provider.on("api", { status: 200, body: "fine", headers: HEADERS });
    const worker = await started(page, kind);
    await worker("create", { authority: provider.issuer, clientId: "page", ...LOCAL });
    assert.equal((await worker("get", "account")).subject, "alice");
    assert.equal((await worker("getToken")).accessToken, "access-alice-1");
    assert.equal((await worker("getToken", FORCED)).accessToken, "access-alice-2");
    await client.heard("tokenrefreshed");
    assert.equal(await client.token(), "access-alice-2");
    assert.equal(await worker("fetch", `${provider.issuer}/api`), "fine");
    assert.equal(provider.requestsTo("api").at(-1).headers.authorization, "Bearer access-alice-2");
    await client.call("signOut", { local: true });
    await assert.rejects(worker("getToken"), ({ code, message }) => code === "sign_in_required" && message.includes("call signIn"));
    assert.deepEqual(await worker("events"), ["tokenrefreshed", "signedout"]);
    assert.equal(provider.reuses, 0);
  });

  test(`what needs a page fails in a ${kind} worker, and says what to do`, async (t) => {
    const scene = await opened(t);
    const { page, provider } = scene;
    const worker = await started(page, kind);
    const options = { authority: provider.issuer, clientId: "page" };
    const refused = (name) => ({ code, detail, message }) => code === "unsupported_platform" && detail === name && message.includes("needs a page");
    await assert.rejects(worker("create", options), refused('storage: "session"'));
    await worker("create", { ...options, storage: "memory" });
    for (const method of ["signIn", "signInPopup", "handleRedirect", "signOut"]) await assert.rejects(worker(method), refused(method));
    await worker("signOut", { local: true });
    await assert.rejects(worker("getToken"), { code: "sign_in_required" });
    await assert.rejects(worker("getToken", { scope: "" }), ({ message }) => message.includes("scope must be"));
  });
}

test("RFC 9700 4.14.2: a page and two workers whose token has expired make one refresh", async (t) => {
  const scene = await signedIn(t, { clientOptions: LOCAL });
  const { page, provider, client } = scene;
  const other = await scene.open();
  const workers = [await started(page, "dedicated"), await started(other, "service")];
  for (const worker of workers) await worker("create", { authority: provider.issuer, clientId: "page", ...LOCAL });
  const release = provider.hold("token");
  const [mine, ...theirs] = [client.token({ claims: "{}" }), ...workers.map((worker) => worker("getToken", { claims: "{}" }))];
  await provider.received("token", 2);
  release();
  assert.equal(await mine, "access-alice-2");
  for (const token of theirs) assert.equal((await token).accessToken, "access-alice-2");
  assert.equal(provider.refreshes.length, 1);
});

test("the background of an extension has sessions of its own, in its own store, that outlive it", async (t) => {
  const { provider } = await opened(t);
  const directory = await mkdtemp(path.join(os.tmpdir(), "countersign-extension-"));
  const extension = path.join(directory, "extension");
  await cp(process.env.COUNTERSIGN_SITE, extension, { recursive: true });
  const manifest = {
    manifest_version: 3,
    name: "Test",
    version: "1",
    permissions: ["storage"],
    background: { service_worker: "worker.js", type: "module" },
    content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'" },
  };
  await writeFile(path.join(extension, "manifest.json"), JSON.stringify(manifest));
  const context = await chromium.launchPersistentContext(path.join(directory, "profile"), {
    ...CHROMIUM,
    headless: false,
    args: [...CHROMIUM.args, "--headless=new", `--disable-extensions-except=${extension}`, `--load-extension=${extension}`],
  });
  t.after(async () => {
    await context.close();
    await rm(directory, { recursive: true, force: true });
  });
  const background = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  const call = async (...given) => unwrap(await background.evaluate((given) => globalThis.run(...given), given));
  const options = { authority: provider.issuer, clientId: "page", storage: "extension" };
  await call("create", options);
  assert.equal(await call("get", "account"), null);
  // The session begins elsewhere: in `chrome.identity.launchWebAuthFlow`, for example.
  assert.equal((await call("importSession", await provider.tokensFor("page"))).subject, "alice");
  assert.equal((await call("getToken", FORCED)).tokenType, "Bearer");
  assert.deepEqual(await call("events"), ["signedin", "tokenrefreshed"]);
  // As after the browser has ended it, which it does when nothing happens for a while.
  await call("close");
  await call("create", options);
  assert.equal((await call("get", "account")).subject, "alice");
  assert.match((await call("getToken")).accessToken, /^access-alice-/);
  await call("create", { ...options, storage: "local" });
  assert.equal(await call("get", "account"), null);
  await call("importSession", await provider.tokensFor("page"));
  assert.match((await call("getToken")).accessToken, /^access-alice-/);
});
