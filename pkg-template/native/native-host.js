// What a native app does for the flows of its client.

import { AuthError } from "../auth-error.js";
import { exchange } from "../edge/send.js";

const TIMEOUT_MS = 10_000;
/** The longest time that a timer takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class NativeHost {
  /** Why the cache failed, which the flow need not know. */
  failure;
  #records;
  #fetch;
  #signal;
  #browser;

  /**
   * @param records where the session is kept: `read`, `write` and `lock`
   * @param [browser] shows a URL and waits for the redirect: `navigate` and `next`
   */
  constructor({ fetch, records, tell, signal, browser }) {
    this.#fetch = fetch;
    this.#records = records;
    this.#signal = signal;
    this.#browser = browser;
    this.tell = tell;
  }

  send(url, request) {
    const over = new AbortController();
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(() => {
        over.abort();
        // A custom `fetch` may take no notice of the signal.
        resolve({ failed: `TimeoutError: ${url.split("?")[0]}` });
      }, TIMEOUT_MS);
    });
    // `AbortSignal.timeout` would hold the program until then.
    return Promise.race([exchange(this.#fetch, url, request, over.signal), late]).finally(() => clearTimeout(timer));
  }

  read() {
    return this.#remember(() => this.#records.read());
  }

  async write(name, record, over) {
    return this.#remember(() => this.#records.write(record, over));
  }

  async lock(name) {
    return this.#remember(() => this.#records.lock(name));
  }

  async navigate(url) {
    await this.#browser.navigate(url);
  }

  async carryOut({ awaitRedirect, wait }) {
    if (awaitRedirect !== undefined) return { body: await abortable(this.#signal, this.#browser.next()) };
    let timer;
    const over = new Promise((resolve) => (timer = setTimeout(resolve, Math.min(Math.max(0, wait - Date.now()), LONGEST_TIMER_MS))));
    try {
      await abortable(this.#signal, over);
    } finally {
      clearTimeout(timer);
    }
    return {};
  }

  #remember(act) {
    const note = (error) => {
      this.failure ??= error;
      throw error;
    };
    try {
      const value = act();
      return value instanceof Promise ? value.catch(note) : value;
    } catch (error) {
      return note(error);
    }
  }
}

/** The work goes on for others; the caller who aborts gets an error at once. */
export function abortable(signal, work) {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason instanceof AuthError ? signal.reason : new AuthError("aborted", {}, signal.reason));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
