// Locks of one isolate.

/** Longer than a request should take: who has not released a lock by then was given up. */
const PATIENCE_MS = 15_000;
const SHORTEST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 20;

/**
 * A lock is data, not a promise: on Workers, what one request waits for may never be settled by another. There a request looks again
 * and again, by timers of its own; elsewhere each holder wakes the next one.
 */
export class Locks {
  #held = new Map();
  #waiting = new Map();
  #sharesPromises;

  constructor(sharesPromises) {
    this.#sharesPromises = sharesPromises;
  }

  /** Waits for the lock; returns what releases it. */
  async lock(name) {
    for (let pause = SHORTEST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const holder = this.#held.get(name);
      if (holder === undefined || Date.now() - holder.since > PATIENCE_MS) return this.#take(name);
      await (this.#sharesPromises ? this.#released(name) : new Promise((over) => setTimeout(over, pause)));
    }
  }

  #take(name) {
    const holder = { since: Date.now() };
    this.#held.set(name, holder);
    return () => {
      if (this.#held.get(name) !== holder) return;
      this.#held.delete(name);
      const [next] = this.#waiting.get(name) ?? [];
      next?.();
    };
  }

  #released(name) {
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting);
    return new Promise((over) => {
      const wake = () => {
        clearTimeout(timer);
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(name);
        over();
      };
      // In case that nobody releases it.
      const timer = setTimeout(wake, PATIENCE_MS);
      waiting.add(wake);
    });
  }
}
