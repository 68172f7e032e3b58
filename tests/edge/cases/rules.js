// What an API can require beyond scopes and roles, and from whom: the options in JavaScript.

import { createVerifier } from "countersign/edge";
import { assert } from "chai";

import { refused, test } from "./case.js";
import { newIssuer } from "./issuer.js";
import { AUDIENCE, ISSUER, jwks, key, token } from "./tokens.js";

const TENANT = "11111111-2222-3333-4444-555555555555";

async function verifierBy(options) {
  const by = await key("ES256");
  return { by, verifier: createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by), ...options }) };
}

test("RFC 9068 2.2: each rule refuses by a code of its own", async () => {
  const { by, verifier } = await verifierBy({});
  const claims = { scope: "read", roles: ["a", "b"], client_id: "web", groups: ["staff"], wids: ["w"], acrs: "c1", plan: ["pro"], level: 2, beta: true };
  const good = await token(by, claims);
  for (const [requirement, code] of [
    [{ anyScope: "write read" }],
    [{ anyScope: ["write", "admin"] }, "insufficient_scope"],
    [{ allRoles: ["a", "b"] }],
    [{ allRoles: ["a", "c"] }, "insufficient_role"],
    [{ clients: ["web", "app"] }],
    [{ clients: "app" }, "client_not_allowed"],
    [{ groups: "staff" }],
    [{ groups: ["board"] }, "insufficient_group"],
    [{ wids: "w" }],
    [{ wids: "x" }, "insufficient_role"],
    [{ acrs: "c1" }],
    [{ acrs: ["c1", "c2"] }, "claims_unsupported"],
    [{ claims: { plan: "pro", level: [1, 2], beta: true } }],
    [{ claims: { plan: ["free"] } }, "claim_refused"],
    [{ claims: { level: "2" } }, "claim_refused"],
    [{ claims: { beta: false } }, "claim_refused"],
    [{ claims: { absent: "x" } }, "claim_refused"],
  ]) {
    for (const verify of [(required) => verifier.verify(good, required), async (required) => verifier.verifySync(good, required)]) {
      if (code === undefined) assert.equal((await verify(requirement)).client, "web");
      else await refused(code, () => verify(requirement));
    }
  }
});

test("a rule without a value, or with a wrong one, is the author's mistake", async () => {
  const { by, verifier } = await verifierBy({});
  const good = await token(by, { scope: "read" });
  const names = ["scope", "anyScope", "roles", "allRoles", "clients", "groups", "wids", "acrs", "claims"];
  const wrong = names.flatMap((name) => [undefined, null, "", [], [""], 5, {}, [5], true].map((value) => ({ [name]: value })));
  for (const requirement of [...wrong, { claims: { plan: null } }, { claims: { plan: {} } }, { claims: { plan: [] } }, { claims: { plan: [undefined] } }, { claims: [] }]) {
    for (const placed of [requirement, { user: requirement }]) {
      await refused("invalid_option", () => verifier.verify(good, placed));
      await refused("invalid_option", async () => verifier.verifySync(good, placed));
    }
  }
});

test("Entra: groups that the token leaves out are asked for, and never assumed", async () => {
  const asked = [];
  const groupsOf = async ({ claims }) => (asked.push(claims.sub), claims.sub === "editor" ? ["editors"] : []);
  const { by, verifier } = await verifierBy({ resolveGroups: groupsOf });
  const overage = { _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint: "https://graph.example" } } };
  const of = (sub) => token(by, { sub, ...overage });
  assert.equal((await verifier.verify(await of("editor"), { groups: "editors" })).claims.sub, "editor");
  await refused("insufficient_group", async () => verifier.verify(await of("other"), { groups: "editors" }));
  assert.deepEqual(asked, ["editor", "other"]);
  // Nobody asks if no group is required, or the token has its groups.
  await verifier.verify(await of("editor"));
  await verifier.verify(await token(by, { groups: ["editors"] }), { groups: "editors" });
  assert.equal(asked.length, 2);
  await refused("groups_missing", async () => verifier.verifySync(await of("editor"), { groups: "editors" }));
  for (const resolveGroups of [undefined, () => Promise.reject(new Error("down"))]) {
    const without = await verifierBy({ resolveGroups });
    await refused("groups_missing", async () => without.verifier.verify(await token(without.by, { hasgroups: true }), { groups: "editors" }));
  }
  // The letters of a string are nobody's groups.
  for (const given of [[5], undefined, null, 7, {}, "xyz"]) {
    const wrong = await verifierBy({ resolveGroups: () => given });
    await refused("invalid_option", async () => wrong.verifier.verify(await token(wrong.by, { hasgroups: true }), { groups: "x" }));
  }
});

test("Entra: the claims challenge goes to a client that declared cp1", async () => {
  const { by, verifier } = await verifierBy({ realm: "notes", resourceMetadata: "https://api.example/.well-known/oauth-protected-resource" });
  const challenge = async (claims) => {
    const error = await verifier.verify(await token(by, claims), { acrs: "c1" }).catch((thrown) => thrown);
    const { status, headers } = error.response;
    return [status, headers["www-authenticate"]];
  };
  const [status, header] = await challenge({ xms_cc: ["cp1"] });
  assert.equal(status, 401);
  const [, claims] = /claims="([^"]+)"/.exec(header);
  assert.deepEqual(JSON.parse(atob(claims)), { access_token: { acrs: { essential: true, value: "c1" } } });
  assert.match(header, /^Bearer realm="notes", error="insufficient_claims", /);
  assert.match(header, /, resource_metadata="https:\/\/api\.example\/\.well-known\/oauth-protected-resource"$/);
  const [withoutCp1, plainHeader] = await challenge({});
  assert.equal(withoutCp1, 403);
  assert.notMatch(plainHeader, /claims=/);
});

test("one verifier takes the tokens of several issuers, each by its own keys and audience", async (provider) => {
  const [one, two] = [await newIssuer(provider), await newIssuer(provider)];
  const by = { one: await key("ES256"), two: await key("RS256") };
  await one.publish(by.one);
  await two.publish(by.two);
  for (const crypto of ["auto", "rust"]) {
    const verifier = createVerifier({ issuer: [one.issuer, { issuer: two.issuer, audience: "theirs" }], audience: AUDIENCE, crypto });
    for (let round = 0; round < 2; round += 1) {
      assert.equal((await verifier.verify(await one.token(by.one))).issuer, one.issuer);
      assert.equal((await verifier.verify(await two.token(by.two, { aud: "theirs" }))).issuer, two.issuer);
    }
    await refused("token_audience_mismatch", async () => verifier.verify(await two.token(by.two)));
    await refused("key_unknown", async () => verifier.verify(await two.token(by.one, { aud: "theirs" })));
    await refused("token_issuer_mismatch", async () => verifier.verify(await token(by.one, { iss: "https://login.other.example" })));
  }
  for (const issuer of [[], [one.issuer, one.issuer], [{ audience: "x" }], [5], [one.issuer, { issuer: two.issuer, typo: 1 }], {}]) {
    await refused("invalid_option", () => createVerifier({ issuer, audience: AUDIENCE }).verify("x"));
  }
  await refused("invalid_option", () => createVerifier({ issuer: [one.issuer, two.issuer], audience: AUDIENCE, jwksUri: `${one.issuer}/jwks` }).verify("x"));
});

test("keys come from jwksUri, given metadata, or an authority with a query", async (provider) => {
  const issuer = await newIssuer(provider);
  const by = await key("ES256");
  await issuer.publish(by);
  const good = await issuer.token(by);
  const document = { issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/jwks` };
  for (const source of [{ jwksUri: document.jwks_uri }, { metadata: document }, { metadata: JSON.stringify(document) }]) {
    await createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, ...source }).verify(good);
  }
  assert.equal((await issuer.requests()).metadata, 0);
  const [ofApp, other] = [".well-known/openid-configuration?appid=7", ".well-known/oauth-authorization-server"];
  for (const path of [ofApp, other]) await issuer.respond(path, { body: JSON.stringify(document) });
  for (const authority of [`${issuer.issuer}?appid=7`, `${issuer.issuer}/${other}`]) {
    await createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, authority }).verify(good);
  }
  assert.deepEqual([await issuer.statuses(ofApp), await issuer.statuses(other)], [[200], [200]]);
  // Metadata that names another issuer is not believed.
  const foreign = { ...document, issuer: "https://login.other.example" };
  await refused("keys_unavailable", () => createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, metadata: foreign }).verify(good));
  for (const wrong of [{ jwksUri: "http://login.example/keys" }, { jwksUri: document.jwks_uri, metadata: document }, { metadata: 5 }, { jwksUri: 5 }]) {
    await refused("invalid_option", () => createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, ...wrong }).verify(good));
  }
});

test("Entra: a function decides about tenants, and only by true", async () => {
  const by = await key("ES256");
  const issuer = "https://login.microsoftonline.com/{tenantid}/v2.0";
  const of = (tid) => token(by, { iss: issuer.replace("{tenantid}", tid), tid, scp: "read" });
  const verifierOf = (tenants) => createVerifier({ issuer, audience: AUDIENCE, jwks: jwks(by), tenants });
  for (const isKnown of [(tenant) => tenant === TENANT, async (tenant, { claims }) => claims.tid === TENANT]) {
    const verifier = verifierOf(isKnown);
    assert.equal((await verifier.verify(await of(TENANT))).tenant, TENANT);
    await refused("tenant_refused", async () => verifier.verify(await of("99999999-2222-3333-4444-555555555555")));
  }
  for (const wrong of [() => [], () => "true", () => undefined, () => 1]) {
    await refused("invalid_option", async () => verifierOf(wrong).verify(await of(TENANT)));
  }
  const later = verifierOf(async () => true);
  await later.verify(await of(TENANT));
  const signed = await of(TENANT);
  await refused("invalid_option", async () => later.verifySync(signed));
});

test("metadata and keys are fetched by the caller's fetch", async (provider) => {
  const issuer = await newIssuer(provider);
  const by = await key("ES256");
  await issuer.publish(by);
  const urls = [];
  const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, fetch: (url, init) => (urls.push(url), fetch(url, init)) });
  await verifier.verify(await issuer.token(by));
  assert.deepEqual(urls, [`${issuer.issuer}/.well-known/openid-configuration`, `${issuer.issuer}/jwks`]);
  await refused("invalid_option", () => createVerifier({ issuer: issuer.issuer, audience: AUDIENCE, fetch: "fetch" }).verify("x"));
});

test("RFC 7519 4.3: a required claim may be in a list of anything, and a number is one that JSON has", async () => {
  const { by, verifier } = await verifierBy();
  const listed = await token(by, { level: [1, "two", true, null, { x: 1 }, [3]] });
  for (const level of [1, "two", true, [9, 1]]) await verifier.verify(listed, { claims: { level } });
  for (const level of [2, "1", false, "x", 3]) await refused("claim_refused", () => verifier.verify(listed, { claims: { level } }));
  for (const level of [NaN, Infinity, [1, NaN]]) await refused("invalid_option", () => verifier.verify(listed, { claims: { level } }));
});
