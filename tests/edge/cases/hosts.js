// What hosts have in place of a Request and a Response.

import { createVerifier, isAuthError } from "countersign/edge";
import { assert } from "chai";

import { refused, test } from "./case.js";
import { AUDIENCE, ISSUER, jwks, key, token } from "./tokens.js";

async function verifierOf(options) {
  const by = await key("ES256");
  return { by, verifier: createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by), ...options }) };
}

test("RFC 9110 5.1: the name of the Authorization header has any case, whatever holds the headers", async () => {
  const { by, verifier } = await verifierOf();
  const value = `Bearer ${await token(by)}`;
  for (const name of ["authorization", "Authorization", "AUTHORIZATION"]) {
    for (const headers of [{ [name]: value }, { [name]: [value] }, { accept: "*/*", [name]: value }, new Headers({ [name]: value }), Object.assign(Object.create(null), { [name]: value })]) {
      const { claims } = await verifier.authenticate({ headers });
      assert.equal(claims.sub, "alice");
    }
  }
});

test("RFC 6750 2: a request that brings more than one token is malformed, in whatever way", async () => {
  const { by, verifier } = await verifierOf();
  const value = `Bearer ${await token(by)}`;
  for (const headers of [{ authorization: value, Authorization: value }, { authorization: [value, value] }, new Headers([["authorization", value], ["Authorization", value]])]) {
    await refused("credentials_malformed", () => verifier.authenticate({ headers }));
  }
});

test("RFC 6750 3: headers without the one are no credentials", async () => {
  const { verifier } = await verifierOf();
  for (const headers of [{}, { Authorization: undefined }, { authorization: [] }, { authorizations: "Bearer x" }, new Headers(), null, undefined]) {
    await refused("credentials_missing", () => verifier.authenticate({ headers }));
  }
});

test("RFC 6750 3: every error of a verifier has its response, as data and as a Response", async () => {
  const { by, verifier } = await verifierOf({ scope: "read" });
  const good = await token(by, { scope: "read" });
  for (const [call, status, challenge] of [
    [() => verifier.verify("x"), 401, /^Bearer error="invalid_token"/],
    [() => verifier.verifySync("x"), 401, /^Bearer error="invalid_token"/],
    [async () => verifier.verify(await token(by, { scope: "read", exp: 1 })), 401, /^Bearer error="invalid_token"/],
    [async () => verifier.verify(await token(by)), 403, /^Bearer error="insufficient_scope".*scope="read"$/],
    [async () => verifier.verifySync(await token(by)), 403, /^Bearer error="insufficient_scope".*scope="read"$/],
    [() => verifier.verify(`${good.slice(0, -86)}${"A".repeat(86)}`), 401, /^Bearer error="invalid_token"/],
    [() => verifier.verify(good, { scopes: "x" }), 500, /^Bearer$/],
    [() => createVerifier({ issuer: ISSUER, audience: AUDIENCE, crypto: "x" }), 500, /^Bearer$/],
  ]) {
    let error;
    try {
      await call();
    } catch (thrown) {
      error = thrown;
    }
    assert.ok(isAuthError(error), String(error));
    const { response } = error;
    assert.equal(response.status, status);
    assert.match(response.headers["www-authenticate"], challenge);
    const said = JSON.parse(response.body);
    assert.deepEqual(Object.keys(said), ["code", "message"]);
    assert.equal(said.code, error.code);
    assert.ok(error.message.startsWith(said.message));
    const made = error.toResponse();
    assert.equal(made.status, status);
    for (const [name, value] of Object.entries(response.headers)) assert.equal(made.headers.get(name), value);
    assert.equal(await made.text(), response.body);
    // It is no member that a log would show.
    assert.notInclude(JSON.stringify(error), "www-authenticate");
  }
});

test("a host without Response has the response as data", async () => {
  const { verifier } = await verifierOf();
  const { Response } = globalThis;
  const error = await refused("token_malformed", () => verifier.verify("x"));
  try {
    globalThis.Response = undefined;
    assert.equal(error.response.status, 401);
  } finally {
    globalThis.Response = Response;
  }
});
