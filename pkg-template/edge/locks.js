// Locks of one isolate.

/** Longer than a request may take: who has not released a lock by then was given up. */
const PATIENCE_MS = 30_000;
const SHORTEST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 20;

/**
 * A lock is data, not a promise: on Workers, what one request waits for may never be settled by another. There a request looks again
 * and again, by timers of its own; elsewhere the holder wakes the next one.
 */
export class Locks {
  #held = new Map();
  #sharesPromises;

  constructor(sharesPromises) {
    this.#sharesPromises = sharesPromises;
  }

  /** Waits for the lock; returns what releases it. */
  async lock(name) {
    for (let pause = SHORTEST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const holder = this.#held.get(name);
      if (holder === undefined || Date.now() - holder.since > PATIENCE_MS) return this.#take(name, holder);
      await this.#changed(holder, pause);
    }
  }

  #take(name, former) {
    // Who waited for the former holder waits for this one.
    const holder = { since: Date.now(), waiting: former?.waiting ?? [] };
    this.#held.set(name, holder);
    return () => {
      if (this.#held.get(name) === holder) this.#held.delete(name);
      for (const wake of holder.waiting.splice(0)) wake();
    };
  }

  #changed(holder, pause) {
    if (!this.#sharesPromises) return new Promise((wake) => setTimeout(wake, pause));
    return new Promise((wake) => {
      holder.waiting.push(wake);
      setTimeout(wake, PATIENCE_MS).unref?.();
    });
  }
}
