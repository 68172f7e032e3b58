/** What the benchmark measures with: it starts, and is what it says. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { startProvider } from "../page/provider.js";
import { peerNames } from "../page/site.js";
import { makeHostileTokens } from "../refuse/tokens.js";

test("the provider knows an API for each token", async () => {
  const { settings, scopes, tokenRequests, close } = await startProvider(2);
  try {
    assert.equal(new Set(scopes).size, 2);
    assert.equal(settings.scope, scopes[0]);
    assert.match(settings.provider, /^https:/);
    assert.equal(tokenRequests(), 0);
  } finally {
    await close();
  }
});

test("there is a peer for each library", async () => {
  assert.deepEqual(await peerNames(), ["countersign", "msal-browser", "oidc-client-ts"]);
});

test("hostile tokens are not longer than a verifier reads, and each is another one", async () => {
  const { kinds } = await makeHostileTokens(2);
  for (const [kind, [one, other]] of kinds) {
    assert.match(one, /^[\w-]+\.[\w-]+\.[\w-]+$/, kind);
    assert.ok(one.length <= 65_536, `${kind}: ${one.length}`);
    assert.notEqual(one, other, kind);
  }
});
