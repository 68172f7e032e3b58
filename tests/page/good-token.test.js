/** A token that is still valid is handed out, whatever becomes of its renewal. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { signedIn } from "./scene.js";

/** A token of an hour is due in its last five minutes. */
const DUE_SECONDS = 3400;

for (const [what, reply] of Object.entries({
  "404": { status: 404 },
  "403": { status: 403, body: "<h1>Forbidden</h1>" },
  "408": { status: 408 },
  "429": { status: 429 },
  "a page of HTML with the status 200": { status: 200, body: "<!doctype html><title>Sign in to the hotel's network</title>" },
  "temporarily_unavailable": { status: 400, body: { error: "temporarily_unavailable" } },
  "invalid_client": { status: 401, body: { error: "invalid_client" } },
  "invalid_grant": { status: 400, body: { error: "invalid_grant" } },
  "a cut connection": { status: 200, body: "cut off", cut: true },
})) {
  test(`a valid token is handed out though its renewal fails with ${what}`, async (t) => {
    const scene = await signedIn(t);
    const { page, provider, client } = scene;
    await client.token();
    provider.on("token", reply);
    await scene.pass(DUE_SECONDS);
    // Chromium itself repeats a request after 408.
    assert.ok(provider.refreshes.length > 0, "it was to be renewed");
    assert.equal(await client.token(), "access-alice-1");
    const next = await scene.reloaded(page);
    assert.equal(await next.token(), "access-alice-1");
    await scene.pass(200);
    await assert.rejects(next.call("getToken"), "it has expired");
  });
}

test("a valid token is handed out to its end though there is no refresh token", async (t) => {
  const scene = await signedIn(t, { provider: (provider) => provider.on("token", { body: ({ refresh_token: _, ...good }) => good }) });
  const { provider, client } = scene;
  await scene.pass(DUE_SECONDS);
  assert.equal(await client.token(), "access-alice-1");
  await assert.rejects(client.call("getToken", { forceRefresh: true }), { code: "interaction_required" });
  await scene.pass(200);
  await assert.rejects(client.call("getToken"), { code: "interaction_required" });
  assert.equal(await client.subject(), "alice");
  assert.deepEqual(provider.refreshes, []);
});

test("a consent that Entra refuses for one scope (AADSTS65001) keeps the tokens of another", async (t) => {
  const scene = await signedIn(t);
  const { page, provider, client } = scene;
  const mail = { scope: "openid mail" };
  const refusal = { error: "invalid_grant", suberror: "consent_required", error_codes: [65001], error_description: "AADSTS65001" };
  provider.on("token", ({ parameters }) => (parameters.scope === mail.scope ? { status: 400, body: refusal } : undefined));
  await assert.rejects(client.call("getToken", mail), { code: "interaction_required", suberror: "consent_required" });
  assert.equal(await client.token(), "access-alice-1");
  assert.equal(await client.token({ forceRefresh: true }), "access-alice-2");
  const next = await scene.reloaded(page);
  assert.equal(await next.token({ forceRefresh: true }), "access-alice-3");
  assert.equal(provider.reuses, 0);
});
