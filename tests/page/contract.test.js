/** The double of `countersign/testing` does what the page's client does: each case runs with both. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { CASES } from "./program/contract-cases.js";
import { loaded, opened } from "./scene.js";

for (const [name, { begin }] of Object.entries(CASES)) {
  test(`the client: ${name}`, async (t) => {
    const scene = await opened(t);
    const { page, provider } = scene;
    const options = { authority: provider.issuer, clientId: "page" };
    if (begin === "returning") await (await scene.newClient(page)).leave({ appState: { path: "/orders/5" } });
    if (begin === "signedIn") {
      await scene.signIn(page);
      await page.reload();
      await loaded(page);
    }
    const wrong = await page.evaluate(async ([name, options]) => (await globalThis.program.contract()).withClient(name, options), [name, options]);
    assert.equal(wrong, undefined);
  });

  test(`the double: ${name}`, async (t) => {
    const { page } = await opened(t);
    assert.equal(await page.evaluate(async (name) => (await globalThis.program.contract()).withDouble(name), name), undefined);
  });
}

test("the double has every method and property of the client", async (t) => {
  const { page, provider } = await opened(t);
  const options = { authority: provider.issuer, clientId: "page" };
  assert.deepEqual(await page.evaluate(async (options) => (await globalThis.program.contract()).missing(options), options), []);
});
