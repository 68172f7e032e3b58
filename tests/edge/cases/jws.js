// Signed messages without claims, as webhooks are: RFC 7515, its appendix F, and RFC 7797.

import { verifyJws } from "countersign/edge";
import { assert } from "chai";
import { base64url, CompactSign, FlattenedSign } from "jose";

import { refused, test } from "./case.js";
import { newIssuer } from "./issuer.js";
import { ALGORITHMS, FURTHER_ALGORITHMS, jwks, key, newKey, tokenOfParts } from "./tokens.js";

const text = new TextEncoder();
const BODY = text.encode('{"event":"paid","text":"caf\u00e9 $.02"}');

const sign = (by, payload = BODY, header = {}) => new CompactSign(payload).setProtectedHeader({ alg: by.alg, kid: by.kid, ...header }).sign(by.privateKey);

/** A message without its payload, by any algorithm. */
async function detached(by, payload = BODY) {
  const [header, , signature] = (await tokenOfParts(by, base64url.encode(JSON.stringify({ alg: by.alg, kid: by.kid })), base64url.encode(payload))).split(".");
  return `${header}..${signature}`;
}

/** The same over the payload as it is. */
async function unencoded(by, payload = BODY, header = {}) {
  const jws = await new FlattenedSign(payload)
    .setProtectedHeader({ alg: by.alg, kid: by.kid, b64: false, crit: ["b64"], ...header })
    .sign(by.privateKey);
  return `${jws.protected}..${jws.signature}`;
}

for (const crypto of ["auto", "rust", "host"]) {
  const all = crypto === "host" ? ALGORITHMS : [...ALGORITHMS, ...FURTHER_ALGORITHMS];

  test(`RFC 7515 5.2 (${crypto}): a message is opened by its key, by every algorithm, with its payload or without`, async () => {
    for (const alg of all) {
      const by = await key(alg);
      const options = { jwks: jwks(by), crypto };
      const jws = await tokenOfParts(by, base64url.encode(JSON.stringify({ alg, kid: by.kid, more: 1 })), base64url.encode(BODY));
      const { header, payload } = await verifyJws(jws, options);
      assert.deepEqual(header, { alg, kid: by.kid, more: 1 });
      assert.deepEqual([...payload], [...BODY]);
      const opened = await verifyJws(await detached(by), { ...options, payload: BODY });
      assert.deepEqual([...opened.payload], [...BODY]);
      const forger = await newKey(alg, by.kid);
      await refused("signature_invalid", async () => verifyJws(await detached(forger), { ...options, payload: BODY }));
      await refused("signature_invalid", async () => verifyJws(await detached(by), { ...options, payload: `${BODY} ` }));
    }
  });

  test(`RFC 7797 3 (${crypto}): a payload that is signed as it is`, async () => {
    const by = await key("ES256");
    const options = { jwks: jwks(by), crypto };
    for (const payload of [BODY, text.encode("$.02"), text.encode(""), new Uint8Array([0, 255, 46, 46])]) {
      const jws = await unencoded(by, payload);
      const opened = await verifyJws(jws, { ...options, payload });
      assert.deepEqual([...opened.payload], [...payload]);
      await refused("signature_invalid", () => verifyJws(jws, { ...options, payload: new Uint8Array([...payload, 0]) }));
    }
    // Without a dot it may stand in the message.
    const [header, , signature] = (await unencoded(by, text.encode("plain"))).split(".");
    const { payload } = await verifyJws(`${header}.plain.${signature}`, options);
    assert.equal(new TextDecoder().decode(payload), "plain");
    const spelled = await unencoded(by, BODY, { b64: true });
    await verifyJws(spelled, { ...options, payload: BODY });
  });

  test(`RFC 7518 3.2 (${crypto}): a message by a secret`, async () => {
    const secret = { algorithm: "HS256", key: globalThis.crypto.getRandomValues(new Uint8Array(32)) };
    const jws = await new CompactSign(BODY).setProtectedHeader({ alg: "HS256" }).sign(secret.key);
    assert.deepEqual([...(await verifyJws(jws, { secret, crypto })).payload], [...BODY]);
    await refused("signature_invalid", () => verifyJws(jws, { secret: { ...secret, key: new Uint8Array(32) }, crypto }));
    const by = await key("RS256");
    await refused("algorithm_symmetric", () => verifyJws(jws, { jwks: jwks(by), crypto }));
    await refused("algorithm_not_allowed", async () => verifyJws(await sign(by), { secret, crypto }));
  });
}

test("RFC 7797 6: another critical extension, or b64 of another type, is refused", async () => {
  const by = await key("ES256");
  const options = { jwks: jwks(by), payload: BODY };
  for (const change of [{ crit: ["b64", "exp"] }, { crit: ["x"] }, { crit: [] }, { crit: "b64" }, { crit: ["b64"], b64: "false" }, { crit: ["b64"], b64: undefined }, { crit: ["b64", "b64"] }]) {
    const header = base64url.encode(JSON.stringify({ alg: by.alg, kid: by.kid, b64: false, ...change }));
    await refused("critical_header_unknown", () => verifyJws(`${header}..AAAA`, options));
  }
});

test("RFC 7515 F: a payload in the message and another beside it are one too many", async () => {
  const by = await key("ES256");
  const jws = await sign(by);
  await refused("token_malformed", () => verifyJws(jws, { jwks: jwks(by), payload: BODY }));
  await refused("token_malformed", () => verifyJws(jws, { jwks: jwks(by), payload: "" }));
});

test("RFC 7515 5.2: what is no message, or not by an accepted algorithm, is refused", async () => {
  const by = await key("ES256");
  const options = { jwks: jwks(by) };
  const good = await sign(by);
  for (const [code, jws] of [
    ["token_malformed", "x"],
    ["token_malformed", `${good}.x`],
    ["token_malformed", undefined],
    ["token_malformed", text.encode(good)],
    ["token_too_large", "a".repeat(65_537)],
    ["token_encoding_invalid", `${good}=`],
    ["token_json_invalid", "e30.e30.AAAA"],
    ["algorithm_none", `${base64url.encode('{"alg":"none"}')}.e30.`],
    ["signature_invalid", good.slice(0, good.lastIndexOf(".") + 1)],
    ["key_unknown", await sign(by, BODY, { kid: "other" })],
  ]) {
    await refused(code, () => verifyJws(jws, options));
  }
  await refused("algorithm_not_allowed", () => verifyJws(good, { ...options, algorithms: ["EdDSA"] }));
  await verifyJws(good, { ...options, algorithms: ["ES256"] });
});

test("RFC 7515 5.2: an option that is missing, unknown, empty or of the wrong type is refused", async () => {
  const by = await key("ES256");
  const good = await sign(by);
  const keys = { jwks: jwks(by) };
  for (const options of [
    undefined,
    {},
    { jwks: undefined },
    { ...keys, jwksUri: "https://sender.example/keys" },
    { jwksUri: "http://sender.example/keys" },
    { jwksUri: "keys" },
    { ...keys, issuer: "https://sender.example" },
    { ...keys, algorithms: [] },
    { ...keys, algorithms: undefined },
    { ...keys, algorithms: ["HS256"] },
    { ...keys, payload: undefined },
    { ...keys, payload: {} },
    { ...keys, crypto: "native" },
    { ...keys, fetch: 1 },
  ]) {
    await refused("invalid_option", () => verifyJws(good, options));
  }
  await refused("jwks_invalid", () => verifyJws(good, { jwks: "x" }));
});

test("RFC 7517 5: the keys of a URL are fetched once, and again for a key that is new", async (provider) => {
  const by = await key("ES256");
  const sender = await newIssuer(provider);
  await sender.publish(by);
  const options = { jwksUri: `${sender.issuer}/jwks` };
  for (let times = 0; times < 3; times += 1) await verifyJws(await sign(by), options);
  assert.deepEqual(await sender.requests(), { metadata: 0, keys: 1, others: 0 });
  const renamed = { ...by, kid: "new", jwk: { ...by.jwk, kid: "new" } };
  await sender.publish(by, renamed);
  await verifyJws(await sign(renamed), options);
  assert.equal((await sender.requests()).keys, 2);
});

test("RFC 7517 5: a sender whose keys cannot be had is told so", async (provider) => {
  const sender = await newIssuer(provider);
  const by = await key("ES256");
  const error = await refused("keys_unavailable", async () => verifyJws(await sign(by), { jwksUri: `${sender.issuer}/none` }));
  assert.equal(error.response.status, 503);
});

test("a message's keys may be kept elsewhere: the next isolate asks the store", async (provider) => {
  const by = await key("ES256");
  const issuer = await newIssuer(provider);
  await issuer.publish(by);
  const jws = await sign(by);
  const jwksUri = `${issuer.issuer}/jwks`;
  const kept = new Map();
  const storeOf = () => ({ get: (url) => kept.get(url), put: (url, entry) => void kept.set(url, entry) });
  for (let isolate = 0; isolate < 3; isolate += 1) await verifyJws(jws, { jwksUri, keyStore: storeOf() });
  assert.deepEqual(await issuer.requests(), { metadata: 0, keys: 1, others: 0 });
  assert.deepEqual([...kept.keys()], [jwksUri]);
  // A store that never settles holds nobody back for long.
  const hanging = { get: () => new Promise(() => {}), put: () => new Promise(() => {}) };
  await verifyJws(jws, { jwksUri, keyStore: hanging });
  await refused("invalid_option", () => verifyJws(jws, { jwksUri, keyStore: {} }));
});

test("what somebody puts into the prototype of all objects is nobody's option", async () => {
  const by = await key("ES256");
  const jws = await sign(by);
  for (const name of ["secret", "jwks", "payload", "keyStore", "dpop", "certificate"]) {
    Object.prototype[name] = 7;
    try {
      await verifyJws(jws, { jwks: jwks(by) });
    } finally {
      delete Object.prototype[name];
    }
  }
});
