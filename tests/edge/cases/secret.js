// Tokens that are signed with a secret: HMAC, RFC 7518 section 3.2, and its rules in RFC 8725.

import { createVerifier } from "countersign/edge";
import { assert } from "chai";
import { base64url, SignJWT } from "jose";

import { refused, test } from "./case.js";
import { AUDIENCE, claims, ISSUER, jwks, key, token } from "./tokens.js";
import { forEachWay } from "./ways.js";

const LENGTHS = { HS256: 32, HS384: 48, HS512: 64 };

const secretOf = (length) => crypto.getRandomValues(new Uint8Array(length));
const signed = (secret, alg, header = {}) => new SignJWT(claims()).setProtectedHeader({ alg, ...header }).sign(secret);

forEachWay((way, verifier) => {
  for (const [alg, length] of Object.entries(LENGTHS)) {
    test(`RFC 7518 3.2 (${way}): an ${alg} token of the secret's is good, and no other`, async () => {
      const secret = secretOf(length);
      const verify = verifier({ secret: { algorithm: alg, key: secret } });
      const good = await signed(secret, alg);
      const { claims } = await verify(good);
      assert.equal(claims.sub, "alice");
      await verify(await signed(secret, alg, { kid: "any" }));
      const [header, payload, signature] = good.split(".");
      const other = base64url.encode(JSON.stringify({ ...claims, sub: "mallory" }));
      for (const forged of [
        await signed(secretOf(length), alg),
        `${header}.${other}.${signature}`,
        `${header}.${payload}.${base64url.encode(new Uint8Array(length))}`,
        `${header}.${payload}.`,
        `${header}.${payload}.${base64url.encode(base64url.decode(signature).slice(0, -1))}`,
        `${header}.${payload}.${base64url.encode(base64url.decode(signature).slice(0, length / 2))}`,
      ]) {
        await refused("signature_invalid", () => verify(forged));
      }
      const another = alg === "HS256" ? "HS512" : "HS256";
      await refused("algorithm_not_allowed", async () => verify(await signed(secretOf(64), another)));
    });
  }

  test(`RFC 8725 2.1 (${way}): what signs by a public key's text is not a secret`, async () => {
    const by = await key("RS256");
    const verify = verifier({ jwks: jwks(by) });
    for (const secret of [JSON.stringify(by.jwk), by.jwk.n]) {
      const forged = await signed(new TextEncoder().encode(secret), "HS256", { kid: by.kid });
      await refused("algorithm_symmetric", () => verify(forged));
    }
    const bySecret = verifier({ secret: { algorithm: "HS256", key: secretOf(32) } });
    await refused("algorithm_not_allowed", async () => bySecret(await token(by)));
    await refused("algorithm_none", () => bySecret(`${base64url.encode('{"alg":"none"}')}.e30.`));
  });
});

test("RFC 7518 3.2: a secret is bytes, as long as the hash of its algorithm", async () => {
  const made = (secret) => createVerifier({ issuer: ISSUER, audience: AUDIENCE, secret });
  const algorithm = "HS256";
  const wrong = [undefined, null, "", "s".repeat(64), 1, {}, [], Array(32).fill(1)];
  for (const secret of [...wrong, secretOf(32), ...wrong.map((key) => ({ algorithm, key }))]) await refused("invalid_option", () => made(secret).verify("x"));
  for (const [alg, length] of Object.entries(LENGTHS)) {
    for (const shorter of [0, 1, length - 1]) {
      await refused("invalid_option", () => made({ algorithm: alg, key: secretOf(shorter) }).verify("x"));
    }
  }
  const key = secretOf(32);
  for (const bytes of [key, key.buffer, new DataView(key.buffer), new Uint16Array(key.buffer), new Uint8Array([0, ...key, 0]).subarray(1, 33)]) {
    await made({ algorithm, key: bytes }).verify(await signed(key, algorithm));
  }
});

test("RFC 8725 3.1: a secret has one algorithm and stands beside no public key of its issuer", async () => {
  const by = await key("RS256");
  const secret = { algorithm: "HS256", key: secretOf(64) };
  const made = (options) => createVerifier({ issuer: ISSUER, audience: AUDIENCE, ...options });
  for (const options of [
    { secret: { key: secret.key } },
    { secret: { ...secret, algorithm: ["HS256", "HS512"] } },
    { secret: { ...secret, algorithm: "RS256" } },
    { secret: { ...secret, algorithm: "none" } },
    { secret, jwks: jwks(by) },
    { secret, jwksUri: "https://login.example/keys" },
    { algorithms: ["HS256"] },
    { algorithms: ["HS256"], secret },
    { algorithms: ["RS256", "HS256"], jwks: jwks(by) },
  ]) {
    await refused("invalid_option", () => made(options).verify("x"));
  }
  const other = "https://other.example";
  const verifier = made({ issuer: [{ issuer: ISSUER, jwks: jwks(by) }, { issuer: other, secret }] });
  const hmac = (iss) => new SignJWT(claims({ iss })).setProtectedHeader({ alg: "HS256", kid: by.kid }).sign(secret.key);
  await verifier.verify(await token(by));
  await verifier.verify(await hmac(other));
  await refused("algorithm_symmetric", async () => verifier.verify(await hmac(ISSUER)));
  await refused("algorithm_not_allowed", async () => verifier.verify(await token(by, { iss: other })));
});

test("a secret is in no error, and not in what a verifier shows", async () => {
  const secret = new TextEncoder().encode("s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr3t");
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, secret: { algorithm: "HS256", key: secret } });
  const texts = [base64url.encode(secret), "s3cr3t"];
  for (const bad of ["x", await signed(secretOf(32), "HS256"), await signed(secret, "HS256", { crit: ["x"] }).catch(() => "y")]) {
    const error = await verifier.verify(bad).catch((thrown) => thrown);
    for (const text of texts) assert.notInclude([error.message, error.stack, JSON.stringify(error), error.response.body].join(), text);
  }
  for (const text of texts) assert.notInclude(JSON.stringify(verifier), text);
});
