// Records in IndexedDB, whose transactions all tabs of the origin see in one order; `localStorage` promises no such thing. They are
// encrypted with a key that no script can read out, so a copy of the texts is worth nothing elsewhere. A script in the page can have
// them decrypted, as the page does.

const DATABASE = "countersign";
const RECORDS = "records";
const KEYS = "keys";
const KEY = "records";
const ALGORITHM = "AES-GCM";
/** A key is replaced only when the user clears the site's data, which happens to a page once. */
const ATTEMPTS = 3;

export class LocalRecords {
  #database;

  /** The record, `null` if there is none, and its beginning alone if it cannot be decrypted. */
  async read(name) {
    const { entry, key } = await this.#transaction("readonly", async (records, keys) => ({
      entry: await result(records.get(name)),
      key: await result(keys.get(KEY)),
    }));
    if (entry === undefined) return null;
    const head = headOf(entry);
    try {
      const { iv, data } = entry;
      const text = await crypto.subtle.decrypt({ name: ALGORITHM, iv, additionalData: bytes(`${name}\n${head}`) }, key.key, data);
      return new TextDecoder().decode(text);
    } catch {
      // The key is gone, or the record was altered: the core drops what it cannot read.
      return `${head}&`;
    }
  }

  /** Puts a record in the place of one that begins so, and of no other. @returns how the one began that was there */
  async replace(name, record, over) {
    const head = record.split("&", 1)[0];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { id, key } = await this.#key();
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const data = await crypto.subtle.encrypt({ name: ALGORITHM, iv, additionalData: bytes(`${name}\n${head}`) }, key, bytes(record));
      const found = await this.#transaction("readwrite", async (records, keys) => {
        const [entry, current] = await Promise.all([result(records.get(name)), result(keys.get(KEY))]);
        if (current?.id !== id) return undefined;
        if (headOf(entry) === over) await result(records.put({ head, iv, data }, name));
        return headOf(entry);
      });
      if (found !== undefined) return found;
    }
    throw new Error("The key is replaced again and again.");
  }

  /** The key; the first tab that needs one makes it. */
  async #key() {
    const known = await this.#transaction("readonly", (_, keys) => result(keys.get(KEY)));
    if (known !== undefined) return known;
    const made = { id: crypto.randomUUID(), key: await crypto.subtle.generateKey({ name: ALGORITHM, length: 256 }, false, ["encrypt", "decrypt"]) };
    return this.#transaction("readwrite", async (_, keys) => {
      const others = await result(keys.get(KEY));
      if (others === undefined) await result(keys.put(made, KEY));
      return others ?? made;
    });
  }

  async #transaction(mode, work) {
    const database = await (this.#database ??= this.#open());
    let transaction;
    try {
      transaction = database.transaction([RECORDS, KEYS], mode);
    } catch (error) {
      // The connection is closed.
      this.#database = undefined;
      throw error;
    }
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const [value] = await Promise.all([work(transaction.objectStore(RECORDS), transaction.objectStore(KEYS)), done]);
    return value;
  }

  async #open() {
    // A failure is not remembered, and neither is a connection that was closed: the user may clear the site's data.
    const forget = () => (this.#database = undefined);
    try {
      const opening = indexedDB.open(DATABASE, 1);
      opening.onupgradeneeded = () => {
        for (const name of [RECORDS, KEYS]) opening.result.createObjectStore(name);
      };
      const database = await result(opening);
      database.onclose = forget;
      database.onversionchange = () => (forget(), database.close());
      return database;
    } catch (error) {
      forget();
      throw error;
    }
  }
}

function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** How the record begins; an entry that is none begins like no record. */
const headOf = (entry) => (entry === undefined ? "" : String(entry?.head ?? "?").split("&", 1)[0]);
const bytes = (text) => new TextEncoder().encode(text);
