// Calls at a time. A timer may sleep with the machine, so the time is looked at again whenever the
// page is shown or the network is back.

const LONGEST_DELAY_MS = 2 ** 31 - 1;

export class WakeUp {
  #call;
  #due;
  #timer;

  /** @param call what to call @param signal ends it */
  constructor(call, signal) {
    this.#call = call;
    const options = { signal };
    const look = () => this.#look();
    globalThis.document?.addEventListener("visibilitychange", look, options);
    addEventListener("pageshow", look, options);
    // Renewals that failed offline are waiting for a later time.
    addEventListener("online", () => call(true), options);
    signal.addEventListener("abort", () => this.at(undefined));
  }

  /** Sets the time in seconds; `undefined`: never. */
  at(seconds) {
    clearTimeout(this.#timer);
    this.#due = seconds === undefined ? undefined : seconds * 1000;
    if (this.#due === undefined) return;
    const delay = Math.max(this.#due - Date.now(), 0);
    this.#timer = setTimeout(() => this.#look(), Math.min(delay, LONGEST_DELAY_MS));
  }

  // A hidden page waits until it is shown: `visibilitychange` looks again.
  #look() {
    const due = this.#due;
    if (due === undefined) return;
    if (Date.now() < due) return this.at(due / 1000);
    if (globalThis.document?.visibilityState === "hidden") return;
    this.at(undefined);
    this.#call();
  }
}
