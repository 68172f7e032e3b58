// What a verifier remembers: tokens that it verified, and keys beyond its own life.

import { createVerifier, kvKeyStore, memoryKeyStore } from "countersign/edge";
import { assert } from "chai";

import { refused, test } from "./case.js";
import { newIssuer } from "./issuer.js";
import { AUDIENCE, ISSUER, jwks, key, newKey, token } from "./tokens.js";

test("a token that comes again is known by all of its characters and by what is required", async () => {
  const by = await key("ES256");
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by) });
  const good = await token(by, { scope: "read", nested: { list: [1] } });
  const verified = await verifier.verify(good, { scope: "read" });
  assert.strictEqual(await verifier.verify(good, { scope: "read" }), verified);
  assert.strictEqual(verifier.verifySync(good, { scope: "read" }), verified);
  // Another requirement is another question.
  await refused("insufficient_scope", () => verifier.verify(good, { scope: "write" }));
  await refused("insufficient_scope", () => verifier.verify(good, { scope: "read", anyScope: "write" }));
  assert.notStrictEqual(await verifier.verify(good), verified);
  // One character less or another.
  const last = good.at(-1) === "A" ? "Q" : "A";
  for (const other of [good.slice(0, -1), `${good.slice(0, -1)}${last}`, `${good}\n`, `${good}\n{}`, ` ${good}`]) {
    const error = await verifier.verify(other, { scope: "read" }).then(() => undefined, ({ code }) => code);
    assert.notEqual(error, undefined, JSON.stringify(other.slice(-3)));
  }
});

test("what is remembered is everybody's, and nobody can change it", async () => {
  const by = await key("ES256");
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by) });
  const good = await token(by, { roles: ["reader"], nested: { list: [1] } });
  const { claims, roles, header } = await verifier.verify(good);
  for (const change of [() => roles.push("admin"), () => (claims.sub = "x"), () => claims.nested.list.push(2), () => (header.alg = "none")]) {
    assert.throws(change, TypeError);
  }
  assert.deepEqual((await verifier.verify(good, { roles: "reader" })).roles, ["reader"]);
});

test("a token is not remembered beyond its end", async () => {
  const by = await key("ES256");
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by), clockTolerance: 10 });
  const good = await token(by, { exp: Date.now() / 1000 + 1 });
  const before = Date.now;
  const verified = await verifier.verify(good);
  try {
    Date.now = () => before() + 12_000;
    await refused("token_expired", () => verifier.verify(good));
    // Nor by a clock that was set back to before it was verified.
    Date.now = () => before() - 1500;
    assert.notStrictEqual(await verifier.verify(good), verified);
  } finally {
    Date.now = before;
  }
});

test("remember: 0 remembers nothing, and results are then the caller's own", async () => {
  const by = await key("ES256");
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by), remember: 0 });
  const good = await token(by);
  const verified = await verifier.verify(good);
  assert.notStrictEqual(await verifier.verify(good), verified);
  for (const remember of [-1, 1.5, "10", 1e9, null, NaN]) {
    await refused("invalid_option", async () => createVerifier({ issuer: ISSUER, audience: AUDIENCE, remember }).verify("x"));
  }
});

test("what a verifier remembers is bounded", async () => {
  const by = await key("ES256");
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by), remember: 2 });
  const tokens = [await token(by, { sub: "1" }), await token(by, { sub: "2" }), await token(by, { sub: "3" })];
  const first = [];
  for (const one of tokens) first.push(await verifier.verify(one));
  assert.strictEqual(await verifier.verify(tokens[2]), first[2]);
  assert.strictEqual(await verifier.verify(tokens[1]), first[1]);
  assert.notStrictEqual(await verifier.verify(tokens[0]), first[0]);
});

test("a function that decides about tenants is asked each time", async () => {
  const by = await key("ES256");
  let isAdmitted = true;
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by), tenants: () => isAdmitted });
  const good = await token(by);
  await verifier.verify(good);
  isAdmitted = false;
  await refused("tenant_refused", () => verifier.verify(good));
});

test("RFC 9111 4.2: keys of a store are as old as they are, and the issuer is asked for newer ones", async (provider) => {
  const [old, renewed] = [await key("ES256"), await key("RS256")];
  const issuer = await newIssuer(provider);
  await issuer.publish(old);
  const keyStore = memoryKeyStore();
  const make = (audience, store) => createVerifier({ issuer: issuer.issuer, audience, keyStore: store });
  const of = async (by, aud) => issuer.token(by, { aud });
  await make("a", keyStore).verify(await of(old, "a"));
  assert.deepEqual(await issuer.requests(), { metadata: 1, keys: 1, others: 0 });
  // Another process.
  const carried = memoryKeyStore(JSON.stringify(keyStore));
  const second = make("b", carried);
  await second.verify(await of(old, "b"));
  assert.deepEqual(await issuer.requests(), { metadata: 1, keys: 1, others: 0 });
  await issuer.publish(renewed);
  await second.verify(await of(renewed, "b"));
  assert.equal((await issuer.requests()).keys, 2);
  // What it was told is in the store for the next.
  await make("c", memoryKeyStore(JSON.stringify(carried))).verify(await of(renewed, "c"));
  assert.equal((await issuer.requests()).keys, 2);
});

test("a store that fails, lies or is empty costs a request", async (provider) => {
  const by = await key("ES256");
  const issuer = await newIssuer(provider);
  await issuer.publish(by);
  const fail = () => Promise.reject(new Error("down"));
  const throws = () => {
    throw new Error("down");
  };
  const put = () => {};
  const entries = [null, {}, { body: 5, storedAt: Date.now() }, { body: "{}", storedAt: Date.now() + 1e9 }, { body: "{}", storedAt: 0 }, { body: "{}" }];
  const stores = [{ get: fail, put: fail }, { get: throws, put: throws }, ...entries.map((entry) => ({ get: () => entry, put }))];
  for (const [number, keyStore] of stores.entries()) {
    const verifier = createVerifier({ issuer: issuer.issuer, audience: `a${number}`, keyStore });
    await verifier.verify(await issuer.token(by, { aud: `a${number}` }));
  }
  for (const keyStore of [{}, { get: () => {} }, 5, null]) {
    await refused("invalid_option", async () => createVerifier({ issuer: ISSUER, audience: AUDIENCE, keyStore }).verify("x"));
  }
});

test("Workers KV keeps keys for a day", async (provider) => {
  const by = await key("ES256");
  const issuer = await newIssuer(provider);
  await issuer.publish(by);
  const kept = new Map();
  const namespace = {
    get: async (name, type) => (type === "json" ? JSON.parse(kept.get(name)?.[0] ?? "null") : undefined),
    put: async (name, value, options) => void kept.set(name, [value, options]),
  };
  for (const audience of ["kv1", "kv2"]) {
    await createVerifier({ issuer: issuer.issuer, audience, keyStore: kvKeyStore(namespace) }).verify(await issuer.token(by, { aud: audience }));
  }
  assert.deepEqual(await issuer.requests(), { metadata: 1, keys: 1, others: 0 });
  assert.isTrue([...kept.values()].every(([, { expirationTtl }]) => expirationTtl === 86_400));
});

test("prefetch has the keys of all issuers ready for verifySync", async (provider) => {
  const by = await key("ES256");
  const issuers = [await newIssuer(provider), await newIssuer(provider)];
  for (const issuer of issuers) await issuer.publish(by);
  const verifier = createVerifier({ issuer: issuers.map(({ issuer }) => issuer), audience: AUDIENCE });
  await verifier.prefetch();
  for (const issuer of issuers) assert.equal(verifier.verifySync(await issuer.token(by)).issuer, issuer.issuer);
  await verifier.prefetch();
  for (const issuer of issuers) assert.equal((await issuer.requests()).keys, 1);
  const missing = await newIssuer(provider);
  await refused("keys_unavailable", () => createVerifier({ issuer: missing.issuer, audience: AUDIENCE }).prefetch());
  await createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by) }).prefetch();
});

test("tokens of several issuers at once, each with its own key set, are all decided about", async (provider) => {
  const issuers = [await newIssuer(provider), await newIssuer(provider), await newIssuer(provider)];
  const keys = [await key("ES256"), await key("ES384"), await key("RS256")];
  for (const [place, issuer] of issuers.entries()) await issuer.publish(keys[place]);
  const verifier = createVerifier({ issuer: issuers.map(({ issuer }) => issuer), audience: AUDIENCE });
  const tokens = await Promise.all(issuers.map((issuer, place) => issuer.token(keys[place])));
  await verifier.prefetch();
  for (let round = 0; round < 3; round += 1) {
    const results = await Promise.all([...tokens, ...tokens.toReversed()].map((one) => verifier.verify(one)));
    assert.deepEqual(results.map(({ issuer }) => issuer).slice(0, 3), issuers.map(({ issuer }) => issuer));
  }
});

test("the requirement is the one of the call, whatever becomes of the object", async (provider) => {
  const issuer = await newIssuer(provider);
  const by = await key("ES256");
  await issuer.publish(by);
  const good = await issuer.token(by, { scope: "user" });
  for (const change of [(given) => (given.scope = "user"), (given) => delete given.scope]) {
    const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE });
    for (const call of [(given) => verifier.verify(good, given), (given) => verifier.authenticate({ headers: { authorization: `Bearer ${good}` } }, given)]) {
      const requirement = { scope: "admin" };
      const outcome = call(requirement).catch((error) => error);
      change(requirement);
      const error = await outcome;
      assert.equal(error.code, "insufficient_scope");
      assert.match(error.response.headers["www-authenticate"], /scope="admin"/);
    }
  }
});

test("RFC 7517 4.5: a stored key set does not settle that a key is unknown", async (provider) => {
  const [old, renewed] = [await key("ES256"), await key("ES384")];
  const issuer = await newIssuer(provider);
  await issuer.publish(renewed);
  const storedAt = Date.now() - 3_600_000;
  const store = memoryKeyStore({
    [`${issuer.issuer}/.well-known/openid-configuration`]: { body: JSON.stringify({ issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/jwks` }), storedAt },
    [`${issuer.issuer}/jwks`]: { body: JSON.stringify(jwks(old)), storedAt },
  });
  const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, keyStore: store });
  assert.equal((await verifier.verify(await issuer.token(renewed))).issuer, issuer.issuer);
});

test("a token is forgotten when its key is withdrawn", async (provider) => {
  const [old, renewed] = [await key("ES256"), await key("ES384")];
  const issuer = await newIssuer(provider);
  await issuer.publish(old);
  const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE });
  const good = await issuer.token(old);
  await verifier.verify(good);
  await issuer.publish(renewed);
  await verifier.verify(await issuer.token(renewed));
  await refused("key_unknown", () => verifier.verify(good));
});

test("verifiers that fetch by other means have keys of their own", async (provider) => {
  const [one, other] = [await key("ES256"), await newKey("ES256", "ES256-1")];
  const issuer = await newIssuer(provider);
  const serving = (by) => async (url) => Response.json(url.endsWith("/jwks") ? jwks(by) : { issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/jwks` });
  const make = (by) => createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, fetch: serving(by) });
  const [first, second] = [make(one), make(other)];
  await first.verify(await issuer.token(one));
  await second.verify(await issuer.token(other));
  await refused("signature_invalid", async () => second.verify(await issuer.token(one)));
});

test("what is no token is none, though it looks like a remembered one with its requirement", async () => {
  const by = await key("ES256");
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by) });
  const good = await token(by, { scope: "read" });
  await verifier.verify(good, { scope: "read" });
  await verifier.verify(good);
  for (const close of [`${good}\n{"scope":["read"]}`, `\n${good}`]) {
    for (const requirement of [undefined, { scope: "read" }]) await refused("token_encoding_invalid", () => verifier.verify(close, requirement));
  }
  for (const wrong of [[good], { toString: () => good }, { toString: "x" }, Symbol("x"), Object.create(null), 5, null]) {
    for (const requirement of [undefined, { scope: "read" }]) {
      await refused("token_malformed", () => verifier.verify(wrong, requirement));
      await refused("token_malformed", async () => verifier.verifySync(wrong, requirement));
    }
  }
});

test("claims may be nested as deep as a token is long", async () => {
  const by = await key("ES256");
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by) });
  const deep = JSON.parse(`${"[".repeat(100)}${"]".repeat(100)}`);
  const { claims } = await verifier.verify(await token(by, { deep }));
  assert.isTrue(Object.isFrozen(claims.deep[0][0][0]));
});

test("nothing is taken from a prototype that somebody polluted", async () => {
  const [by, forger] = [await key("ES256"), await newKey("ES256", "ES256-1")];
  const forged = await token(forger);
  const polluted = { jwks: JSON.stringify(jwks(forger)), metadata: "{}", user: {}, fetch: () => {} };
  for (const [name, value] of Object.entries(polluted)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
    try {
      await refused("signature_invalid", () => createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by) }).verify(forged, { scope: "x" }));
    } finally {
      delete Object.prototype[name];
    }
  }
});

test("an error of the caller's function is the cause of ours", async () => {
  const by = await key("ES256");
  const good = await token(by);
  for (const thrown of [new Error("down"), "code=5", undefined]) {
    for (const tenants of [() => { throw thrown; }, () => Promise.reject(thrown)]) { // prettier-ignore
      const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by), tenants });
      const error = await refused("invalid_option", () => verifier.verify(good));
      assert.strictEqual(error.cause, thrown);
      await refused("invalid_option", async () => verifier.verifySync(good));
    }
  }
});
