// Runs a flow of the core: waits for what it asks for, requests and locks, until it ends.

import { AuthError, toAuthError } from "./auth-error.js";
import { decode } from "./crossing.js";

const TIMEOUT_MS = 30_000;

/** What the flows of one client share: the page's `fetch`, and who carries out notices. */
export class FlowRunner {
  #fetch;
  #take;

  constructor(fetch, take) {
    this.#fetch = fetch;
    this.#take = take;
  }

  /** @returns the members of the flow's result @throws {AuthError} what the flow ended with */
  async run(flow) {
    // What releases the locks of this flow, by name; no other flow's lock is ever touched.
    const locks = new Map();
    try {
      let step = this.#next(flow.resume(0), locks);
      while (step.result === undefined) {
        if (step.lock !== undefined) {
          locks.set(step.lock, await acquire(step.lock));
          step = this.#next(flow.resume(0), locks);
        } else {
          const { status, body } = await this.#send(step);
          step = this.#next(flow.resume(status, body), locks);
        }
      }
      return decode(step.result);
    } finally {
      for (const release of locks.values()) release();
      flow.free();
    }
  }

  /** Carries out the notices that came with a step. */
  #next(text, locks) {
    const step = new URLSearchParams(text);
    for (const notice of step.getAll("notice").map(decode)) {
      // Releasing a lock a second time does nothing.
      if (notice.unlock === undefined) this.#take(notice);
      else locks.get(notice.unlock)?.();
    }
    if (step.has("error")) throw toAuthError(step.get("error"));
    return Object.fromEntries(step);
  }

  async #send({ send, form }) {
    try {
      const response = await this.#fetch(send, {
        // The provider's cookies are no part of these requests, and an endpoint that redirects
        // would send a code or a refresh token elsewhere.
        credentials: "omit",
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(form && { method: "POST", body: new URLSearchParams(form), cache: "no-store" }),
      });
      return { status: response.status, body: await response.text() };
    } catch {
      return { status: 0 };
    }
  }
}

/** Waits for the Web Lock, which all tabs of the origin share; returns what releases it. */
function acquire(name) {
  return new Promise((acquired, failed) => {
    navigator.locks
      .request(name, () => new Promise((release) => acquired(release)))
      .catch((cause) => failed(new AuthError({ code: "insecure_context", message: "The page cannot use Web Locks; serve it over https or from localhost." }, cause)));
  });
}
