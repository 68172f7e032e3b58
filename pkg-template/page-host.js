// What a page does for the flows of its client.

import { AuthError } from "./auth-error.js";
import { whole } from "./response.js";
import { claimTab } from "./tab.js";

const TIMEOUT_MS = 30_000;
/** Longer than a request may take: who has not released a lock by then is frozen. */
const PATIENCE_MS = 60_000;

/** Why the last request for a URL failed, by the URL without its query. */
export const failures = new Map();

/** The last URL that the page's Content-Security-Policy kept from being reached. */
export let forbidden = "";
globalThis.addEventListener?.("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
  if (effectiveDirective === "connect-src") forbidden = withoutQuery(blockedURI);
});

export class PageHost {
  #fetch;
  #store;
  #transactions;

  /** @param fetch what makes requests @param store where the session is kept @param transactions where sign-ins in progress are kept */
  constructor(fetch, store, transactions, tell) {
    this.#fetch = fetch;
    this.#store = store;
    this.#transactions = transactions;
    this.tell = tell;
  }

  async send(url, { method, headers, body }) {
    try {
      const options = {
        method,
        headers: [...new URLSearchParams(headers)],
        body,
        // The provider's cookies are no part of these requests, and an endpoint that redirects
        // would send a code or a refresh token elsewhere.
        credentials: "omit",
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body && { cache: "no-store" }),
      };
      return await Promise.race([this.#exchange(url, options), timeout(options.signal)]);
    } catch (cause) {
      const failed = withoutQuery(url);
      failures.set(failed, cause);
      return { failed };
    }
  }

  read(name) {
    return this.#storeOf(name).read(name);
  }

  write(name, record, over) {
    return this.#storeOf(name).write(name, record, over);
  }

  /** Waits for the Web Lock, which all tabs of the origin share; returns what releases it. */
  async lock(name) {
    try {
      return await acquire(name, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch((error) => {
        if (error.name !== "TimeoutError") throw error;
        return acquire(name, { steal: true });
      });
    } catch (cause) {
      throw new AuthError("insecure_context", { detail: "Web Locks" }, cause);
    }
  }

  async claimTab() {
    return this.#store !== this.#transactions || claimTab();
  }

  navigate(url) {
    globalThis.location.assign(url);
  }

  async #exchange(url, options) {
    const response = await this.#fetch(url, options);
    return whole(response, await response.text());
  }

  #storeOf(name) {
    return name === "transactions" ? this.#transactions : this.#store;
  }
}

/** A custom `fetch` may take no notice of the signal. */
function timeout(signal) {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

export function withoutQuery(url) {
  return url.split(/[?#]/, 1)[0];
}

function acquire(name, options) {
  return new Promise((acquired, failed) => {
    navigator.locks.request(name, options, () => new Promise((release) => acquired(release))).catch(failed);
  });
}
