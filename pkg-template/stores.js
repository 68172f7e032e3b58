// Where the records of a page are kept. A store reads and writes texts by name; `write` puts a
// record in the place of one that begins with `over`, up to its first `&`, and of no other.

import { AuthError } from "./auth-error.js";

/** The event that a page's clients hear when one of them has written. */
const WRITTEN = "countersign:written";

/**
 * The store that the option `storage` means.
 *
 * @param loadAsync loads `async-store.js`: a page that does not need it does not pay for it
 */
export async function openStore(storage, prefix, loadAsync) {
  if (storage === "session") return tabStore(prefix);
  if (storage === "memory") return new AreaStore(prefix, memory);
  if (storage !== "local" && typeof storage !== "object") {
    throw new AuthError("invalid_option", { detail: 'storage must be "session", "local", "memory" or a store with get and set' });
  }
  try {
    return (await loadAsync()).openAsyncStore(storage, prefix);
  } catch (cause) {
    throw new AuthError("storage_unavailable", { detail: "async-store.js" }, cause);
  }
}

/** The store of a tab, which outlives a redirect. */
export const tabStore = (prefix) => new AreaStore(prefix, () => sessionStorage);

/** A store over `sessionStorage` or what has the same shape. */
class AreaStore {
  #prefix;
  #area;

  constructor(prefix, area) {
    this.#prefix = prefix;
    this.#area = area;
  }

  read(name) {
    return this.#area().getItem(this.key(name));
  }

  /** The same, of a store that takes no time. */
  readNow(name) {
    return this.read(name);
  }

  write(name, record, over) {
    if (headOf(this.read(name)) !== over) return false;
    this.#area().setItem(this.key(name), record);
    // Once the writer itself knows it.
    queueMicrotask(() => dispatchEvent(new Event(WRITTEN)));
    return true;
  }

  /** Whether the record is the one that begins so; `undefined` if the store cannot be read. */
  beginsWith(name, head) {
    try {
      const record = this.read(name);
      return record === null ? head === "" : record.startsWith(head) && "&".includes(record.charAt(head.length));
    } catch {
      return undefined;
    }
  }

  /** Calls when a record may have been written: in a frame, or by another client of this page. */
  watch(listener, signal) {
    for (const name of ["storage", WRITTEN]) addEventListener(name, () => listener(), { signal });
  }

  key(name) {
    return `${this.#prefix}:${name}`;
  }
}

/** Shared by all clients on the page, also those of another copy of the package. */
function memory() {
  return (globalThis[Symbol.for("countersign.memory")] ??= {
    records: new Map(),
    getItem(key) {
      return this.records.get(key) ?? null;
    },
    setItem(key, record) {
      this.records.set(key, record);
    },
  });
}

const headOf = (record) => (record ?? "").split("&", 1)[0];
