/** A real Redis as the store that two instances of a service share, by both of its ordinary clients. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

import { Redis } from "ioredis";
import { createClient } from "redis";

const KEY = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";
const SCOPE = "api://orders.contoso.example/.default";

/** Each connects to the socket. @returns {Promise<{ client, close: () => Promise<unknown> }>} */
const CLIENTS = {
  async redis(socket) {
    const client = await createClient({ socket: { path: socket } }).connect();
    return { client, keys: () => client.keys("*"), close: () => client.close() };
  },
  async ioredis(socket) {
    const client = new Redis(socket);
    return { client, keys: () => client.keys("*"), close: () => client.quit() };
  },
};

/** @param {(result: { name: string, error?: string }) => void} report */
export async function runWithRedis({ project, provider, only }, report) {
  const { createConfidentialClient, redisStore } = await import(pathToFileURL(path.join(project, "node_modules/countersign/edge/node.js")));
  const { origin, tenants, applications } = JSON.parse(provider);
  const { clientId, secret } = applications["Daemon with a secret"];
  const authority = `${origin}/${tenants[0]}/v2.0`;
  const metadata = await (await fetch(`${authority}/.well-known/openid-configuration`)).json();
  const { socket, stop } = await startRedis();
  try {
    for (const [name, connect] of Object.entries(CLIENTS)) {
      const rule = `Redis, by the package ${name}: instances that ask at the same time share one request, and its lock is released`;
      if (!rule.includes(only)) continue;
      const { client, keys, close } = await connect(socket);
      try {
        await client.flushAll?.();
        await client.flushall?.();
        let requests = 0;
        const instances = Array.from({ length: 5 }, (_, instance) =>
          createConfidentialClient({
            authority,
            clientId,
            credential: { secret },
            // Another text is another configuration: an instance that shares nothing but the store.
            metadata: { ...metadata, instance: `${name} ${instance}` },
            cache: { store: redisStore(client), key: KEY },
            fetch: (url, init) => ((requests += 1), fetch(url, init)),
          }),
        );
        const tokens = await Promise.all(instances.map((instance) => instance.clientCredentials({ scope: SCOPE })));
        assert.equal(new Set(tokens.map(({ accessToken }) => accessToken)).size, 1);
        assert.equal(requests, 1);
        const [entry, ...others] = await keys();
        assert.deepEqual(others, [], "the lock is released");
        assert.match(entry, /^countersign:/);
        const left = Number(await (client.pTTL?.(entry) ?? client.pttl(entry)));
        assert.ok(left > 0 && left <= (tokens[0].expiresAt - tokens[0].obtainedAt) * 1000, `the entry lives for ${left} ms`);
        report({ name: rule });
      } catch (error) {
        report({ name: rule, error: String(error?.stack ?? error) });
      } finally {
        await close();
      }
    }
  } finally {
    await stop();
  }
}

/** On a socket in a folder of its own: no port is taken. */
async function startRedis() {
  const folder = await mkdtemp(path.join(tmpdir(), "redis-"));
  const socket = path.join(folder, "socket");
  const server = spawn("redis-server", ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(server, "close");
  for await (const line of createInterface({ input: server.stdout })) if (/ready to accept connections/i.test(line)) break;
  server.stdout.resume();
  return {
    socket,
    async stop() {
      server.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
