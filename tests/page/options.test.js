/** Options of the wrong type: each is refused as `invalid_option`, by its name and with its rule. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { opened, signedIn } from "./scene.js";

const TEXT = "must be a string that is not empty";
const WORDS = "must be a string or an array of strings, none of them empty";
const NUMBER = "must be a number of seconds";
const FLAG = "must be true or false";
const OBJECT = "must be an object";
const UNKNOWN = "is not an option";

/** Values as JavaScript, since not all of them can be handed to a page, by the option and its rule. */
const OF_CREATE_CLIENT = [
  ["clientId", ["5", "''", "'  '", "['page']", "Symbol('page')", "{}", "true"], TEXT],
  ["authority", ["5", "new URL('https://login.example')", "''"], TEXT],
  ["redirectUri", ["new URL('https://app.example')", "''"], TEXT],
  ["issuer", ["5n"], TEXT],
  ["storage", ["5", "['session']"], 'must be "session", "local", "memory" or a store with get and set'],
  ["scope", ["''", "[]", "['openid', '']", "[['openid']]", "5", "true", "{}", "new Set(['openid'])"], WORDS],
  ["trustedAudiences", ["[5]", "''"], WORDS],
  ["clockTolerance", ["'60'", "[60]", "true", "60n"], NUMBER],
  ["clockTolerance", ["NaN", "-1", "Infinity"], NUMBER],
  ["fetch", ["5", "'fetch'", "{}"], "must be a function"],
  ["onLog", ["5", "console"], "must be a function"],
  ["metadata", ["Symbol()", "() => {}", "circular", "5n"], "must be JSON"],
  ["scopes", ["'openid'", "['openid']", "5"], UNKNOWN],
  ["call", ["'signOut'", "5"], UNKNOWN],
  ["constructor", ["'x'", "5"], UNKNOWN],
  ["url", ["'https://app.example'"], UNKNOWN],
];

const OF_CALLS = [
  ["signIn", "maxAge", ["'3600'", "true"], NUMBER],
  ["signIn", "prompt", ["['login']", "''"], TEXT],
  ["signIn", "claims", ["{ id_token: {} }"], TEXT],
  ["signIn", "acrValues", ["[]", "5"], WORDS],
  ["signIn", "parameters", ["{ audience: 5 }", "{ audience: undefined }", "'audience=x'", "[5]", "['audience']"], "must be an object whose values are strings"],
  ["signIn", "appState", ["circular", "Symbol()", "() => {}", "5n"], "must be JSON"],
  ["signIn", "call", ["'signOut'"], UNKNOWN],
  ["getToken", "scope", ["''", "[]", "5", "null ?? Symbol()"], WORDS],
  ["getToken", "resource", ["''", "['a']"], TEXT],
  ["getToken", "forceRefresh", ["'true'", "1"], FLAG],
  ["getToken", "signal", ["{}", "5", "'now'", "new AbortController()"], "must be an AbortSignal"],
  ["getToken", "call", ["'signOut'"], UNKNOWN],
  ["getToken", "url", ["'https://api.example'"], UNKNOWN],
  ["signOut", "local", ["'true'", "1"], FLAG],
  ["signOut", "call", ["'wake'"], UNKNOWN],
];

/** What a call in the page comes to, made of this JavaScript. */
function outcome(page, call) {
  return page.evaluate((call) => {
    const circular = {};
    circular.self = circular;
    const make = new Function("program", "circular", `return ${call};`);
    const { program } = globalThis;
    return program.outcome(Promise.resolve(make(program, circular)));
  }, call);
}

async function assertRefused(page, call, says) {
  const { error, isOurs } = await outcome(page, call);
  assert.deepEqual({ code: error?.code, isOurs }, { code: "invalid_option", isOurs: true }, call);
  assert.ok(error.message.includes(`(${says}`), `${call}: ${error.message}`);
}

for (const [name, values, rule] of OF_CREATE_CLIENT) {
  test(`createClient refuses ${name}: ${values.join(" or ")}: it ${rule}`, async (t) => {
    const { page, provider } = await opened(t);
    const given = `authority: ${JSON.stringify(provider.issuer)}, clientId: "page"`;
    for (const value of values) await assertRefused(page, `program.createClient({ ${given}, ${name}: ${value} })`, `${name} ${rule}`);
    assert.deepEqual(provider.requests, []);
  });
}

for (const [call, name, values, rule] of OF_CALLS) {
  test(`${call} refuses ${name}: ${values.join(" or ")}: it ${rule}`, async (t) => {
    const { page, provider } = await signedIn(t);
    const before = provider.requests.length;
    for (const value of values) await assertRefused(page, `program.clients[0].${call}({ ${name}: ${value} })`, `${name} ${rule}`);
    assert.equal(provider.requests.length, before);
    assert.equal((await page.evaluate(() => globalThis.program.clients[0].account)).subject, "alice");
  });
}

test("no call throws anything but an AuthError for options that are no object", async (t) => {
  const { page } = await signedIn(t);
  for (const call of ["signIn", "getToken", "signOut"]) {
    for (const value of ["null", "5", "'x'", "Symbol()", "true"]) {
      await assertRefused(page, `program.clients[0].${call}(${value})`, `options ${OBJECT}`);
    }
  }
  for (const value of ["", "null", "5", "'x'", "Symbol()", "[]"]) {
    const { error, isOurs } = await outcome(page, `program.createClient(${value})`);
    assert.deepEqual({ code: error?.code, isOurs }, { code: "invalid_option", isOurs: true }, value);
  }
  for (const value of ["null", "5", "Symbol()", "{}"]) {
    await assertRefused(page, `program.clients[0].handleRedirect(${value})`, "url must be a string or a URL");
  }
});

test("client.fetch refuses arguments that make no request, and options of its token", async (t) => {
  const { page } = await signedIn(t);
  for (const call of ["'https://['", "Symbol()", "'/api', { method: 'A B' }", "'/api', { body: 'x' }", "'/api', 5"]) {
    await assertRefused(page, `program.clients[0].fetch(${call})`, "request cannot be made of these arguments");
  }
  await assertRefused(page, "program.clients[0].fetch('/api', { token: { scope: 5 } })", `scope ${WORDS}`);
  await assertRefused(page, "program.clients[0].fetch('/api', { token: 'x' })", `options ${OBJECT}`);
  await assertRefused(page, "program.clients[0].fetch('/api', { token: { url: '/x' } })", `url ${UNKNOWN}`);
});

test("Fetch 2.2.2: client.fetch refuses mode no-cors, in which the token would not be sent, and says what to do", async (t) => {
  const { page, provider } = await signedIn(t);
  provider.paths.api = "/api";
  const api = JSON.stringify(`${provider.issuer}/api`);
  for (const call of [`${api}, { mode: "no-cors" }`, `new Request(${api}, { mode: "no-cors" })`]) {
    await assertRefused(page, `program.clients[0].fetch(${call})`, "mode must not be no-cors");
  }
  assert.deepEqual(provider.requestsTo("api"), []);
});

test("null and undefined leave an option out, and every option of its type is taken", async (t) => {
  const { page, provider } = await opened(t);
  const all = `{
    authority: ${JSON.stringify(provider.issuer)}, clientId: "page", issuer: null, scope: ["openid", "offline_access"], resource: undefined,
    metadata: null, trustedAudiences: ["a"], storage: "memory", clockTolerance: 0, fetch: (...given) => fetch(...given), onLog() {}, wasm: null,
  }`;
  const { error } = await outcome(page, `program.create(${all})`);
  assert.equal(error, undefined);
  const options = "{ scope: null, signal: new AbortController().signal, forceRefresh: false, claims: undefined }";
  assert.equal((await outcome(page, `program.clients[0].getToken(${options})`)).error.code, "sign_in_required");
  assert.deepEqual(await outcome(page, "program.clients[0].signOut({ local: true })"), { value: undefined });
});

test("every option that the core knows has its kind in options.js or stands among the texts in explain.js", async () => {
  const read = (file) => readFile(new URL(`../../${file}`, import.meta.url), "utf8");
  const sources = await Promise.all(["src/browser/options.rs", "src/javascript/session.rs", "src/javascript/sign_in.rs"].map(read));
  const lists = sources.join("").matchAll(/"([a-z_]+(?:[ \\\n]+[a-z_]+)+ ?)"/g);
  const names = [...lists].flatMap(([, list]) => list.split(/[ \\\n]+/)).filter((name) => name !== "" && name !== "url");
  const [, kinds] = /KINDS = \{([^}]*)\}/.exec(await read("pkg-template/options.js"));
  const [, texts] = /TEXT_OPTIONS =\s*"([^"]*)"/.exec(await read("pkg-template/explain.js"));
  const known = [...kinds.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name).concat(texts.split(" "));
  assert.ok(names.length > 20, names.join(" "));
  for (const name of names.map((name) => name.replaceAll(/_(.)/g, (_, letter) => letter.toUpperCase()))) assert.ok(known.includes(name), name);
});
