// What proofs and logout tokens were used, so that each is good once: in memory, in Workers KV, in Durable Objects. An own store has
// the method `add(id, expiresAt)`, which returns whether it is the first one of this id.

const MAX_IN_MEMORY = 100_000;
/** The shortest life that KV takes, in seconds. */
const KV_TTL = 60;
/** How often a Durable Object looks for what has expired. */
const SWEEP_MS = 60_000;

const now = () => Date.now() / 1000;

/** In this isolate. A full store accepts nothing more: to forget what was used would let it be used again. */
export function memoryReplayStore({ max = MAX_IN_MEMORY } = {}) {
  const seen = new Map();
  let sweptAt = 0;
  const sweep = (isWhole) => {
    for (const [id, expiresAt] of seen) {
      if (expiresAt <= now()) seen.delete(id);
      else if (!isWhole) return;
    }
  };
  return {
    add(id, expiresAt) {
      if (seen.get(id) > now()) return false;
      // In most cases those that came first expire first.
      sweep(false);
      if (seen.size >= max && now() - sweptAt > 1) {
        sweep(true);
        sweptAt = now();
      }
      if (seen.size >= max) throw new Error("The store is full.");
      seen.delete(id);
      seen.set(id, expiresAt);
      return true;
    },
    get size() {
      return seen.size;
    },
  };
}

/** Workers KV, with a memory before it. What is used in two data centres within a minute may be taken for the first use in both. */
export function kvReplayStore(namespace) {
  const memory = memoryReplayStore();
  return {
    async add(id, expiresAt) {
      if (!memory.add(id, expiresAt)) return false;
      const name = `countersign:replay:${id}`;
      if ((await namespace.get(name)) !== null) return false;
      await namespace.put(name, "1", { expirationTtl: Math.max(KV_TTL, Math.ceil(expiresAt - now())) });
      return true;
    },
  };
}

/** Durable Objects of the class {@link ReplayStoreObject}: exact, for all data centres. The ids are shared out among 64 of them. */
export function durableObjectReplayStore(namespace) {
  return {
    async add(id, expiresAt) {
      const object = namespace.get(namespace.idFromName(`replay ${id[0]}`));
      const response = await object.fetch(`https://store.invalid/?${new URLSearchParams({ id, expiresAt })}`, { method: "POST" });
      if (!response.ok) throw new Error(`The store responded with the status ${response.status}.`);
      return (await response.text()) === "first";
    },
  };
}

/** The class of the Durable Objects: export it from the Worker, and name it in its configuration. */
export class ReplayStoreObject {
  #storage;

  constructor(state) {
    this.#storage = state.storage;
  }

  // While the storage is asked, no other request comes in between.
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const id = searchParams.get("id");
    if ((await this.#storage.get(id)) > now()) return new Response("used");
    await this.#storage.put(id, Number(searchParams.get("expiresAt")));
    if ((await this.#storage.getAlarm()) === null) await this.#storage.setAlarm(Date.now() + SWEEP_MS);
    return new Response("first");
  }

  async alarm() {
    const all = await this.#storage.list();
    const expired = [...all].filter(([, expiresAt]) => expiresAt <= now()).map(([id]) => id);
    for (let place = 0; place < expired.length; place += 128) await this.#storage.delete(expired.slice(place, place + 128));
    if (expired.length < all.size) await this.#storage.setAlarm(Date.now() + SWEEP_MS);
  }
}
