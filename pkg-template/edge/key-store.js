// Keys and metadata that outlive an isolate: in the Cache API, in Workers KV, or where the user likes. They are public; what is
// stored decides which tokens are accepted, so nobody else may write there.

import { inTime } from "./in-time.js";

/** A stored response is used for a day, as the core uses keys. */
const USABLE_MS = 86_400_000;

/**
 * Carries out requests as `sendBy` does. The first one for a URL gets what is stored, with its age, so that the core knows when to
 * ask again; the next ones go to the network, and their responses to the store.
 *
 * @param store `get(url)` and `put(url, entry)`, both may be asynchronous; one that fails counts as empty
 * @param {Set<string>} asked the URLs that were asked for before
 * @param waitUntil keeps a promise going that no request waits for
 */
export function sendWithStore(send, store, asked, waitUntil = () => {}) {
  return async (url, request) => {
    const stored = asked.has(url) ? undefined : await read(store, url);
    asked.add(url);
    if (stored !== undefined) return stored;
    const response = await send(url, request);
    waitUntil(keep(store, url, response));
    return response;
  };
}

async function read(store, url) {
  try {
    const entry = await inTime(store.get(url));
    if (typeof entry !== "object" || entry === null || !Object.hasOwn(entry, "body") || !Object.hasOwn(entry, "storedAt")) return undefined;
    const age = Date.now() - entry.storedAt;
    if (!isDocument(entry.body) || !(age >= 0 && age < USABLE_MS)) return undefined;
    const [etag, cacheControl] = ["etag", "cacheControl"].map((name) => (typeof entry[name] === "string" ? entry[name] : undefined));
    return { status: "200", body: entry.body, etag, cacheControl, age: String(age / 1000), stored: "1" };
  } catch {
    return undefined;
  }
}

/** Whether this can be metadata or keys. What cannot would only cost the token its first try. */
function isDocument(body) {
  const document = typeof body === "string" ? JSON.parse(body) : null;
  return typeof document?.jwks_uri === "string" || document?.keys?.length > 0;
}

async function keep(store, url, { status, body, etag, cacheControl }) {
  try {
    if (status === "200") await store.put(url, { body, etag: etag ?? undefined, cacheControl: cacheControl ?? undefined, storedAt: Date.now() });
    const known = status === "304" ? await store.get(url) : undefined;
    if (known != null) await store.put(url, { ...known, storedAt: Date.now() });
  } catch {
    // The next isolate asks the issuer.
  }
}

/** Keys in the Cache API: one for each of Cloudflare's data centres, or of a Deno process. */
export function cacheKeyStore(cache = globalThis.caches?.default) {
  // The Cache API takes URLs only, and this one is nobody's.
  const requestOf = (url) => `https://countersign.invalid/keys?${new URLSearchParams({ url })}`;
  return {
    get: async (url) => (await cache.match(requestOf(url)))?.json(),
    put: (url, entry) => cache.put(requestOf(url), new Response(JSON.stringify(entry), { headers: { "cache-control": `max-age=${USABLE_MS / 1000}` } })),
  };
}

/** Keys in Workers KV, for all data centres. */
export function kvKeyStore(namespace) {
  const nameOf = (url) => `countersign:keys:${url}`;
  return {
    get: (url) => namespace.get(nameOf(url), "json"),
    put: (url, entry) => namespace.put(nameOf(url), JSON.stringify(entry), { expirationTtl: USABLE_MS / 1000 }),
  };
}

/**
 * Keys in memory that can be taken elsewhere: `JSON.stringify(store)` is what another process passes on to begin with.
 *
 * @param entries what an earlier store was written as
 */
export function memoryKeyStore(entries = {}) {
  const kept = new Map(Object.entries(typeof entries === "string" ? JSON.parse(entries) : entries));
  return { get: (url) => kept.get(url), put: (url, entry) => void kept.set(url, entry), toJSON: () => Object.fromEntries(kept) };
}
