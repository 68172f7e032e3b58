/**
 * The authority's own time, so that a test can move a day ahead without waiting for it.
 * Every expiry in this server is decided by this clock and by no other.
 */
export class Clock {
  #offset = 0;
  #frozenAt = null;

  /** Seconds since the epoch, whole (RFC 7519 section 2, NumericDate). */
  now() {
    return Math.floor(this.milliseconds() / 1000);
  }

  milliseconds() {
    return this.#frozenAt ?? Date.now() + this.#offset;
  }

  /** Sets the time; it runs on from there unless frozen. */
  set(seconds) {
    if (this.#frozenAt === null) this.#offset = seconds * 1000 - Date.now();
    else this.#frozenAt = seconds * 1000;
  }

  advance(seconds) {
    if (this.#frozenAt === null) this.#offset += seconds * 1000;
    else this.#frozenAt += seconds * 1000;
  }

  freeze() {
    this.#frozenAt ??= this.milliseconds();
  }

  resume() {
    if (this.#frozenAt === null) return;
    this.#offset = this.#frozenAt - Date.now();
    this.#frozenAt = null;
  }

  /** Back to the machine's time. */
  reset() {
    this.#offset = 0;
    this.#frozenAt = null;
  }

  /** `2016-01-09 02:02:12Z`, the form in Entra's error responses. */
  timestamp() {
    return new Date(this.milliseconds()).toISOString().replace("T", " ").replace(/\.\d+/, "");
  }
}
