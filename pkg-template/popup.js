// A window of its own for the provider's page. It is loaded with the first popup.
//
// A provider's Cross-Origin-Opener-Policy cuts the window off from its opener: then `closed` is true though the window is open, and
// the window can neither be closed nor read from here. So the response comes over a BroadcastChannel, and `closed` is believed only if
// the provider's page could be seen before and the focus is back on this page.

import { AuthError } from "./auth-error.js";
import { nameOf } from "./callback.js";

const LOOK_MS = 200;
/** For so many looks the focus may take to come back. */
const LOOKS = 5;
/** A page that is back on this origin delivers its response by then. */
const DELIVERY_MS = 10_000;
/** A code is good for ten minutes at most (RFC 6749 section 4.1.2), and nobody knows how long the user takes before. */
const PATIENCE_MS = 15 * 60_000;

export class Popup {
  #window;
  #signal;

  constructor(window, signal) {
    this.#window = window;
    this.#signal = signal;
  }

  /** Shows a URL. @returns the URL that the window comes back with */
  async show({ popup: url, state }) {
    const name = nameOf(state);
    const ending = new AbortController();
    const { signal } = ending;
    try {
      const { promise, resolve, reject } = withResolvers();
      // It shows the window's page that it is awaited, and ends with this page.
      await new Promise((held, failed) => {
        navigator.locks.request(name, () => (held(), new Promise((done) => signal.addEventListener("abort", done)))).catch(failed);
      });
      const channel = new BroadcastChannel(name);
      signal.addEventListener("abort", () => channel.close());
      channel.onmessage = ({ data }) => {
        channel.postMessage({});
        resolve({ body: data.url });
      };
      this.#signal.addEventListener("abort", () => reject(this.#signal.reason), { signal });
      this.#signal.throwIfAborted();
      if (this.#window.closed) throw new AuthError("popup_closed");
      this.#window.location.replace(url);
      this.#watch(reject, signal);
      return await promise;
    } finally {
      ending.abort();
    }
  }

  #watch(reject, signal) {
    const begun = Date.now();
    let wasSeen = false;
    let looksSinceClosed = 0;
    let backSince;
    const look = () => {
      const now = Date.now();
      const place = this.#place();
      wasSeen ||= place === "elsewhere";
      backSince = place === "back" ? (backSince ?? now) : undefined;
      looksSinceClosed = place === "closed" ? looksSinceClosed + 1 : 0;
      if (wasSeen && looksSinceClosed > 0 && looksSinceClosed <= LOOKS && document.hasFocus()) reject(new AuthError("popup_closed"));
      if (now - begun > PATIENCE_MS || now - backSince > DELIVERY_MS) reject(new AuthError("popup_no_response"));
    };
    const timer = setInterval(look, LOOK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  #place() {
    if (this.#window.closed) return "closed";
    try {
      return this.#window.location.href === "about:blank" ? "blank" : "back";
    } catch {
      return "elsewhere";
    }
  }
}

function withResolvers() {
  const resolvers = {};
  resolvers.promise = new Promise((resolve, reject) => Object.assign(resolvers, { resolve, reject }));
  return resolvers;
}
