// Locks of one isolate.

/** Longer than a request should take: who has not released a lock by then was given up. */
const PATIENCE_MS = 15_000;
/**
 * On Workers, the timers of a request end with it. A holder whose own did nothing while a waiting request looked so often was aborted:
 * looks and not time, because in a busy isolate all timers are late.
 */
const LOOKS = 50;
const SIGN_OF_LIFE_MS = 200;
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
    let seen = {};
    for (let pause = SHORTEST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const holder = this.#held.get(name);
      const isSame = seen.holder === holder && seen.signs === holder?.signs;
      seen = { holder, signs: holder?.signs, looks: isSame ? seen.looks + 1 : 0 };
      if (holder === undefined || this.#isGivenUp(seen)) return this.#take(name);
      await (this.#sharesPromises ? this.#released(name) : new Promise((over) => setTimeout(over, pause)));
    }
  }

  #isGivenUp({ holder, looks }) {
    return Date.now() - holder.since > PATIENCE_MS || (!this.#sharesPromises && looks > LOOKS);
  }

  #take(name) {
    const holder = { since: Date.now(), signs: 0 };
    this.#held.set(name, holder);
    const signs = this.#sharesPromises ? undefined : setInterval(() => (holder.signs += 1), SIGN_OF_LIFE_MS);
    return () => {
      clearInterval(signs);
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
