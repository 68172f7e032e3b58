/** What only workerd can get wrong: requests that overlap in an isolate, each with its own life. */
import assert from "node:assert/strict";

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

  "Workers: a request after a failed one fetches again, and gets a response": async ({ url, issuer, by }) => {
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
    const { url, stop } = await startWorker(new URL("cold.js", import.meta.url), project, bindings);
    try {
      await run({ url, issuer, by });
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
