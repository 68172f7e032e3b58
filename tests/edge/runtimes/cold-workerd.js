/** What only workerd can get wrong: requests that overlap in an isolate, each with its own life. */
import assert from "node:assert/strict";

import { base64url } from "jose";

import { newIssuer } from "../cases/issuer.js";
import { key } from "../cases/tokens.js";
import { startWorker } from "./workerd.js";

const CASES = {
  "Workers: two requests at once in a cold isolate both get a response": async ({ url, issuer, by }) => {
    const responses = await Promise.all(["one", "two"].map((sub) => ask(url, issuer.token(by, { sub }))));
    assert.deepEqual(responses, [{ status: 200, sub: "one" }, { status: 200, sub: "two" }]);
    assert.deepEqual(await ask(url, issuer.token(by, { sub: "three" })), { status: 200, sub: "three" });
  },

  "Workers: a request that is aborted while it fetches the keys does not hold up another": async ({ url, issuer, by }) => {
    await issuer.keys({ never: true, body: "{" });
    const given = new AbortController();
    const first = ask(url, issuer.token(by), given.signal).catch(({ name }) => name);
    await issuer.asked("jwks");
    await issuer.publish(by);
    given.abort();
    assert.equal(await first, "AbortError");
    assert.deepEqual(await ask(url, issuer.token(by, { sub: "second" })), { status: 200, sub: "second" });
  },

  "Workers: requests that overlap in a cold isolate fetch the keys once": async ({ url, issuer, by }) => {
    const good = await issuer.token(by, { sub: "good" });
    const responses = await Promise.all(Array.from({ length: 50 }, () => ask(url, good)));
    assert.ok(responses.every(({ status }) => status === 200));
    assert.deepEqual(await issuer.requests(), { metadata: 1, keys: 1, others: 0 });
  },

  "Workers: 10,000 invented kids within a minute cause two requests": async ({ url, issuer, by, moveClock }) => {
    await moveClock("stop");
    const good = await issuer.token(by);
    assert.equal((await ask(url, good)).status, 200);
    const [, payload, signature] = good.split(".");
    const invented = (number) => `${base64url.encode(JSON.stringify({ alg: by.alg, kid: `invented-${number}` }))}.${payload}.${signature}`;
    const statuses = new Set();
    for (let number = 0; number < 10_000; number += 100) {
      const asked = Array.from({ length: 100 }, (_, place) => ask(url, invented(number + place)));
      for (const { status } of await Promise.all(asked)) statuses.add(status);
    }
    assert.deepEqual(statuses, new Set([401, 503]));
    assert.deepEqual(await issuer.requests(), { metadata: 1, keys: 3, others: 0 });
    assert.equal((await ask(url, good)).status, 200);
  },

  "Workers: keys that are renewed meanwhile arrive, though the request has ended": async ({ url, issuer, by, moveClock }) => {
    const good = await issuer.token(by);
    await issuer.keys({ headers: { "cache-control": "max-age=60" }, body: JSON.stringify({ keys: [by.jwk] }) });
    assert.equal((await ask(url, good)).status, 200);
    await moveClock(120);
    assert.equal((await ask(url, good)).status, 200);
    await issuer.asked("jwks", 2);
    const renamed = { ...by, kid: "new", jwk: { ...by.jwk, kid: "new" } };
    // By now the renewal is over: it holds nobody back.
    const began = performance.now();
    await issuer.publish(by, renamed);
    assert.equal((await ask(url, issuer.token(renamed))).status, 200);
    assert.ok(performance.now() - began < 5_000);
  },

  // In this version there is no FinalizationRegistry.
  "Workers 2025-04-01: verifiers that are made for each request do not fill the memory": async ({ url }) => {
    const grown = async (count) => (await fetch(new URL(`many/${count}`, url))).json();
    const { bytes, hasRegistry } = await grown(200);
    assert.equal(hasRegistry, false);
    const after = await grown(10_000);
    assert.ok(after.bytes - bytes < 1_000_000, `${bytes} became ${after.bytes}`);
  },

  "Workers: requirements are remembered by their size": async ({ url }) => {
    const { bytes } = await (await fetch(new URL("requirements/300", url))).json();
    assert.ok(bytes < 10_000_000, String(bytes));
  },

  "Workers: a request after a failed one asks anew and gets its response": async ({ url, issuer, by }) => {
    assert.equal((await ask(url, "x")).status, 401);
    assert.deepEqual(await ask(url, issuer.token(by, { sub: "good" })), { status: 200, sub: "good" });
  },
};

/** @param {(result: { name: string, error?: string }) => void} report */
export async function runInColdWorkerd({ project, provider, only }, report) {
  const by = await key("RS256");
  for (const [name, run] of Object.entries(CASES).filter(([name]) => name.includes(only))) {
    const issuer = await newIssuer(provider);
    await issuer.publish(by);
    const bindings = { ISSUER: issuer.issuer, AUDIENCE: issuer.audience };
    const { url, stop } = await startWorker(new URL("cold.js", import.meta.url), project, bindings, name.match(/\d{4}-\d\d-\d\d/)?.[0]);
    try {
      await run({ url, issuer, by, moveClock: (seconds) => fetch(new URL(`clock/${seconds}`, url)) });
      report({ name });
    } catch (error) {
      report({ name, error: String(error?.stack ?? error) });
    } finally {
      await stop();
    }
  }
}

async function ask(url, token, signal) {
  const response = await fetch(url, { headers: { authorization: `Bearer ${await token}` }, signal });
  const { sub } = await response.json();
  return { status: response.status, sub };
}
