// Tokens that are bound to a key, without a proof of it: RFC 7800, RFC 8705, RFC 9449.

import { createVerifier } from "countersign/edge";
import { assert } from "chai";

import { refused, test } from "./case.js";
import { AUDIENCE, ISSUER, jwks, key, token } from "./tokens.js";
import { forEachWay } from "./ways.js";

const THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

const CASES = [
  [{ jkt: THUMBPRINT }, "proof_missing"],
  [{ "x5t#S256": THUMBPRINT }, "certificate_mismatch"],
  [{ kid: "1" }, "binding_unsupported"],
  [{ jwk: { kty: "EC" } }, "binding_unsupported"],
  [{}, "binding_unsupported"],
  [null, "token_claim_invalid"],
  ["jkt", "token_claim_invalid"],
];

forEachWay((way, verifier) => {
  test(`RFC 9449 7.2: a bound token is no bearer token: ${way}`, async () => {
    const by = await key("ES256");
    const verify = verifier({ jwks: jwks(by) });
    // More than once: nothing is remembered of a token that was refused.
    for (const [cnf, code] of [...CASES, ...CASES]) await refused(code, async () => verify(await token(by, { cnf })));
  });
});

test("RFC 9449 7.1: a bound token that came as a bearer token is told to come with a proof", async () => {
  const by = await key("ES256");
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by) });
  const bound = await token(by, { cnf: { jkt: THUMBPRINT } });
  const error = await refused("proof_missing", () => verifier.authenticate({ headers: { authorization: `Bearer ${bound}` } }));
  assert.equal(error.response.status, 401);
  assert.match(error.response.headers["www-authenticate"], /^DPoP error="invalid_token", .*, algs="RS256 .*ES256.* EdDSA"$/);
});
