// Tokens in the shape of Microsoft Entra ID's, v1.0 and v2.0.

import { createVerifier } from "countersign/edge";
import { assert } from "chai";

import { refused, test } from "./case.js";
import { newIssuer } from "./issuer.js";
import { jwks, key, token } from "./tokens.js";
import { forEachWay } from "./ways.js";

const TENANT = "8b0c6f6e-2f7b-4b9a-9d0e-5f3c1d2a7e41";
const OTHER = "0d3f9a2c-7d51-4a0b-8b6f-1a2b3c4d5e6f";
const V2 = "https://login.microsoftonline.com/{tenantid}/v2.0";
const V1 = "https://sts.windows.net/{tenantid}/";

const issuerOf = (template, tid = TENANT) => template.replace("{tenantid}", tid);

forEachWay((way, verifier) => {
  for (const [version, issuer] of Object.entries({ "v2.0": V2, "v1.0": V1 })) {
    test(`Entra access tokens, multi-tenant issuer (${way}): ${version}, iss is the template with the token's tid, a GUID`, async () => {
      const by = await key("RS256");
      const verify = verifier({ issuer, jwks: jwks(by) });
      const check = async (given, code) => {
        const signed = await token(by, { iss: issuerOf(issuer), tid: TENANT, scp: "read", ...given });
        return code === undefined ? verify(signed) : refused(code, () => verify(signed));
      };
      const { tenant, kind, issuer: named } = await check({});
      assert.deepEqual([tenant, kind, named], [TENANT, "user", issuerOf(issuer)]);
      await check({ iss: issuerOf(issuer, OTHER), tid: OTHER });
      await check({ iss: issuerOf(issuer, OTHER) }, "token_issuer_mismatch");
      await check({ tid: OTHER }, "token_issuer_mismatch");
      await check({ tid: undefined }, "token_issuer_mismatch");
      await check({ iss: issuer }, "token_issuer_mismatch");
      await check({ tid: 1 }, "token_issuer_mismatch");
      for (const tid of ["contoso.example", "common", "", "{tenantid}", `${TENANT}/x`, TENANT.slice(1), "../../evil"]) {
        await check({ iss: issuerOf(issuer, tid), tid }, "token_issuer_mismatch");
      }
    });
  }

  test(`Entra access tokens, tenants (${way}): only the admitted tenants, whatever their case`, async () => {
    const by = await key("RS256");
    const verify = verifier({ issuer: V2, jwks: jwks(by), tenants: [TENANT.toUpperCase()] });
    const of = (tid) => token(by, { iss: issuerOf(V2, tid), tid, scp: "read" });
    await verify(await of(TENANT));
    await refused("tenant_refused", async () => verify(await of(OTHER)));
  });

  test(`Entra signing keys, issuer of a key (${way}): a key speaks for its own issuer only`, async () => {
    const by = await key("RS256");
    const signed = await token(by, { iss: issuerOf(V2), tid: TENANT, scp: "read" });
    for (const issuer of [undefined, V2, V2.replace("{tenantid}", "{tenantId}"), issuerOf(V2)]) {
      await verifier({ issuer: V2, jwks: { keys: [{ ...by.jwk, issuer }] } })(signed);
    }
    for (const issuer of [issuerOf(V2, OTHER), V1, issuerOf(V1), "https://evil.example"]) {
      const verify = verifier({ issuer: V2, jwks: { keys: [{ ...by.jwk, issuer }] } });
      await refused("key_issuer_mismatch", () => verify(signed));
    }
  });

  test(`Entra access tokens, idtyp, scp and roles (${way}): who stands behind a token`, async () => {
    const by = await key("RS256");
    const verify = verifier({ issuer: V2, jwks: jwks(by) });
    const of = (given) => token(by, { iss: issuerOf(V2), tid: TENANT, azp: "page", ...given });
    for (const [given, kind] of [
      [{ scp: "read" }, "user"],
      [{ scp: "read", idtyp: "user" }, "user"],
      [{ idtyp: "user" }, "user"],
      [{ scp: "read", roles: ["Reader"] }, "user"],
      [{ idtyp: "app", roles: ["Reader"] }, "app"],
      [{ roles: ["Reader"] }, "app"],
      [{ idtyp: "device", roles: ["Reader"] }, "unknown"],
    ]) {
      assert.equal((await verify(await of(given))).kind, kind, JSON.stringify(given));
    }
    for (const given of [{ idtyp: "app" }, {}, { roles: [] }, { idtyp: "app", scp: "read" }]) {
      await refused("app_token_refused", async () => verify(await of(given)));
    }
    await refused("token_claim_invalid", async () => verify(await of({ idtyp: 1 })));
  });

  test(`Entra ID tokens (${way}): an ID token of the API itself is no access token`, async () => {
    const by = await key("RS256");
    const verify = verifier({ issuer: V2, jwks: jwks(by) });
    const of = (given) => token(by, { iss: issuerOf(V2), tid: TENANT, oid: "1", roles: ["member"], ...given });
    await refused("not_an_access_token", async () => verify(await of({})));
    await refused("not_an_access_token", async () => verify(await of({ nonce: "n", azp: "page" })));
  });
});

test("Entra metadata, common: the keys of the template are found under common", async (provider) => {
  const by = await key("RS256");
  const issuer = await newIssuer(provider, "common");
  const template = `${provider}/{tenantid}/v2.0`;
  const metadata = { issuer: template, jwks_uri: `${provider}/common/jwks` };
  await issuer.respond("v2.0/.well-known/openid-configuration", { body: JSON.stringify(metadata) });
  await issuer.keys({ body: JSON.stringify({ keys: [{ ...by.jwk, issuer: template }] }) });
  const verifier = createVerifier({ issuer: template, audience: issuer.audience });
  const { tenant } = await verifier.verify(await issuer.token(by, { iss: issuerOf(template), tid: TENANT, scp: "read" }));
  assert.equal(tenant, TENANT);
});
