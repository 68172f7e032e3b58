// Stores that take time: the browser's database, and a store of the page's own. Tabs share what is in them.

import { LocalRecords } from "./local-records.js";
import { OwnRecords } from "./own-records.js";

/** Longer than any store takes that will respond at all. */
const PATIENCE_MS = 10_000;

/** The store of this kind, or over what the page's author gives. */
export function openAsyncStore(storage, prefix) {
  return new AsyncStore(prefix, storage === "local" ? new LocalRecords() : new OwnRecords(storage));
}

/** Has the members of `AreaStore`, most of which return promises. */
class AsyncStore {
  #prefix;
  #records;
  #channel;
  #last = Promise.resolve();
  /** How the session's record begins, as far as this client was told. */
  #head;

  constructor(prefix, records) {
    this.#prefix = prefix;
    this.#records = records;
  }

  read(name) {
    return this.#next(name, async (key) => {
      const record = (await this.#records.read(key)) ?? null;
      this.#head = headOf(record);
      return record;
    });
  }

  write(name, record, over) {
    return this.#next(name, async (key) => {
      const found = await this.#records.replace(key, record, over);
      if (found !== over) return false;
      this.#head = headOf(record);
      this.#channel?.postMessage(this.#head);
      return true;
    });
  }

  /** Whether the record begins so, as far as is known; `undefined` if nothing is. */
  beginsWith(name, head) {
    return this.#head === undefined ? undefined : this.#head === head;
  }

  /** What is at hand without waiting: nothing. Whatever others write comes to the listener. */
  readNow() {}

  /** Calls with the session's record when it was written in another tab, or by another client of this page. */
  watch(listener, signal) {
    const look = () => this.read("session").then(listener, () => {});
    this.#channel = new BroadcastChannel(this.#prefix);
    this.#channel.onmessage = ({ data }) => {
      // Until the record is read, a flow has to find out.
      this.#head = data;
      look();
    };
    const end = this.#records.subscribe?.(look);
    signal.addEventListener("abort", () => {
      this.#channel.close();
      this.#channel = undefined;
      end?.();
    });
  }

  /** One at a time, and each in time: so no flow learns of an older state after a newer one. */
  #next(name, work) {
    const key = `${this.#prefix}:${name}`;
    const done = this.#last.then(() => inTime(work(key)));
    this.#last = done.catch(() => (this.#head = undefined));
    return done;
  }
}

function inTime(work) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(reject, PATIENCE_MS, new Error("The store does not respond."))));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

const headOf = (record) => (record ?? "").split("&", 1)[0];
