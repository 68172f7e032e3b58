// Stores for the tokens of a service. What they are given is encrypted already. An own store needs `get` and `set`; with `lock`, the
// instances of a service share one request for a token.

/** Cloudflare Workers KV. It knows no locks, and shows what was written elsewhere a minute later at worst. */
export function kvStore(namespace) {
  return {
    get: (name) => namespace.get(name),
    // The shortest life that KV takes is a minute.
    set: (name, value, { expiresAt }) => namespace.put(name, value, { expirationTtl: Math.max(60, Math.ceil(expiresAt - now())) }),
  };
}

/** Redis, by a client of the package `redis` or `ioredis`. */
export function redisStore(client) {
  const command = typeof client.call === "function" ? (...words) => client.call(...words) : (...words) => client.sendCommand(words);
  return {
    get: (name) => command("GET", name),
    set: (name, value, { expiresAt }) => command("SET", name, value, "PX", String(Math.max(1, Math.round((expiresAt - now()) * 1000)))),
    async lock(name) {
      const key = `${name}:lock`;
      const owner = crypto.randomUUID();
      while ((await command("SET", key, owner, "NX", "PX", String(LEASE_MS))) === null) await pause();
      const renewing = renewed(() => command("EVAL", "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end", "1", key, owner, String(LEASE_MS)));
      // Only one's own: the lease may have run out, and the lock may be another's.
      return () => clearInterval(renewing) ?? command("EVAL", "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end", "1", key, owner);
    },
  };
}

/** Durable Objects of the class {@link TokenStoreObject}, one for each token. */
export function durableObjectStore(namespace) {
  const ask = async (name, method, path = "", body) => {
    const object = namespace.get(namespace.idFromName(name));
    const response = await object.fetch(`https://store.invalid/${path}`, { method, body });
    if (!response.ok && response.status !== 404) throw new Error(`The store responded with the status ${response.status}.`);
    return response.status === 404 ? null : response.text();
  };
  return {
    get: (name) => ask(name, "GET"),
    set: (name, value, { expiresAt }) => ask(name, "PUT", `?expiresAt=${expiresAt}`, value),
    async lock(name) {
      const owner = await ask(name, "POST", "lock");
      const renewing = renewed(() => ask(name, "PATCH", `lock?owner=${owner}`));
      return () => clearInterval(renewing) ?? ask(name, "DELETE", `lock?owner=${owner}`);
    },
  };
}

/** Who has not renewed a lock by then was given up: its timers ended with it. */
const LEASE_MS = 5_000;

const renewed = (renew) => setInterval(() => renew().catch(() => {}), LEASE_MS / 5);

/** The class of the Durable Objects: export it from the Worker, and name it in its configuration. */
export class TokenStoreObject {
  #storage;
  #holder;
  #waiting = [];

  constructor(state) {
    this.#storage = state.storage;
  }

  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/lock") return this.#lockRequest(request.method, searchParams.get("owner"));
    if (request.method === "PUT") return this.#set(await request.text(), Number(searchParams.get("expiresAt")));
    const entry = await this.#storage.get("entry");
    return entry === undefined || entry.expiresAt <= now() ? new Response(null, { status: 404 }) : new Response(entry.value);
  }

  async alarm() {
    await this.#storage.deleteAll();
  }

  async #set(value, expiresAt) {
    await this.#storage.put("entry", { value, expiresAt });
    await this.#storage.setAlarm(expiresAt * 1000);
    return new Response();
  }

  #lockRequest(method, owner) {
    if (method === "POST") return this.#lock();
    return method === "PATCH" ? this.#renew(owner) : this.#release(owner);
  }

  // All requests to one object share an I/O context: here, one may settle another's promise.
  async #lock() {
    while (this.#holder !== undefined && this.#holder.until > Date.now()) {
      await new Promise((wake) => {
        this.#waiting.push(wake);
        setTimeout(wake, this.#holder.until - Date.now());
      });
    }
    const owner = crypto.randomUUID();
    this.#holder = { owner, until: Date.now() + LEASE_MS };
    return new Response(owner);
  }

  #renew(owner) {
    if (this.#holder?.owner === owner) this.#holder.until = Date.now() + LEASE_MS;
    return new Response();
  }

  #release(owner) {
    if (this.#holder?.owner === owner) this.#holder = undefined;
    for (const wake of this.#waiting.splice(0)) wake();
    return new Response();
  }
}

const now = () => Date.now() / 1000;

const pause = () => new Promise((over) => setTimeout(over, 20 + 40 * Math.random()));
