// Many verifications at once: they share one memory, and each has its own result.

import { createVerifier } from "countersign/edge";
import { assert } from "chai";

import { test } from "./case.js";
import { newIssuer } from "./issuer.js";
import { ALGORITHMS, AUDIENCE, ISSUER, jwks, key, newKey, token } from "./tokens.js";

/** A hundred tokens, each different, a good part of them not good; with what is to be said of each. */
async function hundred(by, iss = ISSUER) {
  const forger = await newKey("ES256", "ES256-1");
  return Promise.all(
    Array.from({ length: 100 }, async (_, number) => {
      const signer = by[number % by.length];
      const sub = `user-${number}`;
      const padding = "x".repeat((number * 37) % 3000);
      const given = { iss, sub, padding, scope: `s${number}` };
      const requirement = number % 3 === 0 ? undefined : { scope: `s${number}` };
      switch (number % 10) {
        case 3:
          return { signed: await token(signer, { ...given, exp: 1 }), requirement, expected: "token_expired" };
        case 5:
          return { signed: await token(forger, given), requirement, expected: "signature_invalid" };
        case 7:
          return { signed: await token(signer, given), requirement: { scope: `s${number + 1}` }, expected: "insufficient_scope" };
        case 9:
          return { signed: "x".repeat(number), requirement, expected: "token_malformed" };
        default:
          return { signed: await token(signer, given), requirement, expected: { sub, padding } };
      }
    }),
  );
}

async function outcomes(verify, tokens) {
  return Promise.all(
    tokens.map(async ({ signed, requirement }) => {
      try {
        const { claims } = await verify(signed, requirement);
        return { sub: claims.sub, padding: claims.padding };
      } catch (error) {
        return error.code ?? String(error);
      }
    }),
  );
}

for (const crypto of ["host", "rust", "auto"]) {
  test(`a hundred verifications at once have each its own result (${crypto})`, async () => {
    const by = await Promise.all(ALGORITHMS.map((alg) => key(alg)));
    const tokens = await hundred(by);
    const expected = tokens.map(({ expected }) => expected);
    const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(...by), crypto });
    const verify = (signed, requirement) => verifier.verify(signed, requirement);
    // Cold, with the keys to import, and then warm.
    assert.deepEqual(await outcomes(verify, tokens), expected);
    assert.deepEqual(await outcomes(verify, tokens.toReversed()), expected.toReversed());
  });

  test(`a hundred requests at once, with the keys still to be fetched (${crypto})`, async (provider) => {
    const by = await Promise.all(ALGORITHMS.map((alg) => key(alg)));
    const issuer = await newIssuer(provider);
    await issuer.publish(...by);
    const tokens = await hundred(by, issuer.issuer);
    const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, crypto });
    const verify = (signed, requirement) => verifier.verify(signed, requirement);
    assert.deepEqual(await outcomes(verify, tokens), tokens.map(({ expected }) => expected));
  });
}

test("a hundred requests at once ask for the keys once", async (provider) => {
  const by = await key("ES256");
  const issuer = await newIssuer(provider);
  await issuer.publish(by);
  const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE });
  const atOnce = (signed) => Promise.all(Array.from({ length: 100 }, () => verifier.verify(signed).catch(({ code }) => code)));

  const good = await issuer.token(by);
  assert.isTrue((await atOnce(good)).every(({ claims }) => claims?.sub === "alice"));
  assert.deepEqual(await issuer.requests(), { metadata: 1, keys: 1, others: 0 });
  const refusals = await atOnce(await issuer.token(by, {}, { kid: "invented" }));
  assert.deepEqual(new Set(refusals), new Set(["key_unknown"]));
  assert.deepEqual(await issuer.requests(), { metadata: 1, keys: 2, others: 0 });
});

test("verifiers of one issuer that are made for each request fetch its keys once", async (provider) => {
  const by = await key("ES256");
  const issuer = await newIssuer(provider);
  await issuer.publish(by);
  const good = await issuer.token(by);
  for (let time = 0; time < 10; time += 1) await createVerifier({ issuer: issuer.issuer, audience: AUDIENCE }).verify(good);
  assert.deepEqual(await issuer.requests(), { metadata: 1, keys: 1, others: 0 });
});

test("more verifiers than are kept decide each by its own options", async () => {
  const by = await key("ES256");
  const verifiers = Array.from({ length: 200 }, (_, number) => createVerifier({ issuer: ISSUER, audience: `a${number}`, jwks: jwks(by) }));
  for (let round = 0; round < 2; round += 1) {
    for (const [number, verifier] of verifiers.entries()) {
      const [own, other] = [await token(by, { aud: `a${number}` }), await token(by, { aud: `a${number + 1}` })];
      const found = await Promise.all([own, other].map((signed) => verifier.verify(signed).then(({ claims }) => claims.aud, ({ code }) => code)));
      assert.deepEqual(found, [`a${number}`, "token_audience_mismatch"]);
    }
  }
});

test("a verifier in use keeps its keys while many others come and go", async (provider) => {
  const by = await key("ES256");
  const issuer = await newIssuer(provider);
  await issuer.publish(by);
  const [used, good] = [createVerifier({ issuer: issuer.issuer, audience: AUDIENCE }), await issuer.token(by)];
  for (let number = 0; number < 200; number += 1) {
    await used.verify(good);
    await createVerifier({ issuer: ISSUER, audience: `passing${number}`, jwks: jwks(by) }).verify("no token").catch(() => {});
  }
  assert.deepEqual(await issuer.requests(), { metadata: 1, keys: 1, others: 0 });
});

test("more verifiers than are kept can all begin at once", async (provider) => {
  const by = await key("ES256");
  const issuer = await newIssuer(provider);
  await issuer.publish(by);
  for (const crypto of ["auto", "rust"]) {
    const audiences = Array.from({ length: 100 }, (_, number) => `${crypto}${number}`);
    const verified = audiences.map(async (audience) => {
      const signed = await issuer.token(by, { aud: audience });
      const { claims } = await createVerifier({ issuer: issuer.issuer, audience, crypto }).verify(signed);
      return claims.aud;
    });
    assert.deepEqual(await Promise.all(verified), audiences);
  }
});

test("verifySync between the steps of verify does not disturb it", async () => {
  const by = await key("RS256");
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by) });
  const [one, two] = [await token(by, { sub: "one" }), await token(by, { sub: "two", fill: "x".repeat(5000) })];
  for (let round = 0; round < 3; round += 1) {
    const pending = verifier.verify(one);
    assert.equal(verifier.verifySync(two).claims.sub, "two");
    assert.equal((await pending).claims.sub, "one");
  }
});

test("verifiers with other options share only the module", async () => {
  const by = await key("ES256");
  const verifiers = ["a", "b", "c"].map((audience) => createVerifier({ issuer: ISSUER, audience, jwks: jwks(by) }));
  const tokens = await Promise.all(["a", "b", "c"].map((aud) => token(by, { aud })));
  const found = await Promise.all(verifiers.flatMap((verifier) => tokens.map((signed) => verifier.verify(signed).then(({ claims }) => claims.aud, ({ code }) => code))));
  const no = "token_audience_mismatch";
  assert.deepEqual(found, ["a", no, no, no, "b", no, no, no, "c"]);
});

test("a token that makes the memory grow does not lose the one before", async () => {
  const by = await key("ES256");
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by) });
  const small = await token(by, { sub: "small" });
  const large = await token(by, { sub: "large", fill: "y".repeat(45_000) });
  const found = await Promise.all([small, large, small, large].map(async (signed) => (await verifier.verify(signed)).claims.sub));
  assert.deepEqual(found, ["small", "large", "small", "large"]);
  assert.equal((await verifier.verify(large)).claims.fill.length, 45_000);
});
