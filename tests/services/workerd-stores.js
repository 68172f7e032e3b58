/** What only Workers have: KV, Durable Objects, and requests that overlap in an isolate and end before they are answered. */
import assert from "node:assert/strict";

import { startWorker } from "../edge/runtimes/workerd.js";

const KEY = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";

const CASES = {
  "Workers: clients of two requests at once share one request for a token": async ({ ask, tokenRequests }) => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => ask("/none?instance=a")));
    assert.equal(new Set(tokens).size, 1);
    assert.equal(await tokenRequests(), 1);
  },

  "Workers: a request that is given up while it waits for a token holds back nobody for good": async ({ ask, authority }) => {
    await authority.faults({ kind: "latency", path: "/token", milliseconds: 3000, times: 1 });
    const given = new AbortController();
    const first = ask("/none?instance=b", given.signal).catch(({ name }) => name);
    await authority.asked("/token");
    given.abort();
    assert.equal(await first, "AbortError");
    const began = performance.now();
    assert.match(await ask("/none?instance=b"), /^ey/);
    assert.ok(performance.now() - began < 4000, `it waited for ${performance.now() - began} ms`);
  },

  "Durable Objects: a request that is given up holds back the other instances for seconds only": async ({ ask, authority }) => {
    await authority.faults({ kind: "latency", path: "/token", milliseconds: 3000, times: 1 });
    const given = new AbortController();
    const first = ask("/objects?instance=f&scope=api://payroll.contoso.example/.default", given.signal).catch(({ name }) => name);
    await authority.asked("/token");
    given.abort();
    assert.equal(await first, "AbortError");
    const began = performance.now();
    await ask("/objects?instance=g&scope=api://payroll.contoso.example/.default").catch(() => {});
    assert.ok(performance.now() - began < 8000, `it waited for ${performance.now() - began} ms`);
  },

  "Durable Objects: a thousand callers in ten instances, at the moment of expiry, cause one request": async ({ ask, tokenRequests, authority }) => {
    const at = (instance, seconds) => `/objects?instance=h${instance}&seconds=${seconds}&scope=https://ledger.contoso.example/.default`;
    const former = await ask(at(0, 0));
    assert.equal(await tokenRequests(), 1);
    await authority.advance(7200);
    const tokens = await Promise.all(Array.from({ length: 1000 }, (_, caller) => ask(at(caller % 10, 7200))));
    assert.deepEqual([new Set(tokens).size, tokens.includes(former)], [1, false]);
    assert.equal(await tokenRequests(), 2);
  },

  "Workers KV: what one instance got serves another": async ({ ask, tokenRequests }) => {
    const first = await ask("/kv?instance=c");
    assert.equal(await ask("/kv?instance=d"), first);
    assert.equal(await tokenRequests(), 1);
  },

  "Durable Objects: instances that ask at the same time share one request": async ({ ask, tokenRequests }) => {
    const tokens = await Promise.all(Array.from({ length: 10 }, (_, instance) => ask(`/objects?instance=e${instance}`)));
    assert.equal(new Set(tokens).size, 1);
    assert.equal(await tokenRequests(), 1);
  },
};

/** @param {(result: { name: string, error?: string }) => void} report */
export async function runStoresInWorkerd({ project, provider, only }, report) {
  const { origin, control, tenants, applications } = JSON.parse(provider);
  const { clientId, secret } = applications["Daemon with a secret"];
  const issuer = `${origin}/${tenants[0]}/v2.0`;
  const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).text();
  const bindings = { AUTHORITY: issuer, CLIENT_ID: clientId, SECRET: secret, METADATA: metadata, KEY };
  const tell = async (method, path, body) => (await fetch(`${control}${path}`, { method, ...(body && { body: JSON.stringify(body) }) })).json();
  const tokenRequests = async () => (await tell("GET", "/requests?path=/token&method=POST")).length;
  const worker = await startWorker(new URL("stores-worker.js", import.meta.url), project, bindings, undefined, {
    kvNamespaces: ["TOKENS"],
    durableObjects: { OBJECTS: "TokenStoreObject" },
  });
  const ask = async (path, signal) => {
    const response = await fetch(new URL(path, worker.url), { signal });
    assert.equal(response.status, 200, await response.clone().text());
    return response.text();
  };
  const authority = {
    faults: (fault) => tell("POST", "/faults", fault),
    advance: (seconds) => tell("POST", "/clock", { advance: seconds }),
    async asked() {
      while ((await tokenRequests()) === 0) await new Promise(setImmediate);
    },
  };
  try {
    for (const [name, run] of Object.entries(CASES).filter(([name]) => name.includes(only))) {
      await tell("DELETE", "/requests");
      await tell("DELETE", "/faults");
      try {
        await run({ ask, tokenRequests, authority });
        report({ name });
      } catch (error) {
        report({ name, error: String(error?.stack ?? error) });
      }
    }
  } finally {
    await worker.stop();
  }
}
