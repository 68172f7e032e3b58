// The response to a request: RFC 6750.

import { createVerifier } from "countersign/edge";
import { assert } from "chai";
import { base64url } from "jose";

import { refused, test } from "./case.js";
import { newIssuer } from "./issuer.js";
import { AUDIENCE, ISSUER, jwks, key, token } from "./tokens.js";

const request = (authorization) => new Request("https://api.example/notes", { headers: authorization === undefined ? {} : { authorization } });

async function verifierOf(options) {
  const by = await key("ES256");
  return { by, verifier: createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by), ...options }) };
}

/** Asserts the whole response. */
async function responded({ status, challenge, code }, call) {
  const error = await refused(code, call);
  const response = error.toResponse();
  assert.equal(response.headers.has("retry-after"), status === 503);
  assert.equal(response.status, status);
  assert.equal(response.headers.get("www-authenticate"), challenge);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.match(response.headers.get("content-type"), /^application\/json\b/);
  const { detail } = error;
  const message = detail === undefined ? error.message : error.message.replace(` (${detail})`, "");
  assert.deepEqual(await response.json(), { code, message });
  // A response can be made more than once.
  assert.equal(error.toResponse().status, status);
}

test("RFC 6750 2.1: the token is taken from the Authorization header, whatever the case of the scheme", async () => {
  const { by, verifier } = await verifierOf();
  const good = await token(by);
  for (const scheme of ["Bearer", "bearer", "BEARER"]) {
    const { claims } = await verifier.authenticate(request(`${scheme} ${good}`));
    assert.equal(claims.sub, "alice");
  }
  await verifier.authenticate({ headers: { authorization: `Bearer ${good}` } });
  await verifier.authenticate({ headers: new Headers({ Authorization: `Bearer ${good}` }) });
});

test("RFC 6750 3.1: a request without a token is told the scheme and no error", async () => {
  const { verifier } = await verifierOf();
  for (const header of [undefined, "", "Basic YTpi", "Bearerx y"]) {
    await responded({ status: 401, challenge: "Bearer", code: "credentials_missing" }, () => verifier.authenticate(request(header)));
  }
  await responded({ status: 401, challenge: "Bearer", code: "credentials_missing" }, () => verifier.authenticate({ headers: {} }));
});

test("RFC 6750 3.1: a malformed header is a bad request", async () => {
  const { verifier } = await verifierOf();
  const challenge = 'Bearer error="invalid_request", error_description="The request\'s Authorization header is malformed; send Bearer, a space and the token."';
  for (const header of ["Bearer", "Bearer a b", "Bearer a,b", 'Bearer "a"', "Bearer a.b.c, Bearer d.e.f"]) {
    await responded({ status: 400, challenge, code: "credentials_malformed" }, () => verifier.authenticate(request(header)));
  }
});

test("RFC 6750 3.1: a token that is not good is invalid_token", async () => {
  const { by, verifier } = await verifierOf();
  for (const [signed, code, description] of [
    [await token(by, { exp: 1 }), "token_expired", "The token has expired; get a new one."],
    [await token(by, { aud: "x" }), "token_audience_mismatch", "The token is for another audience; check the audience that was asked for and the one that is accepted."],
    [`${await token(by)}=`, "token_encoding_invalid", "A part of the token is not canonical base64url; get a new token."],
    ["x", "token_malformed", "The token is not a JWS in compact serialization; ask the issuer for signed tokens that are not encrypted."],
    [`${(await token(by)).slice(0, -86)}${"A".repeat(86)}`, "signature_invalid", "The token's signature is wrong; get a new token."],
  ]) {
    const challenge = `Bearer error="invalid_token", error_description="${description}"`;
    await responded({ status: 401, challenge, code }, () => verifier.authenticate(request(`Bearer ${signed}`)));
  }
});

test("RFC 6750 3.1: a token that permits too little is insufficient_scope, and the scope is named", async () => {
  const { by, verifier } = await verifierOf({ scope: "read" });
  const insufficient = (description, scope) => `Bearer error="insufficient_scope", error_description="${description}", scope="${scope}"`;
  const header = `Bearer ${await token(by, { scope: "other" })}`;
  const code = "insufficient_scope";
  const description = "The token lacks a required scope; get one that has it.";
  await responded({ status: 403, challenge: insufficient(description, "read"), code }, () => verifier.authenticate(request(header)));
  for (const scope of ["write admin", ["write", "admin"], "write read admin"]) {
    await responded({ status: 403, challenge: insufficient(description, "read write admin"), code }, () => verifier.authenticate(request(header), { scope }));
  }
  const reader = `Bearer ${await token(by, { scope: "read" })}`;
  await responded({ status: 403, challenge: insufficient("The token lacks a required role; have it assigned and get a new token.", "read"), code: "insufficient_role" }, () =>
    verifier.authenticate(request(reader), { roles: "Admin" }),
  );
});

test("RFC 6750 3: what each kind needs is in the challenge too", async () => {
  const { by, verifier } = await verifierOf({ scope: "read", user: { scope: "write" } });
  const error = await refused("insufficient_scope", async () => verifier.authenticate(request(`Bearer ${await token(by)}`), { app: { scope: "do" } }));
  assert.include(error.toResponse().headers.get("www-authenticate"), 'scope="read write do"');
});

test("RFC 6749 3.3: a scope that a header cannot carry is the server's fault when it is required", async () => {
  const { by, verifier } = await verifierOf();
  const header = `Bearer ${await token(by)}`;
  for (const scope of ['a",x="b\\', "caf\u00e9", "\u0441", "a\nb", "a\u0000"]) {
    await responded({ status: 500, challenge: "Bearer", code: "invalid_option" }, () => verifier.authenticate(request(header), { scope }));
    const { verifier: other } = await verifierOf({ scope });
    await responded({ status: 500, challenge: "Bearer", code: "invalid_option" }, () => other.authenticate(request(header)));
  }
});

test("RFC 9110 15.6.4: keys that cannot be had are the server's fault, and no token's", async (provider) => {
  const by = await key("ES256");
  const issuer = await newIssuer(provider);
  const verifier = createVerifier({ issuer: issuer.issuer, audience: issuer.audience });
  const header = `Bearer ${await issuer.token(by)}`;
  await responded({ status: 503, challenge: "Bearer", code: "keys_unavailable" }, () => verifier.authenticate(request(header)));
});

test("RFC 9110 15.6.1: a mistake in the options is the server's fault, and no token's", async () => {
  const by = await key("ES256");
  const header = `Bearer ${await token(by)}`;
  for (const options of [{ audience: [] }, { issuer: "x" }]) {
    const { verifier } = await verifierOf(options);
    await responded({ status: 500, challenge: "Bearer", code: "invalid_option" }, () => verifier.authenticate(request(header)));
  }
  const { verifier } = await verifierOf();
  await responded({ status: 500, challenge: "Bearer", code: "invalid_option" }, () => verifier.authenticate(request(header), { scopes: "read" }));
  const { verifier: keyless } = await verifierOf({ jwks: "x" });
  await responded({ status: 500, challenge: "Bearer", code: "jwks_invalid" }, () => keyless.authenticate(request(header)));
});

test("RFC 6750 5.2: neither the error nor its response holds the token", async () => {
  const { by, verifier } = await verifierOf();
  for (const given of [{ exp: 1 }, { iss: "https://s3cr3t.example" }, { aud: "s3cr3t" }, { tid: "s3cr3t" }, { scope: "s3cr3t" }, { alg: "s3cr3t" }]) {
    const { alg, ...claims } = given;
    const signed = alg === undefined ? await token(by, claims) : `${base64url.encode(JSON.stringify(given))}.e30.AAAA`;
    const error = await verifier.authenticate(request(`Bearer ${signed}`), { scope: "read" }).catch((thrown) => thrown);
    assert.notInclude(await error.toResponse().text(), "s3cr3t");
    const said = [error.message, error.stack, JSON.stringify(error), await error.toResponse().text()].join();
    for (const part of signed.split(".")) assert.notInclude(said, part);
  }
});
