/** What is wrong with a refresh response, and what is taken from it all the same. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { signedIn } from "./scene.js";

/** How long one failure answers everybody who asks, and a little more. */
const SHARED_SECONDS = 11;

const FORCED = { forceRefresh: true };

for (const [what, change, code] of [
  ["expires_in 0", { expires_in: 0 }, "expires_in_invalid"],
  ["an unknown token_type", { token_type: "mac" }, "token_type_unsupported"],
  ["no access_token", { access_token: undefined }, "token_response_invalid"],
  ["an ID token that is none", { id_token: "none" }, "token_malformed"],
  ["a scope that is an array", { scope: ["openid"] }, undefined],
  ["refresh_token_expires_in 0", { refresh_token_expires_in: 0 }, undefined],
]) {
  test(`RFC 6749 6: the new refresh token of a response with ${what} replaces the old one`, async (t) => {
    const scene = await signedIn(t);
    const { provider, client } = scene;
    provider.once("token", { body: (good) => ({ ...good, ...change }) });
    const refreshed = client.token(FORCED);
    if (code === undefined) assert.equal(await refreshed, "access-alice-2");
    else await assert.rejects(refreshed, { code });
    await assertGoesOn(scene);
  });
}

test("OpenID Connect Core 12.2: an ID token by a clock that is two days wrong does not end the session", async (t) => {
  const scene = await signedIn(t);
  const { provider, client } = scene;
  provider.claims = (claims) => ({ ...claims, iat: claims.iat - 172_800, exp: claims.exp - 172_800 });
  assert.equal(await client.token(FORCED), "access-alice-2");
  await assertGoesOn(scene);
});

/** The next request, also after a reload, has the newest refresh token. */
async function assertGoesOn(scene) {
  const { provider, client, page } = scene;
  await scene.pass(SHARED_SECONDS);
  assert.equal(await client.token(FORCED), "access-alice-3");
  const next = await scene.reloaded(page);
  assert.equal(await next.token(FORCED), "access-alice-4");
  const sent = provider.refreshes.map(({ parameters }) => parameters.refresh_token);
  assert.deepEqual(sent, ["refresh-alice-1", "refresh-alice-2", "refresh-alice-3"]);
  assert.equal(provider.reuses, 0);
}

for (const [what, claims] of Object.entries({ sub: { sub: "mallory" }, iss: { iss: "https://evil.example" } })) {
  test(`OpenID Connect Core 12.2: another ${what} in a refreshed ID token ends the session`, async (t) => {
    const scene = await signedIn(t);
    const { provider, client, page } = scene;
    provider.claims = (good) => ({ ...good, ...claims });
    await assert.rejects(client.call("getToken", FORCED), { code: what === "sub" ? "subject_mismatch" : "token_issuer_mismatch" });
    assert.equal(await client.subject(), null);
    assert.deepEqual(await client.eventNames(), ["signedin", "signedout"]);
    const next = await scene.reloaded(page);
    assert.equal(await next.subject(), null);
    await assert.rejects(next.call("getToken"), { code: "sign_in_required" });
  });
}

test("RFC 6749 6: an empty refresh_token does not replace the good one", async (t) => {
  const { provider, client } = await signedIn(t);
  provider.once("token", { body: (good) => ({ ...good, refresh_token: "" }), rotates: false });
  assert.equal(await client.token(FORCED), "access-alice-2");
  assert.equal(await client.token(FORCED), "access-alice-3");
  const sent = provider.refreshes.map(({ parameters }) => parameters.refresh_token);
  assert.deepEqual(sent, ["refresh-alice-1", "refresh-alice-1"]);
});

test("RFC 9700 4.14.2: a response that was cut off may cost the session, but nobody is told another user", async (t) => {
  const scene = await signedIn(t);
  const { provider, client } = scene;
  provider.once("token", { cut: true });
  await assert.rejects(client.call("getToken", FORCED), { code: "network_error" });
  await scene.pass(SHARED_SECONDS);
  await assert.rejects(client.call("getToken", FORCED), { code: "interaction_required" });
  assert.equal(await client.subject(), "alice", "so that the page can ask the same user");
});
