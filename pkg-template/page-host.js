// What a page does for the flows of its client.

import { AuthError } from "./auth-error.js";
import { claimTab } from "./tab.js";

const TIMEOUT_MS = 30_000;
/** Longer than a request may take: a page that has not released a lock by then is frozen. */
const PATIENCE_MS = 60_000;

/** Why the last request for a URL failed, by the URL without its query. */
export const failures = new Map();

/** The last URL that the page's Content-Security-Policy kept from being reached. */
export let forbidden = "";
function remember({ effectiveDirective, blockedURI }) {
  if (effectiveDirective === "connect-src") forbidden = withoutQuery(blockedURI);
}

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
    addEventListener("securitypolicyviolation", remember);
  }

  async send(url, { method, headers, body }) {
    try {
      if (isOffline(url)) throw new Error("The device is offline.");
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
      // A page that was away may find that its tab was copied meanwhile.
      await this.claimTab();
      // Only who is next waits for the holder, and so knows how long this one has held the lock.
      const done = await acquire(`${name}:next`, {});
      const acquired = acquire(name, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch((error) => {
        if (error.name !== "TimeoutError") throw error;
        return acquire(name, { steal: true });
      });
      return await acquired.finally(done);
    } catch (cause) {
      throw new AuthError("storage_unavailable", { detail: "Web Locks" }, cause);
    }
  }

  async claimTab() {
    return this.#store !== this.#transactions || claimTab();
  }

  navigate(url) {
    location.assign(url);
  }

  async #exchange(url, options) {
    const response = await this.#fetch(url, options);
    const { headers, status } = response;
    const date = Date.parse(headers.get("date"));
    return {
      // Numbers cross in thousandths.
      status: String(status),
      date: Number.isNaN(date) ? undefined : date / 1000,
      retryAfter: seconds(headers.get("retry-after")),
      dpopNonce: headers.get("dpop-nonce"),
      body: await response.text(),
    };
  }

  #storeOf(name) {
    return name === "transactions" ? this.#transactions : this.#store;
  }
}

/** Whether a request is of no use. A server on this machine needs no network. */
function isOffline(url) {
  return navigator.onLine === false && !/^http:\/\/([^/:]+\.)?(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(url);
}

/** A custom `fetch` may take no notice of the signal. */
function timeout(signal) {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

/** `Retry-After` in seconds from now: it is a number, or a date (RFC 9110 section 10.2.3). */
function seconds(retryAfter) {
  if (!retryAfter) return undefined;
  const delay = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return delay > 0 ? Math.min(delay, Number.MAX_SAFE_INTEGER / 1000) : undefined;
}

export function withoutQuery(url) {
  return url.split(/[?#]/, 1)[0];
}

function acquire(name, options) {
  return new Promise((acquired, failed) => {
    navigator.locks.request(name, options, () => new Promise((release) => acquired(release))).catch(failed);
  });
}
