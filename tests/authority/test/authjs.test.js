import { Auth } from "@auth/core";
import MicrosoftEntraID from "@auth/core/providers/microsoft-entra-id";
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ALICE, Browser, startForTests } from "./fixture.js";

const ORIGIN = "http://localhost:3000";

/** Auth.js with its provider for Entra ID, whose own strictness is that of oauth4webapi. */
describe("Auth.js, unmodified", () => {
  let authority, registration;
  before(async () => {
    authority = await startForTests();
    registration = authority.app["Orders site"];
    await authority.control.patch(`/directory/registrations/${registration.clientId}`, { redirectUris: { web: [`${ORIGIN}/auth/callback/microsoft-entra-id`] } });
  });
  after(() => authority.close());

  function site(scope) {
    const provider = MicrosoftEntraID({
      clientId: registration.clientId,
      clientSecret: registration.secret,
      issuer: `${authority.https}/${authority.contoso.id}/v2.0`,
      authorization: { params: { scope, login_hint: ALICE } },
      // Its own asks the real Graph for a picture.
      profile: ({ sub, name, email }) => ({ id: sub, name, email }),
    });
    const config = { providers: [provider], secret: "a secret of this test", trustHost: true, basePath: "/auth", logger: { error: (error) => assert.fail(error) } };
    const cookies = new Map();
    return async (path, form) => {
      const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "), ...(form && { "content-type": "application/x-www-form-urlencoded" }) };
      const response = await Auth(new Request(`${ORIGIN}/auth${path}`, { method: form ? "POST" : "GET", headers, ...(form && { body: new URLSearchParams(form) }) }), config);
      for (const line of response.headers.getSetCookie()) {
        const [name, ...value] = line.split(";")[0].split("=");
        cookies.set(name, value.join("="));
      }
      return response;
    };
  }

  for (const scope of ["openid profile email User.Read", "openid profile email offline_access"]) {
    test(`signs in with ${scope}, and knows who it is`, async () => {
      const call = site(scope);
      const { csrfToken } = await (await call("/csrf")).json();
      const toProvider = await call("/signin/microsoft-entra-id", { csrfToken, callbackUrl: `${ORIGIN}/` });
      const response = await new Browser().authorize(toProvider.headers.get("location"));
      assert.ok(response.code, response.error_description);
      const back = await call(`/callback/microsoft-entra-id?${new URLSearchParams(response)}`);
      assert.equal(back.headers.get("location"), `${ORIGIN}/`);
      const session = await (await call("/session")).json();
      assert.deepEqual([session.user.name, session.user.email], ["Alice Anders", ALICE]);
    });
  }
});
