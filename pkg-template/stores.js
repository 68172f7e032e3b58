// Where the records of a page are kept. A store reads and writes texts by name; `write` puts a
// record in the place of one that begins with `over`, up to its first `&`, and of no other.

import { AuthError } from "./auth-error.js";

/** The event that a page's clients hear when one of them has written. */
export const WRITTEN = "countersign:written";

/** The stores by the names that `createClient` takes. */
export function openStore(kind, prefix) {
  const tab = () => new AreaStore(prefix, () => sessionStorage);
  if (kind === "session") return tab();
  if (kind === "memory") return new AreaStore(prefix, memory);
  throw new AuthError("invalid_option", { detail: 'storage must be "session" or "memory"' });
}

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
