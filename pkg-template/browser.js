// The API of countersign in a page: the shape that JavaScript expects over the WebAssembly core.

import init, { PageClient } from "./wasm/browser.js";
import { AuthError, toAuthError } from "./auth-error.js";

export { AuthError, isAuthError } from "./auth-error.js";

/** Loads the core and takes up a stored session. Problems of an earlier session are no error. */
export async function createClient(options) {
  if (!globalThis.isSecureContext) {
    throw new AuthError({
      code: "insecure_context",
      message: "The page is not a secure context; serve it over https or from localhost.",
    });
  }
  await load();
  const client = new Client(options);
  await client.restored;
  return client;
}

// A failed load is not remembered: the next call tries again.
async function load() {
  try {
    await init({ module_or_path: new URL("./wasm/browser_bg.wasm", import.meta.url) });
  } catch (cause) {
    const blocked = /unsafe-eval|Content Security Policy/i.test(String(cause));
    throw new AuthError(
      blocked
        ? { code: "csp_blocks_wasm", message: "The page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src." }
        : { code: "wasm_load_failed", message: "The WebAssembly file could not be loaded; serve it beside the script, as application/wasm." },
      cause,
    );
  }
}

class Client extends EventTarget {
  /** Fulfilled when the stored session was taken up. */
  restored;
  #page;
  #host;
  #closed = false;

  constructor({ fetch, onLog, metadata, redirectUri, ...options }) {
    super();
    const client = this;
    const host = (this.#host = new Host(
      { fetch, onLog },
      (name, detail) => client.dispatchEvent(new CustomEvent(name, { detail })),
      () => client.#call(() => client.#page.wake()).catch(() => {}),
    ));
    const location = globalThis.location;
    this.#page = this.#try(
      () =>
        new PageClient(
          {
            ...options,
            redirectUri: redirectUri ?? location.origin + location.pathname,
            metadata: typeof metadata === "object" ? JSON.stringify(metadata) : metadata,
          },
          host,
        ),
    );
    this.restored = this.#call(() => this.#page.restore());
  }

  get account() {
    return this.#closed ? null : this.#page.account();
  }

  get accounts() {
    const { account } = this;
    return account ? [account] : [];
  }

  async signIn({ appState, ...options } = {}) {
    await this.#call(() => this.#page.signIn({ ...options, appState: JSON.stringify(appState) }));
    // The page is being left: nothing that follows the call shall run.
    return new Promise(() => {});
  }

  async handleRedirect(url = globalThis.location.href) {
    const result = await this.#call(() => this.#page.handleRedirect(String(url)));
    if (result?.appState !== undefined) result.appState = JSON.parse(result.appState);
    return result;
  }

  getToken({ signal, ...options } = {}) {
    return abortable(signal, () => this.#call(() => this.#page.getToken(options)));
  }

  async fetch(input, { token = {}, ...init } = {}) {
    const request = new Request(input, init);
    const again = request.clone();
    const first = await this.#send(request, token);
    const challenge = first.headers.get("www-authenticate") ?? undefined;
    const options = this.#try(() => this.#page.bearerAnswer(first.status, challenge, token));
    if (options === undefined) return first;
    return this.#send(again, options);
  }

  async signOut({ local = false } = {}) {
    await this.#call(() => this.#page.signOut(local));
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#host.close();
    this.#page.free();
  }

  async #send(request, options) {
    const { signal } = request;
    const token = await abortable(signal, () => this.#call(() => this.#page.tokenForRequest(request.url, options)));
    request.headers.set("authorization", `${token.tokenType} ${token.accessToken}`);
    return this.#host.fetch(request);
  }

  async #call(body) {
    try {
      return await this.#try(body);
    } catch (thrown) {
      throw toAuthError(thrown);
    }
  }

  #try(body) {
    if (this.#closed) {
      throw new AuthError({ code: "client_closed", message: "The client was closed; create another one." });
    }
    try {
      return body();
    } catch (thrown) {
      throw toAuthError(thrown);
    }
  }
}

// What the core asks of the page besides the platform's own functions. A timer may sleep with the
// machine, so the time is looked at again whenever the page comes back or the network does.
class Host {
  #options;
  #dispatch;
  #wake;
  #due;
  #timer;
  #look = () => {
    if (document.visibilityState !== "hidden" && this.#due !== undefined && Date.now() >= this.#due) {
      this.wakeAt(undefined);
      this.#wake();
    }
  };

  constructor(options, dispatch, wake) {
    this.#options = options;
    this.#dispatch = dispatch;
    this.#wake = wake;
    document.addEventListener("visibilitychange", this.#look);
    addEventListener("pageshow", this.#look);
    addEventListener("online", this.#look);
  }

  emit(name, detail) {
    this.#dispatch(name, name === "error" ? toAuthError(detail) : detail);
  }

  log(step, detail) {
    this.#options.onLog?.({ time: Date.now() / 1000, step, detail });
  }

  fetch(input, init) {
    return (this.#options.fetch ?? globalThis.fetch)(input, init);
  }

  wakeAt(seconds) {
    clearTimeout(this.#timer);
    this.#due = seconds === undefined ? undefined : seconds * 1000;
    if (this.#due !== undefined) {
      // A longer delay would overflow the platform's timer and fire at once.
      const delay = Math.min(Math.max(this.#due - Date.now(), 0), 2 ** 31 - 1);
      this.#timer = setTimeout(() => (Date.now() < this.#due ? this.wakeAt(this.#due / 1000) : this.#look()), delay);
    }
  }

  close() {
    this.wakeAt(undefined);
    document.removeEventListener("visibilitychange", this.#look);
    removeEventListener("pageshow", this.#look);
    removeEventListener("online", this.#look);
  }
}

// The work goes on for the other callers; this one is told at once.
function abortable(signal, start) {
  if (!signal) return start();
  const aborted = () => new AuthError({ code: "aborted", message: "The call was aborted." }, signal.reason);
  if (signal.aborted) return Promise.reject(aborted());
  return new Promise((resolve, reject) => {
    const abort = () => reject(aborted());
    signal.addEventListener("abort", abort, { once: true });
    start()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", abort));
  });
}
