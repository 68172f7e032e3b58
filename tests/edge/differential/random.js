// Numbers that are the same in each run.

/** mulberry32. */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed;
  }

  /** A whole number below the limit. */
  below(limit) {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  /** One of them. */
  of(values) {
    return values[this.below(values.length)];
  }
}
