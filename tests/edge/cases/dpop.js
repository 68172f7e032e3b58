// Tokens that come with a proof of their key: RFC 9449, with proofs that other libraries make.

import { createVerifier, durableObjectReplayStore, guard, kvReplayStore, memoryReplayStore, nodeGuard, ReplayStoreObject, responseHeadersOf } from "countersign/edge";
import { assert } from "chai";
import * as dpop from "dpop";
import { base64url, calculateJwkThumbprint, exportJWK, SignJWT } from "jose";
import * as oauth4webapi from "oauth4webapi";

import { moveClock, refused, test } from "./case.js";
import { newIssuer } from "./issuer.js";
import { AUDIENCE, ISSUER, jwks, key, newKey, token } from "./tokens.js";

const URL_OF_API = "https://api.example/notes";
const CHALLENGE = /^DPoP error="(\w+)", error_description="[^"]+", algs="[^"]*ES256[^"]*"$/;

/** An API, a client's key and a token that is bound to it. */
async function scene(options = {}) {
  const by = await key("ES256");
  const client = await dpop.generateKeyPair("ES256");
  const bound = await token(by, { cnf: { jkt: await dpop.calculateThumbprint(client.publicKey) } });
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by), ...options });
  const proof = ({ method = "GET", url = URL_OF_API, nonce, of = bound, by = client, ...more } = {}) => dpop.generateProof(by, url, method, nonce, of, more);
  return { by, client, bound, verifier, proof };
}

const requestOf = (token, proof, { method = "GET", url = URL_OF_API, scheme = "DPoP" } = {}) =>
  new Request(url, { method, headers: { authorization: `${scheme} ${token}`, ...(proof !== undefined && { dpop: proof }) } });

/** Asserts the code and the challenge's error. */
async function proofRefused(code, name, call) {
  const error = await refused(code, call);
  assert.equal(error.response.status, 401);
  assert.equal(error.response.headers["www-authenticate"].match(CHALLENGE)?.[1], name, error.response.headers["www-authenticate"]);
  return error;
}

test("RFC 9449 7.1: a bound token passes with a proof that the library dpop makes, by each of its algorithms", async () => {
  const by = await key("ES256");
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by) });
  for (const alg of ["ES256", "RS256", "PS256", "Ed25519"]) {
    const client = await dpop.generateKeyPair(alg);
    const bound = await token(by, { cnf: { jkt: await dpop.calculateThumbprint(client.publicKey) } });
    const proof = await dpop.generateProof(client, URL_OF_API, "GET", undefined, bound);
    const { claims } = await verifier.authenticate(requestOf(bound, proof));
    assert.equal(claims.sub, "alice", alg);
  }
});

test("RFC 9449 7.1: a client of oauth4webapi calls the API", async () => {
  const { by, bound: _, verifier } = await scene();
  const keys = await oauth4webapi.generateKeyPair("ES256");
  const handle = oauth4webapi.DPoP({ client_id: "client" }, keys);
  const jkt = await calculateJwkThumbprint(await exportJWK(keys.publicKey));
  const bound = await token(by, { cnf: { jkt } });
  const api = guard(verifier, (_, { claims }) => Response.json({ sub: claims.sub }));
  const response = await oauth4webapi.protectedResourceRequest(bound, "GET", new URL(`${URL_OF_API}?page=1`), undefined, undefined, {
    DPoP: handle,
    [oauth4webapi.customFetch]: (url, init) => api(new Request(url, init)),
  });
  assert.deepEqual(await response.json(), { sub: "alice" });
});

test("RFC 9449 7.1: without its proof, or with that of another key, the token is refused", async () => {
  const { by, bound, verifier, proof } = await scene();
  await proofRefused("proof_missing", "invalid_token", () => verifier.authenticate(requestOf(bound)));
  await proofRefused("proof_missing", "invalid_token", async () => verifier.authenticate(requestOf(bound, await proof(), { scheme: "Bearer" })));
  const stranger = await dpop.generateKeyPair("ES256");
  await proofRefused("proof_key_mismatch", "invalid_token", async () => verifier.authenticate(requestOf(bound, await proof({ by: stranger }))));
  // Also of a token that was verified and is remembered.
  await verifier.authenticate(requestOf(bound, await proof()));
  await proofRefused("proof_key_mismatch", "invalid_token", async () => verifier.authenticate(requestOf(bound, await proof({ by: stranger }))));
  await refused("proof_missing", () => verifier.verify(bound));
  const unbound = await token(by);
  await proofRefused("token_unbound", "invalid_token", async () => verifier.authenticate(requestOf(unbound, await proof({ of: unbound }))));
});

test("RFC 9449 4.3: a proof is for one method, one URL and one token, and has one header", async () => {
  const { by, bound, verifier, proof } = await scene();
  const other = await token(by, { sub: "other" });
  for (const [given, expected] of [
    [await proof({ method: "POST" }), "htm"],
    [await proof({ url: "https://api.example/other" }), "htu"],
    [await proof({ url: "https://evil.example/notes" }), "htu"],
    [await proof({ of: other }), "ath"],
    [`${await proof()}, ${await proof()}`, "form"],
    ["x", "form"],
  ]) {
    const error = await proofRefused("proof_invalid", "invalid_dpop_proof", () => verifier.authenticate(requestOf(bound, given)));
    assert.equal(error.detail, expected);
  }
  const [header, payload] = (await proof()).split(".");
  await proofRefused("proof_invalid", "invalid_dpop_proof", () => verifier.authenticate(requestOf(bound, `${header}.${payload}.${"A".repeat(86)}`)));
  for (const url of [`${URL_OF_API}?page=1#x`, "https://api.example:443/notes", "https://API.example/a/../notes"]) {
    await verifier.authenticate(requestOf(bound, await proof({ url })));
  }
});

test("RFC 9449 11.1: a proof is good once, and for a minute", async () => {
  const { bound, verifier, proof } = await scene();
  const once = await proof();
  await verifier.authenticate(requestOf(bound, once));
  await proofRefused("proof_replayed", "invalid_dpop_proof", () => verifier.authenticate(requestOf(bound, once)));
  const old = await proof();
  moveClock(130);
  await proofRefused("proof_expired", "invalid_dpop_proof", () => verifier.authenticate(requestOf(bound, old)));
  await proofRefused("proof_expired", "invalid_dpop_proof", () => verifier.authenticate(requestOf(bound, once)));
});

test("RFC 9449 11.1: of calls at once with one proof, one passes", async () => {
  const { bound, verifier, proof } = await scene();
  const once = await proof();
  const calls = Array.from({ length: 20 }, () => verifier.authenticate(requestOf(bound, once)).then(() => "passed", ({ code }) => code));
  const codes = await Promise.all(calls);
  assert.deepEqual(codes.sort(), ["passed", ...Array(19).fill("proof_replayed")]);
});

test("RFC 9449 11.1: a guard inside of another sees the same proof, and no replay", async () => {
  const { bound, verifier, proof } = await scene();
  const inner = guard(verifier, () => new Response("notes"));
  const outer = guard(verifier, (request) => inner(request));
  const once = await proof();
  assert.equal((await outer(requestOf(bound, once))).status, 200);
  assert.equal((await outer(requestOf(bound, once))).status, 401);
});

test("RFC 9449 11.1: a token that is refused uses no proof up", async () => {
  const { bound, verifier, proof } = await scene();
  const once = await proof();
  await refused("insufficient_scope", () => verifier.authenticate(requestOf(bound, once), { scope: "write" }));
  await verifier.authenticate(requestOf(bound, once));
});

test("RFC 9449 11.1: the store may be one's own, and is the last word", async () => {
  const asked = [];
  const replay = { add: async (id, expiresAt) => asked.push([id, expiresAt]) < 2 };
  const { bound, verifier, proof } = await scene({ dpop: { replay } });
  await verifier.authenticate(requestOf(bound, await proof()));
  await refused("proof_replayed", async () => verifier.authenticate(requestOf(bound, await proof())));
  assert.notEqual(asked[0][0], asked[1][0]);
  assert.isAbove(asked[0][1], Date.now() / 1000 + 60);
  for (const add of [() => Promise.reject(new Error("down")), () => "yes", () => undefined, () => new Promise(() => {})]) {
    const { bound, verifier, proof } = await scene({ dpop: { replay: { add } } });
    const error = await refused("replay_store_unavailable", async () => verifier.authenticate(requestOf(bound, await proof())));
    assert.equal(error.response.status, 503);
  }
});

test("RFC 9449 9: the API asks for a nonce, and a client of oauth4webapi brings it", async () => {
  const { by, verifier } = await scene({ dpop: { nonce: true } });
  const keys = await oauth4webapi.generateKeyPair("ES256");
  const handle = oauth4webapi.DPoP({ client_id: "client" }, keys);
  const bound = await token(by, { cnf: { jkt: await calculateJwkThumbprint(await exportJWK(keys.publicKey)) } });
  const api = guard(verifier, () => new Response("notes"));
  const seen = [];
  const ask = () =>
    oauth4webapi.protectedResourceRequest(bound, "GET", new URL(URL_OF_API), undefined, undefined, {
      DPoP: handle,
      async [oauth4webapi.customFetch](url, init) {
        const response = await api(new Request(url, init));
        seen.push([response.status, response.headers.get("dpop-nonce")]);
        return response;
      },
    });
  const error = await ask().catch((error) => error);
  assert.isTrue(oauth4webapi.isDPoPNonceError(error), String(error));
  assert.equal((await ask()).status, 200);
  assert.match(seen[0][1], /^[\w-]{32}$/);
  assert.deepEqual(seen[1], [200, null]);
  // Another verifier of the isolate knows the nonces, as one that is made for each request.
  assert.equal((await guard((await scene({ dpop: { nonce: true }, realm: "other" })).verifier, () => new Response())(requestOf(bound))).status, 401);
});

test("RFC 9449 8.2: a nonce that grows old is replaced with the response, and too old a one is refused", async () => {
  const { bound, verifier, proof } = await scene({ dpop: { nonce: { key: new Uint8Array(32).fill(7) } } });
  const error = await proofRefused("proof_nonce_required", "use_dpop_nonce", async () => verifier.authenticate(requestOf(bound, await proof())));
  const nonce = error.response.headers["dpop-nonce"];
  moveClock(60);
  const response = await guard(verifier, () => new Response("notes"))(requestOf(bound, await proof({ nonce })));
  assert.equal(response.status, 200);
  assert.notEqual(response.headers.get("dpop-nonce"), nonce);
  const request = requestOf(bound, await proof({ nonce }));
  await verifier.authenticate(request);
  assert.deepEqual(responseHeadersOf(request), { "dpop-nonce": response.headers.get("dpop-nonce") });
  assert.deepEqual(responseHeadersOf(requestOf(bound)), {});
  // Another instance with the same key takes it.
  const elsewhere = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(await key("ES256")), realm: "x", dpop: { nonce: { key: new Uint8Array(32).fill(7) } } });
  await elsewhere.authenticate(requestOf(bound, await proof({ nonce })));
  const foreign = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(await key("ES256")), dpop: { nonce: { key: new Uint8Array(32).fill(8) } } });
  await refused("proof_nonce_required", async () => foreign.authenticate(requestOf(bound, await proof({ nonce }))));
  moveClock(400);
  await refused("proof_nonce_required", async () => verifier.authenticate(requestOf(bound, await proof({ nonce }))));
});

test("RFC 9449 7.2: an API that offers DPoP names it beside Bearer, and one that requires it takes no other token", async () => {
  const { by, bound, verifier, proof } = await scene({ dpop: { algorithms: ["ES256", "EdDSA"] } });
  const challenge = async (verifier, header) => {
    const error = await verifier.authenticate({ headers: header === undefined ? {} : { authorization: header } }).catch((error) => error);
    return error.response.headers["www-authenticate"];
  };
  assert.equal(await challenge(verifier), 'Bearer, DPoP algs="ES256 EdDSA"');
  assert.match(await challenge(verifier, "Bearer x"), /^Bearer error="invalid_token", error_description="[^"]*", DPoP algs="ES256 EdDSA"$/);
  assert.match(await challenge(verifier, "DPoP x"), /^DPoP error="invalid_token", .*algs="ES256 EdDSA"$/);
  await verifier.verify(await token(by));
  const { verifier: strict } = await scene({ dpop: { required: true } });
  assert.match(await challenge(strict), /^DPoP algs="RS256/);
  await refused("token_unbound", async () => strict.verify(await token(by)));
  await strict.authenticate(requestOf(bound, await proof()));
  const rsa = await dpop.generateKeyPair("RS256");
  const ofRsa = await token(by, { cnf: { jkt: await dpop.calculateThumbprint(rsa.publicKey) } });
  await refused("proof_invalid", async () => verifier.authenticate(requestOf(ofRsa, await proof({ by: rsa, of: ofRsa }))));
});

test("RFC 9449 4.3: behind a proxy the option url says by which URL clients know the API", async () => {
  const inner = "http://10.0.0.1:8080/notes";
  for (const url of ["https://api.example", "https://api.example/", () => URL_OF_API, async () => `${URL_OF_API}?x=1`]) {
    const { bound, verifier, proof } = await scene({ dpop: { url } });
    await verifier.authenticate(requestOf(bound, await proof(), { url: inner }));
    await refused("proof_invalid", async () => verifier.authenticate(requestOf(bound, await proof({ url: inner }), { url: "http://10.0.0.1:8080/other" })));
  }
  for (const url of [() => undefined, () => 7]) {
    const { bound, verifier, proof } = await scene({ dpop: { url } });
    await refused("invalid_option", async () => verifier.authenticate(requestOf(bound, await proof())));
  }
});

test("RFC 9449 4.3: Node's requests have their URL in parts", async () => {
  const { bound, verifier, proof } = await scene();
  const pass = (request) => verifier.authenticate(request).then(() => "passed", ({ code, detail }) => `${code} ${detail}`);
  const headers = async (url) => ({ authorization: `DPoP ${bound}`, host: "api.example", dpop: await proof({ url }) });
  const secure = { socket: { encrypted: true }, method: "GET" };
  assert.equal(await pass({ ...secure, url: "/notes?x=1", headers: await headers(URL_OF_API) }), "passed");
  assert.equal(await pass({ ...secure, url: "/", originalUrl: "/notes", headers: await headers(URL_OF_API) }), "passed");
  assert.equal(await pass({ ...secure, url: "/other", headers: await headers(URL_OF_API) }), "proof_invalid htu");
  assert.equal(await pass({ method: "GET", url: "/notes", socket: {}, headers: await headers("http://api.example/notes") }), "passed");
  assert.match(await pass({ headers: await headers(URL_OF_API) }), /^invalid_option/);
});

test("Fetch 3.3: a page may send a proof and read the nonce", async () => {
  const { verifier } = await scene({ cors: { origins: ["https://app.example"] }, dpop: { nonce: true } });
  const api = guard(verifier, () => assert.fail("called"));
  const asked = { origin: "https://app.example", "access-control-request-method": "GET", "access-control-request-headers": "authorization,dpop" };
  const preflight = await api(new Request(URL_OF_API, { method: "OPTIONS", headers: asked }));
  assert.match(preflight.headers.get("access-control-allow-headers"), /\bdpop\b/);
  const refusal = await api(new Request(URL_OF_API, { headers: { origin: "https://app.example", authorization: "DPoP x", dpop: "y" } }));
  assert.match(refusal.headers.get("access-control-expose-headers"), /\bdpop-nonce\b/);
  assert.isTrue(refusal.headers.has("dpop-nonce"));
});

test("Node's middleware sends the next nonce with the response", async () => {
  const nonceKey = new Uint8Array(32).fill(9);
  const { bound, verifier, proof } = await scene({ dpop: { nonce: { key: nonceKey } } });
  const { headers: refusal } = (await verifier.authenticate(requestOf(bound, await proof())).catch((error) => error)).response;
  moveClock(60);
  const made = await proof({ nonce: refusal["dpop-nonce"] });
  const headers = {};
  const response = { headersSent: false, setHeader: (name, value) => (headers[name] = value), getHeader: (name) => headers[name] };
  const request = { method: "GET", url: "/notes", socket: { encrypted: true }, headers: { host: "api.example", authorization: `DPoP ${bound}`, dpop: made } };
  await new Promise((resolve, reject) => nodeGuard(verifier)(request, response, (error) => (error === undefined ? resolve() : reject(error))));
  assert.match(headers["dpop-nonce"], /^[\w-]{32}$/);
});

test("RFC 9449 11.1: 100,000 proofs stay bounded in memory, and what has expired makes room", async () => {
  const store = memoryReplayStore();
  const now = Date.now() / 1000;
  for (let number = 0; number < 100_000; number += 1) assert.isTrue(store.add(`id ${number}`, now + 100));
  assert.equal(store.size, 100_000);
  assert.throws(() => store.add("one more", now + 100));
  assert.isFalse(store.add("id 5", now + 100));
  moveClock(101);
  assert.isTrue(store.add("one more", now + 300));
  assert.equal(store.size, 1);
  assert.isTrue(store.add("id 5", now + 300));
  const small = memoryReplayStore({ max: 2 });
  // The one that is kept longest came first.
  assert.isTrue(small.add("long", now + 1000));
  assert.isTrue(small.add("short", now + 200));
  moveClock(150);
  assert.isTrue(small.add("next", now + 1000));
});

test("Workers KV: what was used is known by its name until it expires", async () => {
  const kept = new Map();
  const namespace = { get: async (name) => kept.get(name) ?? null, put: async (name, value, { expirationTtl }) => (assert.isAtLeast(expirationTtl, 60), kept.set(name, value)) };
  const expiresAt = Date.now() / 1000 + 10;
  assert.isTrue(await kvReplayStore(namespace).add("one", expiresAt));
  assert.isFalse(await kvReplayStore(namespace).add("one", expiresAt), "in another isolate");
  const store = kvReplayStore(namespace);
  assert.deepEqual(await Promise.all([store.add("two", expiresAt), store.add("two", expiresAt)]), [true, false]);
});

test("Durable Objects: one object decides about an id, and forgets it in time", async () => {
  const objects = new Map();
  const alarms = new Map();
  const storage = (name) => {
    const kept = new Map();
    return {
      kept,
      get: async (id) => kept.get(id),
      put: async (id, value) => void kept.set(id, value),
      list: async () => new Map(kept),
      delete: async (ids) => ids.forEach((id) => kept.delete(id)),
      getAlarm: async () => alarms.get(name) ?? null,
      setAlarm: async (at) => void alarms.set(name, at),
    };
  };
  const namespace = {
    idFromName: (name) => name,
    get(name) {
      if (!objects.has(name)) objects.set(name, { state: { storage: storage(name) } });
      const own = objects.get(name);
      own.object ??= new ReplayStoreObject(own.state);
      return { fetch: (url, init) => own.object.fetch(new Request(url, init)) };
    },
  };
  const store = durableObjectReplayStore(namespace);
  const expiresAt = Date.now() / 1000 + 100;
  assert.isTrue(await store.add("a1", expiresAt));
  assert.isFalse(await store.add("a1", expiresAt));
  assert.isTrue(await store.add("b1", expiresAt));
  assert.equal(objects.size, 2);
  moveClock(101);
  await objects.get("replay a").object.alarm();
  assert.equal(objects.get("replay a").state.storage.kept.size, 0);
  assert.isTrue(await store.add("a1", expiresAt + 300));
});

test("wrong options of proofs are refused when the verifier is made or used", async () => {
  for (const dpop of [undefined, null, true, [], { nonce: 7 }, { nonce: {} }, { nonce: null }, { required: 1 }, { replay: {} }, { url: "/notes" }, { url: 7 }, { maxage: 7 }]) {
    await refused("invalid_option", () => scene({ dpop }));
  }
  for (const dpop of [{ algorithms: ["HS256"] }, { algorithms: [] }, { algorithms: "ES256" }, { maxAge: 0 }, { maxAge: "60" }, { nonce: { key: new Uint8Array(8) } }]) {
    const { by, verifier } = await scene({ dpop });
    const error = await refused("invalid_option", async () => verifier.verify(await token(by)));
    assert.match(error.message, /dpop/);
  }
});

/** oauth4webapi as the judge: changes of proofs, and whether it accepts them. */
const CHANGES = {
  "": {},
  "jti empty": { claims: { jti: "" } },
  "jti absent": { claims: { jti: undefined } },
  "jti a number": { claims: { jti: 1 } },
  "htm absent": { claims: { htm: undefined } },
  "htm in lower case": { claims: { htm: "get" } },
  "htu with a query": { claims: { htu: `${URL_OF_API}?a=b` } },
  "htu with another port": { claims: { htu: "https://api.example:8443/notes" } },
  "htu in upper case": { claims: { htu: "HTTPS://API.EXAMPLE/notes" } },
  "htu no URL": { claims: { htu: "notes" } },
  "iat absent": { claims: { iat: undefined } },
  "iat a string": { claims: { iat: "1" } },
  "iat of an hour ago": { claims: { iat: Math.floor(Date.now() / 1000) - 3600 } },
  "iat of the next hour": { claims: { iat: Math.floor(Date.now() / 1000) + 3600 } },
  "ath absent": { claims: { ath: undefined } },
  "ath of another": { claims: { ath: "AAAA" } },
  "exp in the past": { claims: { exp: 1 } },
  "nbf in the future": { claims: { nbf: Math.floor(Date.now() / 1000) + 3600 } },
  "typ JWT": { header: { typ: "JWT" } },
  "typ absent": { header: { typ: undefined } },
  "typ application/dpop+jwt": { header: { typ: "application/dpop+jwt" } },
  "jwk absent": { header: { jwk: undefined } },
  "jwk a text": { header: { jwk: "x" } },
  "crit": { header: { crit: ["b64"], b64: true } },
  "the private key": { isPrivate: true },
  "another key": { isForged: true },
};

test("differential: what is accepted of changed proofs oauth4webapi accepts too, and the other way round", async (provider) => {
  const by = await key("ES256");
  const issuer = await newIssuer(provider);
  await issuer.publish(by);
  const [client, forger] = await Promise.all(["client", "forger"].map((kid) => newKey("ES256", kid)));
  const { crv, kty, x, y } = client.jwk;
  const secret = await exportJWK(client.privateKey);
  const claims = { cnf: { jkt: await calculateJwkThumbprint(client.jwk) }, client_id: "client", jti: "1" };
  const bound = await issuer.token(by, claims, { typ: "at+jwt" });
  const ath = base64url.encode(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(bound))));
  const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE });
  const as = { issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/jwks` };
  const accepted = [];
  for (const [name, { header, claims, isPrivate, isForged }] of Object.entries(CHANGES)) {
    const jwk = isPrivate ? secret : { crv, kty, x, y };
    const signed = new SignJWT({ jti: crypto.randomUUID(), htm: "GET", htu: URL_OF_API, iat: Math.floor(Date.now() / 1000), ath, ...claims });
    const proof = await signed.setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk, ...header }).sign((isForged ? forger : client).privateKey, { crit: { b64: true } });
    const theirs = await oauth4webapi
      .validateJwtAccessToken(as, requestOf(bound, proof), AUDIENCE, { [oauth4webapi.allowInsecureRequests]: true, requireDPoP: true })
      .then(() => true, () => false);
    const ours = await verifier.authenticate(requestOf(bound, proof)).then(() => true, () => false);
    // A name that is empty identifies nothing.
    assert.equal(ours, theirs && name !== "jti empty", name);
    if (ours) accepted.push(name);
  }
  assert.deepEqual(accepted, ["", "htu with a query", "htu in upper case", "typ application/dpop+jwt"]);
});
