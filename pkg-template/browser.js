// The API of countersign in a page: the shape that JavaScript expects over the WebAssembly core.

import init, { PageClient } from "./wasm/browser.js";
import { AuthError, toAuthError } from "./auth-error.js";
import { decode, encode, seconds } from "./crossing.js";
import { FlowRunner } from "./page-flow.js";
import { WakeUp } from "./wake-up.js";

export { AuthError, isAuthError } from "./auth-error.js";

/** Loads the core and takes up a stored session. A problem of an earlier session is no error. */
export async function createClient(options) {
  if (!globalThis.isSecureContext) {
    throw new AuthError({
      code: "insecure_context",
      message: "The page is not a secure context; serve it over https or from localhost.",
    });
  }
  await load();
  return Client.create(options);
}

// A failed load is not remembered: the next call tries again.
async function load() {
  try {
    await init({ module_or_path: new URL("./wasm/browser_bg.wasm", import.meta.url) });
  } catch (cause) {
    const details = /unsafe-eval|Content Security Policy|blocked by CSP/i.test(String(cause))
      ? { code: "csp_blocks_wasm", message: "The page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src." }
      : { code: "wasm_load_failed", message: "The WebAssembly file could not be loaded; serve it beside the script, as application/wasm." };
    throw new AuthError(details, cause);
  }
}

class Client extends EventTarget {
  #page;
  #fetch;
  #runner;
  #wakeUp;

  static async create({ fetch, onLog, metadata, redirectUri, ...options }) {
    const client = new Client();
    client.#fetch = fetch ?? ((input, init) => globalThis.fetch(input, init));
    client.#runner = new FlowRunner(client.#fetch, ({ emit, log, wakeAt, detail }) => {
      if (emit) client.dispatchEvent(new CustomEvent(emit, { detail: eventDetail(emit, detail) }));
      // A log that fails is the page's own matter.
      if (log) queueMicrotask(() => onLog?.({ time: Date.now() / 1000, step: log, detail }));
      if (wakeAt !== undefined) client.#wakeUp.at(wakeAt === "" ? undefined : seconds(wakeAt));
    });
    client.#wakeUp = new WakeUp(() => client.#run("wake").catch(() => {}));
    const { origin, pathname } = globalThis.location ?? {};
    try {
      const all = {
        ...options,
        redirectUri: redirectUri ?? origin + pathname,
        metadata: typeof metadata === "object" ? JSON.stringify(metadata) : metadata,
      };
      client.#page = new PageClient(encode(all));
      await client.#run("restore");
    } catch (thrown) {
      client.close();
      throw toAuthError(thrown);
    }
    return client;
  }

  get account() {
    return toAccount(this.#page?.account());
  }

  get accounts() {
    const { account } = this;
    return account ? [account] : [];
  }

  async signIn({ appState, ...options } = {}) {
    await this.#run("signIn", { ...options, appState: JSON.stringify(appState) });
    // The page is being left: nothing that follows the call shall run.
    return new Promise(() => {});
  }

  async handleRedirect(url = globalThis.location.href) {
    const { account, appState } = await this.#run("handleRedirect", { url: String(url) });
    if (account === undefined) return null;
    return { account: toAccount(account), ...(appState === undefined ? {} : { appState: JSON.parse(appState) }) };
  }

  getToken({ signal, ...options } = {}) {
    return abortable(signal, this.#token("getToken", options));
  }

  async fetch(input, { token = {}, ...init } = {}) {
    const request = new Request(input, init);
    const again = request.clone();
    const response = await this.#send(request, token);
    const challenge = response.headers.get("www-authenticate") ?? "";
    const retry = this.#open().bearerAnswer(response.status, challenge, encode(token));
    return retry === undefined ? response : this.#send(again, decode(retry));
  }

  async signOut({ local = false } = {}) {
    await this.#run("signOut", { local });
  }

  close() {
    this.#wakeUp.close();
    this.#page?.free();
    this.#page = undefined;
  }

  async #send(request, options) {
    const token = await abortable(request.signal, this.#token("getTokenFor", { ...options, url: request.url }));
    request.headers.set("authorization", `${token.tokenType} ${token.accessToken}`);
    return this.#fetch(request);
  }

  async #token(call, options) {
    const { obtainedAt, refreshAt, expiresAt, ...token } = await this.#run(call, options);
    return { ...token, obtainedAt: seconds(obtainedAt), refreshAt: seconds(refreshAt), expiresAt: seconds(expiresAt) };
  }

  async #run(call, options = {}) {
    try {
      return await this.#runner.run(this.#open().flow(call, encode(options)));
    } catch (thrown) {
      throw toAuthError(thrown);
    }
  }

  #open() {
    if (this.#page === undefined) {
      throw new AuthError({ code: "client_closed", message: "The client was closed; create another one." });
    }
    return this.#page;
  }
}

function toAccount(text) {
  if (text === undefined) return null;
  const { claims, ...account } = decode(text);
  return { ...account, claims: JSON.parse(claims) };
}

function eventDetail(name, detail) {
  if (name === "error") return toAuthError(detail);
  return name === "reauthdue" ? { at: seconds(detail) } : null;
}

// The work goes on for the other callers; this one is told at once.
function abortable(signal, work) {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(new AuthError({ code: "aborted", message: "The call was aborted." }, signal.reason));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
