/** A client in a page, as a test calls it. */

export class PageClient {
  #page;
  #place;

  /** @param {import("playwright-core").Page | import("playwright-core").Frame} page */
  static async create(page, options) {
    const outcome = await page.evaluate((options) => globalThis.program.outcome(globalThis.program.create(options)), options);
    return new PageClient(page, unwrap(outcome));
  }

  /** @param {number} place the client's place in the page's program */
  constructor(page, place) {
    this.#page = page;
    this.#place = place;
  }

  /** Calls a method; a failure has the members of the AuthError. */
  async call(method, ...options) {
    const call = ([place, method, options]) => globalThis.program.call(place, method, options);
    return unwrap(await this.#page.evaluate(call, [this.#place, method, options]));
  }

  /** Makes the same call several times at once. @returns the outcome of each: its value, or the error's code */
  async callTogether(count, method, ...options) {
    const outcomes = await this.#page.evaluate(
      ([place, count, method, options]) =>
        Promise.all(Array.from({ length: count }, () => globalThis.program.call(place, method, options))),
      [this.#place, count, method, options],
    );
    return outcomes.map(({ value, error }) => error?.code ?? value);
  }

  /** The access token, for what is given. */
  async token(options = {}) {
    const { accessToken } = await this.call("getToken", options);
    return accessToken;
  }

  /** A property. */
  get(name) {
    return this.#page.evaluate(([place, name]) => globalThis.program.clients[place][name], [this.#place, name]);
  }

  /** Who is signed in. */
  async subject() {
    const account = await this.get("account");
    return account?.subject ?? null;
  }

  /** The events so far; the error of an `error` event is what it has. */
  events() {
    return this.#page.evaluate((place) => globalThis.program.events[place], this.#place);
  }

  async eventNames() {
    const events = await this.events();
    return events.map(({ name }) => name);
  }

  /** The events of this name so far, one at least. */
  async heard(name) {
    const isHeard = ([place, name]) => globalThis.program.events[place].some((event) => event.name === name);
    await this.#page.waitForFunction(isHeard, [this.#place, name]);
    const events = await this.events();
    return events.filter((event) => event.name === name);
  }

  /** Calls a method when the user clicks. @returns the window that opens, and `outcome()`, what the call comes to */
  async inPopup(method, ...options) {
    const page = this.#page;
    const opened = page.context().waitForEvent("page");
    await this.onClick(method, ...options);
    const popup = await opened;
    return { popup, outcome: () => this.outcome(method) };
  }

  /** Calls a method in the user's click. */
  async onClick(method, ...options) {
    await this.#page.evaluate(
      ([place, method, options]) => {
        document.onclick = () => (globalThis[`outcome of ${method}`] = globalThis.program.call(place, method, options));
      },
      [this.#place, method, options],
    );
    await this.#page.mouse.click(10, 10);
  }

  /** What the latest call in a click came to. */
  async outcome(method) {
    return unwrap(await this.#page.evaluate((method) => globalThis[`outcome of ${method}`], method));
  }

  /** Calls `signIn`, and waits until the page is back with the provider's response. */
  async leave(options = {}) {
    const page = this.#page;
    const back = page.waitForURL(/[?&#]state=/, { waitUntil: "load" });
    const failed = this.call("signIn", options).catch((error) => {
      if (error.code !== undefined) throw error;
      // The page was left.
      return back;
    });
    await Promise.race([failed, back]);
    await page.waitForFunction(() => globalThis.program !== undefined);
  }
}

function unwrap({ value, error }) {
  if (error === undefined) return value;
  throw Object.assign(new Error(), error);
}
