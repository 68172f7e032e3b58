/** What a sign-in asks the provider for. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { opened } from "./scene.js";

test("OpenID Connect Core 3.1.2.1: what the page asks for reaches the provider by its name there", async (t) => {
  const scene = await opened(t);
  const client = await scene.newClient(scene.page);
  await client.leave({
    prompt: "select_account",
    loginHint: "alice@contoso.example",
    domainHint: "contoso.example",
    maxAge: 60,
    acrValues: ["urn:two", "urn:one"],
    uiLocales: "nb en",
    claims: '{"id_token":{"acr":{"essential":true}}}',
    parameters: { audience: "https://api.example" },
  });
  const [{ parameters }] = scene.provider.requestsTo("authorization");
  const { prompt, login_hint, domain_hint, max_age, acr_values, ui_locales, claims, audience } = parameters;
  assert.deepEqual(
    { prompt, login_hint, domain_hint, max_age, acr_values, ui_locales, claims, audience },
    {
      prompt: "select_account",
      login_hint: "alice@contoso.example",
      domain_hint: "contoso.example",
      max_age: "60",
      acr_values: "urn:two urn:one",
      ui_locales: "nb en",
      claims: '{"id_token":{"acr":{"essential":true}}}',
      audience: "https://api.example",
    },
  );
});
