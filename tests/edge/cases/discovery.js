// Keys by discovery: OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3.

import { createVerifier } from "countersign/edge";
import { assert } from "chai";
import { base64url } from "jose";

import { moveClock, refused, stopClock, test } from "./case.js";
import { newIssuer } from "./issuer.js";
import { AUDIENCE, ISSUER, key, token } from "./tokens.js";

/** Longer than the keys are fresh, and longer than they are used at all. */
const [STALE, DEAD] = [601, 86_401];
/** Longer than the longest pause after a failure, and than the time in which invented key IDs cause two requests. */
const [PAUSE, WINDOW] = [31, 61];

const verifierOf = ({ issuer, audience }, options) => createVerifier({ issuer, audience, ...options });

async function publishing(provider, ...keys) {
  const issuer = await newIssuer(provider);
  await issuer.publish(...keys);
  return issuer;
}

for (const crypto of ["host", "rust", "auto"]) {
  test(`Discovery 4 (${crypto}): the keys are found by the issuer, and asked for once`, async (provider) => {
    const by = await key("ES256");
    const issuer = await publishing(provider, by);
    const verifier = verifierOf(issuer, { crypto });
    for (const sub of ["a", "b", "c"]) {
      const { claims } = await verifier.verify(await issuer.token(by, { sub }));
      assert.equal(claims.sub, sub);
    }
    assert.deepEqual(await issuer.requests(), { metadata: 1, keys: 1, others: 0 });
  });
}

test("Discovery 4: nothing is asked for before a token has the form of one", async (provider) => {
  const issuer = await publishing(provider, await key("ES256"));
  const verifier = verifierOf(issuer);
  await refused("token_malformed", () => verifier.verify("x"));
  await refused("algorithm_none", () => verifier.verify("eyJhbGciOiJub25lIn0.e30."));
  assert.deepEqual(await issuer.requests(), { metadata: 0, keys: 0, others: 0 });
});

test("Discovery 4: verifySync uses the keys at hand and asks for none", async (provider) => {
  const by = await key("ES256");
  const issuer = await publishing(provider, by);
  const verifier = verifierOf(issuer);
  const good = await issuer.token(by);
  await refused("keys_unavailable", () => verifier.verifySync(good));
  await verifier.verify(good);
  assert.equal(verifier.verifySync(good).issuer, issuer.issuer);
  assert.deepEqual(await issuer.requests(), { metadata: 1, keys: 1, others: 0 });
});

/** What can be wrong with a provider's response, and what the error is about then. */
const FAULTS = {
  "an error status": [{ status: 500, body: "{}" }, /unexpected_response|provider_unavailable/],
  "not found": [{ status: 404 }, "unexpected_response"],
  HTML: [{ headers: { "content-type": "text/html" }, body: "<!doctype html><title>x</title>" }],
  "no JSON": [{ body: "keys" }],
  "an empty body": [{}],
  "10 MB": [{ fill: 10_000_000, body: "{}" }, "network_error"],
  "a connection cut off": [{ cut: true }, "network_error"],
  "a redirect": [{ status: 302, headers: { location: "elsewhere" } }, "unexpected_response"],
};

for (const [fault, [response, detail]] of Object.entries(FAULTS)) {
  test(`RFC 7517 5: a JWK Set that is ${fault} leaves the token undecided`, async (provider) => {
    const by = await key("ES256");
    const issuer = await publishing(provider, by);
    await issuer.respond("elsewhere", { body: JSON.stringify({ keys: [by.jwk] }) });
    await issuer.keys(response);
    const error = await refused("keys_unavailable", async () => verifierOf(issuer).verify(await issuer.token(by)));
    assert.match(error.detail, new RegExp(detail ?? "jwks_invalid"));
    assert.equal((await issuer.requests()).others, 0, "redirects are not followed");
  });

  test(`Discovery 4.3: metadata that is ${fault} leaves the token undecided`, async (provider) => {
    const by = await key("ES256");
    const issuer = await publishing(provider, by);
    await issuer.respond(".well-known/elsewhere", { body: JSON.stringify({ issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/jwks` }) });
    await issuer.metadata(response);
    const error = await refused("keys_unavailable", async () => verifierOf(issuer).verify(await issuer.token(by)));
    assert.match(error.detail, new RegExp(detail ?? "metadata_invalid"));
    // Some runtimes make a request of their own again when its connection was cut off.
    const { metadata, ...further } = await issuer.requests();
    assert.isTrue(response.cut ? metadata > 0 : metadata === 1);
    assert.deepEqual(further, { keys: 0, others: 0 });
  });
}

test("RFC 7517 5: a slow provider is waited for ten seconds, and no longer", async (provider) => {
  const by = await key("ES256");
  const issuer = await publishing(provider, by);
  const { timeout } = AbortSignal;
  const asked = [];
  AbortSignal.timeout = (milliseconds) => {
    asked.push(milliseconds);
    return timeout.call(AbortSignal, 50);
  };
  for (const slow of ["metadata", "keys"]) {
    await issuer[slow]({ never: true, body: "{" });
    const error = await refused("keys_unavailable", async () => verifierOf(issuer).verify(await issuer.token(by)));
    assert.equal(error.detail, "network_error");
    await issuer.metadata({ body: JSON.stringify({ issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/jwks` }) });
  }
  assert.isTrue(asked.length > 0 && asked.every((milliseconds) => milliseconds === 10_000), String(asked));
});

test("RFC 8414 3.3: metadata of another issuer is not used", async (provider) => {
  const by = await key("ES256");
  const issuer = await publishing(provider, by);
  for (const other of ["https://evil.example", `${issuer.issuer}/x`, `${issuer.issuer}x`, issuer.issuer.toUpperCase()]) {
    await issuer.metadata({ body: JSON.stringify({ issuer: other, jwks_uri: `${issuer.issuer}/jwks` }) });
    const error = await refused("keys_unavailable", async () => verifierOf(issuer).verify(await issuer.token(by)));
    assert.equal(error.detail, "metadata_issuer_mismatch");
  }
  assert.equal((await issuer.requests()).keys, 0);
});

test("RFC 8414 2: keys are neither fetched without TLS nor from nowhere", async (provider) => {
  const by = await key("ES256");
  const issuer = await publishing(provider, by);
  for (const [jwks_uri, detail] of [
    ["http://login.example/jwks", "metadata_invalid"],
    ["file:///etc/passwd", "metadata_invalid"],
    [undefined, "metadata_invalid"],
    [1, "metadata_invalid"],
  ]) {
    await issuer.metadata({ body: JSON.stringify({ issuer: issuer.issuer, jwks_uri }) });
    const error = await refused("keys_unavailable", async () => verifierOf(issuer).verify(await issuer.token(by)));
    assert.equal(error.detail, detail);
  }
});

test("RFC 7517 4.5: 10,000 tokens with invented kids make two requests a minute, and refuse nobody else", async (provider) => {
  const by = await key("ES256");
  const issuer = await publishing(provider, by);
  const verifier = verifierOf(issuer);
  const good = await issuer.token(by);
  stopClock();
  await verifier.verify(good);
  const [, payload, signature] = good.split(".");
  const invented = (number) => `${base64url.encode(JSON.stringify({ alg: by.alg, kid: `invented-${number}` }))}.${payload}.${signature}`;
  const counts = { key_unknown: 0, keys_unavailable: 0 };
  for (let number = 0; number < 10_000; number += 100) {
    const codes = Array.from({ length: 100 }, (_, place) => verifier.verify(invented(number + place)).catch(({ code }) => code));
    for (const code of await Promise.all(codes)) counts[code] += 1;
    await verifier.verify(good);
  }
  assert.equal(counts.key_unknown + counts.keys_unavailable, 10_000, JSON.stringify(counts));
  assert.isAbove(counts.keys_unavailable, 9_000);
  assert.deepEqual(await issuer.requests(), { metadata: 1, keys: 3, others: 0 });
  moveClock(WINDOW);
  await refused("key_unknown", () => verifier.verify(invented(0)));
  assert.equal((await issuer.requests()).keys, 4);
});

test("RFC 9110 15.6.4: a key that nobody may look for now leaves the token undecided, and says when to come again", async (provider) => {
  const by = await key("ES256");
  const issuer = await publishing(provider, by);
  const verifier = verifierOf(issuer);
  await verifier.verify(await issuer.token(by));
  await issuer.keys({ status: 503, headers: { "retry-after": "20" } });
  const request = new Request("https://api.example/", { headers: { authorization: `Bearer ${await issuer.token(by, {}, { kid: "new" })}` } });
  const error = await refused("keys_unavailable", () => verifier.authenticate(request));
  const response = error.toResponse();
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("www-authenticate"), "Bearer");
  assert.equal(response.headers.get("retry-after"), "20");
});

test("RFC 7517 4.5: a rotated key is found at once, also after an invented one", async (provider) => {
  const [before, after] = [await key("ES256", "before"), await key("RS256", "after")];
  const issuer = await publishing(provider, before);
  const verifier = verifierOf(issuer);
  await verifier.verify(await issuer.token(before));
  await refused("key_unknown", async () => verifier.verify(await issuer.token(before, {}, { kid: "invented" })));
  await issuer.publish(before, after);
  await verifier.verify(await issuer.token(before));
  assert.equal((await issuer.requests()).keys, 2, "a known key needs no request");
  await verifier.verify(await issuer.token(after));
  await verifier.verify(await issuer.token(before));
  assert.equal((await issuer.requests()).keys, 3);
});

test("RFC 5861 3: old keys are used at once, and renewed meanwhile", async (provider) => {
  const [before, after] = [await key("ES256", "before"), await key("RS256", "after")];
  const issuer = await publishing(provider, before);
  const verifier = verifierOf(issuer);
  await verifier.verify(await issuer.token(before));
  await issuer.keys({ never: true, body: "{" });
  moveClock(STALE);
  for (let time = 0; time < 3; time += 1) await verifier.verify(await issuer.token(before));
  await issuer.asked("jwks", 2);
  assert.equal((await issuer.requests()).keys, 2, "one request at a time");
});

test("RFC 7517 4.5: a withdrawn key counts until the keys are renewed", async (provider) => {
  const [before, after] = [await key("ES256", "before"), await key("RS256", "after")];
  const issuer = await publishing(provider, before);
  const verifier = verifierOf(issuer);
  await verifier.verify(await issuer.token(before));
  await issuer.publish(after);
  moveClock(STALE);
  await verifier.verify(await issuer.token(before));
  // This one waits for the renewal that the one before has begun.
  await verifier.verify(await issuer.token(after));
  await refused("key_unknown", async () => verifier.verify(await issuer.token(before)));
  await verifier.verify(await issuer.token(after));
});

test("RFC 7517 4.5: the same kid with another key, after the keys have aged", async (provider) => {
  const before = await key("ES256", "constant-before");
  const after = await key("RS256", "constant-after");
  const renamed = (by) => ({ ...by, kid: "constant", jwk: { ...by.jwk, kid: "constant" } });
  const issuer = await publishing(provider, renamed(before));
  const verifier = verifierOf(issuer);
  await verifier.verify(await issuer.token(renamed(before)));
  await issuer.publish(renamed(after));
  moveClock(STALE);
  await verifier.verify(await issuer.token(renamed(after)));
  await refused("key_type_mismatch", async () => verifier.verify(await issuer.token(renamed(before))));
});

test("RFC 9110 13.1.2: keys that did not change are not sent again", async (provider) => {
  const by = await key("ES256");
  const issuer = await publishing(provider, by);
  const headers = { etag: '"one"', "cache-control": "max-age=120" };
  await issuer.keys({ headers, body: JSON.stringify({ keys: [by.jwk] }), unless: '"one"' });
  const verifier = verifierOf(issuer);
  await verifier.verify(await issuer.token(by));
  moveClock(121);
  // A key that is not at hand waits for the renewal.
  await verifier.verify(await issuer.token(by));
  await refused("key_unknown", async () => verifier.verify(await issuer.token(by, {}, { kid: "invented" })));
  await verifier.verify(await issuer.token(by));
  const [first, ...later] = await issuer.statuses("jwks");
  assert.equal(first, 200);
  assert.isTrue(later.length > 0 && later.every((status) => status === 304), String(later));
});

test("RFC 8725 3.10: keys at hand are used for a day where the provider fails, and not longer", async (provider) => {
  const by = await key("ES256");
  const issuer = await publishing(provider, by);
  const verifier = verifierOf(issuer);
  await verifier.verify(await issuer.token(by));
  await issuer.keys({ status: 503 });

  moveClock(STALE);
  for (let time = 0; time < 3; time += 1) await verifier.verify(await issuer.token(by));
  await issuer.asked("jwks", 2);
  moveClock(PAUSE);
  await verifier.verify(await issuer.token(by));
  await issuer.asked("jwks", 3);

  moveClock(DEAD);
  await refused("keys_unavailable", async () => verifier.verify(await issuer.token(by)));
  await refused("keys_unavailable", async () => verifier.verifySync(await issuer.token(by)));

  await issuer.publish(by);
  moveClock(PAUSE);
  await verifier.verify(await issuer.token(by));
});

test("RFC 7517 5: a provider that was down at the start is asked again after a second", async (provider) => {
  const by = await key("ES256");
  const issuer = await newIssuer(provider);
  const verifier = verifierOf(issuer);
  const good = await issuer.token(by);
  stopClock();
  for (let time = 0; time < 3; time += 1) await refused("keys_unavailable", () => verifier.verify(good));
  assert.deepEqual(await issuer.requests(), { metadata: 1, keys: 1, others: 0 });
  await issuer.publish(by);
  moveClock(1);
  await verifier.verify(good);
});

test("RFC 7517 5: a set without a usable key replaces no good one", async (provider) => {
  const by = await key("ES256");
  const issuer = await publishing(provider, by);
  const verifier = verifierOf(issuer);
  await verifier.verify(await issuer.token(by));
  for (const keys of [[], [{ kty: "EC", crv: "P-256", kid: by.kid }], [{ kty: "oct", kid: by.kid, k: "c2VjcmV0" }]]) {
    await issuer.keys({ body: JSON.stringify({ keys }) });
    moveClock(STALE);
    await verifier.verify(await issuer.token(by));
    await refused("keys_unavailable", async () => verifier.verify(await issuer.token(by, {}, { kid: "new" })));
    await verifier.verify(await issuer.token(by));
    await refused("keys_unavailable", async () => verifierOf(issuer, { clockTolerance: keys.length }).verify(await issuer.token(by)));
  }
});

test("RFC 7517 5: given keys are never asked for, and never age", async (provider) => {
  const by = await key("ES256");
  const issuer = await publishing(provider, by);
  const verifier = verifierOf(issuer, { jwks: { keys: [by.jwk] } });
  await verifier.verify(await issuer.token(by));
  moveClock(10 * DEAD);
  await verifier.verify(await issuer.token(by));
  await refused("key_unknown", async () => verifier.verify(await issuer.token(by, {}, { kid: "invented" })));
  assert.deepEqual(await issuer.requests(), { metadata: 0, keys: 0, others: 0 });
});

test("RFC 8414 3.3, Discovery 4.3: the metadata names the issuer character by character", async (provider) => {
  const by = await key("ES256");
  const issuer = await newIssuer(provider);
  await issuer.publish(by);
  const document = { issuer: `${issuer.issuer}/`, jwks_uri: `${issuer.issuer}/jwks` };
  await issuer.metadata({ body: JSON.stringify(document) });
  const verifier = createVerifier({ issuer: issuer.issuer, audience: issuer.audience });
  const error = await refused("keys_unavailable", async () => verifier.verify(await issuer.token(by)));
  assert.match(error.message, /metadata_issuer_mismatch/);
  const given = createVerifier({ issuer: issuer.issuer, audience: issuer.audience, metadata: document });
  await refused("keys_unavailable", async () => given.verify(await issuer.token(by)));
});

test("RFC 8414 2: a remote issuer's keys are not on this machine's loopback", async () => {
  const by = await key("ES256");
  for (const jwks_uri of ["http://localhost:1/jwks", "http://127.0.0.1/jwks", "http://[::1]/jwks"]) {
    let asked = 0;
    const fetch = async () => ((asked += 1), new Response("{}"));
    const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, metadata: { issuer: ISSUER, jwks_uri }, fetch });
    const error = await refused("keys_unavailable", async () => verifier.verify(await token(by)));
    assert.match(error.message, /metadata_invalid/);
    assert.equal(asked, 0);
  }
});

test("RFC 9110 15.6.4: a fetch that never settles ends in time, whatever it does with the signal", async () => {
  const by = await key("ES256");
  AbortSignal.timeout = () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    return controller.signal;
  };
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, fetch: () => new Promise(() => {}) });
  await refused("keys_unavailable", async () => verifier.verify(await token(by)));
});
