// Key sets and the choice of a key: RFC 7517 and RFC 7518.

import { createVerifier } from "countersign/edge";
import { assert } from "chai";
import { base64url } from "jose";

import { refused, test } from "./case.js";
import { AUDIENCE, claims, ISSUER, jwks, key, newKey, token, tokenOf } from "./tokens.js";
import { forEachWay } from "./ways.js";

const without = (jwk, ...names) => Object.fromEntries(Object.entries(jwk).filter(([name]) => !names.includes(name)));

forEachWay((way, verifier) => {
  test(`RFC 7517 4.5 (${way}): kid chooses the key`, async () => {
    const [one, two] = [await key("ES256", "one"), await key("ES256", "two")];
    const verify = verifier({ jwks: jwks(one, two) });
    await verify(await token(one));
    await verify(await token(two));
    await refused("signature_invalid", async () => verify(await token(one, {}, { kid: "two" })));
    await refused("key_unknown", async () => verify(await token(one, {}, { kid: "three" })));
    await refused("key_unknown", async () => verify(await token(one, {}, { kid: "" })));
    await refused("token_json_invalid", async () => verify(await token(one, {}, { kid: 1 })));
  });

  test(`RFC 7517 4.5 (${way}): without kid, the one key that fits is taken, and never one of two`, async () => {
    const [one, two, other] = [await key("ES256", "one"), await key("ES256", "two"), await key("RS256")];
    await verifier({ jwks: jwks(one, other) })(await token(one, {}, { kid: undefined }));
    await refused("key_ambiguous", async () => verifier({ jwks: jwks(one, two) })(await token(one, {}, { kid: undefined })));
    await refused("key_unknown", async () => verifier({ jwks: jwks(other) })(await token(one, {}, { kid: undefined })));
  });

  test(`RFC 7517 4.5 (${way}): two keys under one kid are told apart by their type, and by nothing else`, async () => {
    const [ec, rsa, twin] = [await newKey("ES256", "same"), await key("RS256", "same"), await newKey("ES256", "same")];
    const verify = verifier({ jwks: jwks(ec, rsa) });
    await verify(await token(ec));
    await verify(await token(rsa));
    await refused("key_ambiguous", async () => verifier({ jwks: jwks(ec, twin) })(await token(ec)));
  });

  test(`RFC 7517 5 (${way}): keys of unknown type, broken ones and what is no key have no effect on the others`, async () => {
    const by = await key("ES256");
    const strange = [
      { kty: "AKP", alg: "ML-DSA-44", kid: "pq", pub: "AAAA" },
      { kty: "oct", kid: "secret", k: "c2VjcmV0" },
      { kty: "EC", crv: "P-192", kid: "k1", x: by.jwk.x, y: by.jwk.y },
      { kty: "RSA", kid: "empty" },
      { kid: "nothing" },
      {},
      null,
      1,
      "key",
      [],
    ];
    const verify = verifier({ jwks: { keys: [...strange, by.jwk, ...strange] } });
    await verify(await token(by));
    for (const kid of ["pq", "secret", "k1", "nothing"]) {
      await refused("key_type_unsupported", async () => verify(await token(by, {}, { kid })));
    }
    await refused("key_invalid", async () => verify(await token(by, {}, { kid: "empty" })));
  });

  test(`RFC 8725 3.1 (${way}): a key of another type, algorithm or use than the token needs is refused`, async () => {
    const by = await key("RS256");
    const ec = await key("ES256");
    const p384 = await key("ES384");
    for (const jwk of [
      { ...ec.jwk, alg: undefined },
      { ...p384.jwk, alg: undefined },
      { ...by.jwk, alg: "PS256" },
      { ...by.jwk, alg: "RS512" },
      { ...by.jwk, alg: "RSA-OAEP" },
      { ...by.jwk, use: "enc" },
      { ...by.jwk, key_ops: ["encrypt"] },
      { ...by.jwk, key_ops: [] },
    ]) {
      const verify = verifier({ jwks: { keys: [{ ...jwk, kid: by.kid }] } });
      await refused("key_type_mismatch", async () => verify(await token(by)));
    }
    const verify = verifier({ jwks: { keys: [{ ...p384.jwk, alg: undefined, kid: ec.kid }] } });
    await refused("key_type_mismatch", async () => verify(await token(ec)));
    for (const names of [["alg"], ["use"], ["alg", "use"]]) {
      await verifier({ jwks: { keys: [without(by.jwk, ...names)] } })(await token(by));
    }
  });

  test(`RFC 7518 3.3 (${way}): an RSA key of 1024 bits is refused, though its signature is right`, async () => {
    const short = await newKey("RS256", "short", { modulusLength: 1024 });
    assert.equal(base64url.decode(short.jwk.n).length, 128);
    const signed = tokenOf(short, JSON.stringify({ alg: short.alg, kid: short.kid }), JSON.stringify(claims()));
    await refused("key_invalid", async () => verifier({ jwks: jwks(short) })(await signed));
  });

  test(`RFC 7517 5 (${way}): a malformed key is refused by its own code`, async () => {
    const [rsa, ec] = [await key("RS256"), await key("ES256")];
    for (const [by, change] of [
      [rsa, { n: undefined }],
      [rsa, { n: `${rsa.jwk.n}==` }],
      [rsa, { n: "A".repeat(1400) }],
      [rsa, { e: "" }],
      [rsa, { e: "AQ" }],
      [rsa, { e: "AAE" }],
      [rsa, { e: "AQAA" }],
      [rsa, { n: base64url.encode(new Uint8Array([0, ...base64url.decode(rsa.jwk.n)])) }],
      [ec, { issuer: 1 }],
      [ec, { issuer: null }],
      [rsa, { e: 65537 }],
      [ec, { x: ec.jwk.x.slice(0, -4) }],
      [ec, { y: undefined }],
    ]) {
      const verify = verifier({ jwks: { keys: [{ ...by.jwk, ...change }] } });
      await refused("key_invalid", async () => verify(await token(by)));
    }
  });

  test(`RFC 7517 5 (${way}): what is no key set is refused`, async () => {
    const signed = await token(await key("ES256"));
    for (const set of ["", "x", "[]", "null", "{}", '{"keys":{}}', '{"keys":"x"}', '{"keys":1}', "<!doctype html>", " ".repeat(600_000) + '{"keys":[]}']) {
      await refused("jwks_invalid", async () => verifier({ jwks: set })(signed));
    }
    await refused("key_unknown", async () => verifier({ jwks: { keys: [] } })(signed));
  });
});

test("RFC 7518 6.2.1: a point that is not on its curve is told as that, also by the host's crypto alone", async () => {
  const by = await newKey("ES256", "off the curve");
  const signed = await token(by);
  by.jwk = { ...by.jwk, y: by.jwk.x };
  for (const crypto of ["host", "rust", "auto"]) {
    const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by), crypto });
    for (let call = 0; call < 2; call += 1) await refused("key_invalid", () => verifier.verify(signed));
  }
});

test("RFC 7517 4.5: of a thousand keys the token's is chosen by its kid", async () => {
  const by = await key("ES256");
  const others = Array.from({ length: 999 }, (_, place) => ({ ...by.jwk, kid: `other-${place}` }));
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: { keys: [...others.slice(500), by.jwk, ...others.slice(0, 500)] } });
  assert.equal((await verifier.verify(await token(by))).claims.sub, "alice");
  await refused("key_unknown", async () => verifier.verify(await token(by, {}, { kid: "other-999" })));
  await refused("key_ambiguous", async () => verifier.verify(await token(by, {}, { kid: undefined })));
});
