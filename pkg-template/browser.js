// The API of countersign in a page: the shape that JavaScript expects over the WebAssembly core.

import { AuthError, describe, isAuthError, knowTexts, toAuthError } from "./auth-error.js";
import { decode, encode, seconds, toTokenSet } from "./crossing.js";
import { run } from "./driver.js";
import { load } from "./load.js";
import { checked, invalid } from "./options.js";
import { PageHost, failures, forbidden, withoutQuery } from "./page-host.js";
import { openStore, tabStore } from "./stores.js";
import { claimTab } from "./tab.js";
import { abortable, endTurn, takeTurn } from "./turn.js";
import { WakeUp } from "./wake-up.js";
import { PageClient } from "./wasm/browser.js";

/** What is loaded when it is needed. Where nothing can be loaded later, the entry brings it along. */
export const parts = { asyncStore: () => import("./async-store.js"), explain: () => import("./explain.js") };

/**
 * Loads the core and restores the stored session. A session that cannot be restored is no error.
 *
 * @param entryWasm gives the WebAssembly of the entry, unless the options bring it
 */
export function createClientFrom(entryWasm, given) {
  return told(async () => {
    if (!isPage() && globalThis.WorkerGlobalScope === undefined) throw new AuthError("unsupported_platform");
    if (!globalThis.isSecureContext) throw new AuthError("insecure_context");
    const { wasm, ...others } = Object(given);
    const options = checked(others);
    const { storage = "session", authority, clientId } = options;
    // A worker belongs to no tab.
    if (storage === "session") atPage('storage: "session"');
    const prefix = `countersign:${authority}|${clientId}`;
    const [store] = await Promise.all([
      openStore(storage, prefix, parts.asyncStore),
      load(() => wasm ?? entryWasm()),
      // Restoring a session waits for the tab's lock, which the browser can grant while the module loads.
      storage === "session" && void claimTab(),
    ]);
    return Client.create(options, store, storage === "session" ? store : tabStore(prefix));
  });
}

/** Of a popup. */
const FEATURES = "popup,width=500,height=650";

class Client extends EventTarget {
  #page;
  #fetch;
  /** Where windows come back to. */
  #uris;
  #newHost;
  #host;
  #store;
  #wakeUp;
  #logouts;
  #closing = new AbortController();
  /** The core's state, until the store changes. */
  #state = { others: [] };
  #account;
  #accounts;
  /** The tokens of that state that were handed out, by their places in the core. */
  #tokens = [];
  #untoldReauth;
  #hasReauthListener = false;
  /** Whether tokens go to listed APIs only. */
  #isListed = false;

  static async create({ fetch, onLog, metadata, redirectUri, apis, popupRedirectUri, storage: _, ...options }, store, transactions) {
    const client = new Client();
    const tell = ({ emit, log, wakeAt, replaceUrl, from, detail }) => {
      if (emit === "error") withText(detail).then((error) => client.#emit(emit, error));
      else if (emit) client.#emit(emit, emit === "reauthdue" ? { at: seconds(detail) } : null);
      // A log that fails is the page's own matter.
      if (log) queueMicrotask(() => onLog?.({ time: Date.now() / 1000, step: log, detail }));
      if (wakeAt !== undefined) client.#wakeUp?.at(wakeAt === "" ? undefined : seconds(wakeAt));
      if (replaceUrl) replace(from, replaceUrl);
    };
    client.#fetch = fetch ?? ((input, init) => globalThis.fetch(input, init));
    client.#store = store;
    client.#newHost = () => new PageHost(client.#fetch, store, transactions, tell);
    client.#host = client.#newHost();
    client.#wakeUp = new WakeUp((isOnline) => client.#run("wake", () => ({ isOnline })).catch(() => {}), client.#closing.signal);
    const { origin, pathname } = location;
    try {
      const all = {
        ...options,
        redirectUri: redirectUri ?? origin + pathname,
        popupRedirectUri,
        metadata: typeof metadata === "object" ? JSON.stringify(metadata) : metadata,
        apis: apis && Object.entries(apis).map(([url, target]) => new URLSearchParams([[url, encode(target)]])).join("&"),
      };
      client.#isListed = apis != null;
      client.#page = new PageClient(encode(all));
      client.#uris = { popupRedirectUri: popupRedirectUri ?? all.redirectUri, postLogoutRedirectUri: options.postLogoutRedirectUri };
      client.#watch();
      await client.#run("restore");
    } catch (thrown) {
      client.close();
      throw thrown;
    }
    return client;
  }

  get account() {
    this.#look();
    this.#account ??= toAccount(this.#state.account);
    return this.#account;
  }

  get accounts() {
    const { account } = this;
    this.#accounts ??= Object.freeze([...(account ? [account] : []), ...this.#state.others.map(toAccount)]);
    return this.#accounts;
  }

  get reauthDueAt() {
    this.#look();
    const { reauthDueAt } = this.#state;
    return reauthDueAt === undefined ? null : seconds(reauthDueAt);
  }

  get clockSkew() {
    this.#look();
    const { ahead, behind } = this.#state;
    if (ahead === undefined && behind === undefined) return null;
    return seconds(ahead ?? -behind);
  }

  signIn(given) {
    return told(() => {
      atPage("signIn");
      const { signal, ...options } = toSignInOptions(given);
      return takeTurn(signal, async (signal) => {
        await this.#run("signIn", () => options, this.#host, signal);
        return left();
      });
    });
  }

  signInPopup(given) {
    return told(async () => {
      atPage("signInPopup");
      const { signal, ...options } = toSignInOptions(given);
      return toSignIn(await this.#inPopup("signInPopup", options, "popupRedirectUri", signal));
    });
  }

  async handleRedirect(url = location.href) {
    const result = await this.#run("handleRedirect", () => (atPage("handleRedirect"), toUrl(url)));
    if (result.account !== undefined) return toSignIn(result);
    // The response to a sign-in of the page that opened this window.
    if (/[?&#]state=/.test(url) && (await (await import("./callback.js")).deliver(String(url)))) return new Promise(() => {});
    return null;
  }

  async setActiveAccount(account) {
    await this.#run("setActiveAccount", () => given({ account }));
  }

  getToken(options) {
    return told(() => {
      const { signal, ...which } = given(options);
      return abortable(this.#token(which), signal);
    });
  }

  async userInfo(options) {
    const { signal, ...which } = await told(() => given(options));
    const { claims } = await told(() => abortable(this.#run("userInfo", () => which), signal));
    return JSON.parse(claims);
  }

  async importSession(tokenResponse, options) {
    const { account } = await this.#run("importSession", () => {
      if (Object(tokenResponse) !== tokenResponse) throw invalid("tokenResponse", "object");
      return { ...checked(options), tokenResponse: JSON.stringify(tokenResponse) };
    });
    return toAccount(account);
  }

  async fetch(input, init) {
    // A redirect would take the token to a URL that is not listed.
    const options = this.#isListed ? { redirect: "error", ...init } : init;
    const { request, token } = await told(() => toRequest(input, options));
    const again = request.clone();
    const { response, obtainedAt } = await this.#send(request, token);
    if (this.#page === undefined) return response;
    const retry = await this.#run("apiResponse", () => ({
      ...token,
      status: response.status,
      wwwAuthenticate: response.headers.get("www-authenticate"),
      obtainedAt,
    }));
    return retry.forceRefresh === undefined ? response : (await this.#send(again, retry)).response;
  }

  async handleInitiateLogin(url = location.href) {
    const { done } = await this.#run("handleInitiateLogin", () => toUrl(url));
    return done ? left() : null;
  }

  signOut(options) {
    return told(async () => {
      const which = given(options);
      if (!which.local) atPage("signOut");
      endTurn("sign_in_cancelled");
      if (which.popup) await this.#inPopup("signOut", which, "postLogoutRedirectUri");
      else await this.#run("signOut", () => which);
    });
  }

  async handleFrontChannelLogout(url = location.href) {
    const { done } = await this.#run("handleFrontChannelLogout", () => toUrl(url));
    // The session may be in the storage of another tab.
    this.#logouts?.postMessage(String(url));
    return done !== undefined;
  }

  addEventListener(type, listener, options) {
    super.addEventListener(type, listener, options);
    if (type !== "reauthdue") return;
    this.#hasReauthListener = true;
    // An event from before there was a listener.
    const untold = this.#untoldReauth;
    this.#untoldReauth = undefined;
    if (untold) queueMicrotask(() => this.dispatchEvent(untold));
  }

  close() {
    this.#closing.abort();
    this.#wakeUp = undefined;
    this.#page?.free();
    this.#page = undefined;
  }

  async #token(options) {
    const place = this.#place(options);
    if (place < 0) return toTokenSet(await this.#run("getToken", () => options));
    return (this.#tokens[place] ??= toTokenSet(decode(this.#page.tokenAt(place))));
  }

  /** Where the core has a fresh token for these options; -1 if a flow has to find out. */
  #place({ scope, resource, ...others }) {
    if (this.#page === undefined) return -1;
    for (const name in others) if (others[name] !== undefined) return -1;
    if (!this.#store.beginsWith("session", this.#state.revision)) return -1;
    return this.#page.cachedToken(`${Array.isArray(scope) ? scope.join(" ") : (scope ?? "")}\n${resource ?? ""}`);
  }

  async #send(request, options) {
    const result = await told(() => abortable(this.#run("getToken", () => ({ ...options, url: request.url })), request.signal));
    const token = toTokenSet(result);
    request.headers.set("authorization", `${token.tokenType} ${token.accessToken}`);
    try {
      return { response: await this.#fetch(request), obtainedAt: token.obtainedAt };
    } catch (cause) {
      const code = request.signal.aborted ? "aborted" : "network_error";
      throw await withText(new AuthError(code, { detail: withoutQuery(request.url) }, cause));
    }
  }

  /** Runs a call of the core. @param [options] gives its options, or throws */
  async #run(call, options, host = this.#host, signal) {
    try {
      return await told(() => run(this.#open().flow(encode({ ...options?.(), call })), host, signal));
    } finally {
      this.#renew(this.#page?.observe());
    }
  }

  /** Runs a call of the core with a window of its own, which opens in the user's gesture: before anything is awaited. */
  #inPopup(call, options, back, signal) {
    this.#open();
    // The core finds out if it is missing.
    if (new URL(this.#uris[back] ?? location).origin !== location.origin) throw invalid(back, "elsewhere");
    return takeTurn(signal, async (signal) => {
      const popup = open("about:blank", "_blank", FEATURES);
      if (popup === null) throw new AuthError("popup_blocked");
      try {
        const { Popup } = await import("./popup.js");
        const host = this.#newHost();
        host.carryOut = (details) => new Popup(popup, signal).show(details);
        return await this.#run(call, () => options, host, signal);
      } finally {
        popup.close();
      }
    });
  }

  /** Looks when others have written: in another place, in this page, or while this page was in the back/forward cache. */
  #watch() {
    const { signal } = this.#closing;
    this.#store.watch((record) => (record === undefined ? this.#look() : this.#observe(record)), signal);
    const comeBack = ({ persisted }) => persisted && this.#run("restore").catch(() => {});
    addEventListener("pageshow", comeBack, { signal });
    // A page in a frame of the provider's has heard of a logout.
    this.#logouts = new BroadcastChannel("countersign:logout");
    this.#logouts.onmessage = ({ data }) => this.#run("handleFrontChannelLogout", () => ({ url: data })).catch(() => {});
    signal.addEventListener("abort", () => this.#logouts.close());
  }

  /** Reads what others have changed in the store, if that takes no time. */
  #look() {
    if (this.#page === undefined || this.#store.beginsWith("session", this.#state.revision) !== false) return;
    const record = this.#store.readNow("session");
    if (record !== undefined) this.#observe(record);
  }

  #observe(record) {
    const seen = this.#page?.observe(record ?? "");
    if (seen === undefined) return;
    this.#renew(seen);
    for (const notice of new URLSearchParams(seen).getAll("notice")) this.#host.tell(decode(notice));
  }

  #renew(text) {
    if (text === undefined) return;
    const members = new URLSearchParams(text);
    if (members.get("serial") === this.#state.serial) return;
    this.#state = { ...Object.fromEntries(members), others: members.getAll("other") };
    this.#account = undefined;
    this.#accounts = undefined;
    this.#tokens = [];
  }

  #emit(name, detail) {
    if (this.#page === undefined) return;
    const event = new CustomEvent(name, { detail });
    if (name === "reauthdue" && !this.#hasReauthListener) this.#untoldReauth = event;
    else this.dispatchEvent(event);
  }

  #open() {
    if (this.#page === undefined) throw new AuthError("client_closed");
    return this.#page;
  }
}

function toSignInOptions(given) {
  const { appState, authorizationDetails, returnTo, ...options } = checked(given);
  return {
    ...options,
    appState: JSON.stringify(appState),
    authorizationDetails: authorizationDetails && JSON.stringify(authorizationDetails),
    returnTo: returnTo && new URL(returnTo, location.href).href,
  };
}

function toSignIn({ account, appState, returnTo }) {
  return { account: toAccount(account), ...(appState && { appState: JSON.parse(appState) }), ...(returnTo && { returnTo }) };
}

function toUrl(url) {
  if (typeof (url?.href ?? url) !== "string") throw invalid("url", "url");
  return { url: String(url) };
}

const isPage = () => globalThis.document !== undefined;

/** Refuses what only a page can do. */
function atPage(detail) {
  if (!isPage()) throw new AuthError("unsupported_platform", { detail });
}

function toAccount(text) {
  if (text === undefined) return null;
  const { claims, ...account } = decode(text);
  return { ...account, claims: JSON.parse(claims) };
}

/** The options of a call, with what identifies the account that they name. */
function given(options) {
  const { account, ...others } = checked(options);
  return { ...others, account: account && { issuer: account.issuer, subject: account.subject } };
}

/** The errors that have their message. */
const explained = new WeakSet();

/** The error for what was thrown, with a message. If the texts cannot be loaded, the code must do. */
async function withText(thrown) {
  const error = toAuthError(thrown);
  if (!isAuthError(error) || explained.has(error)) return error;
  explained.add(error);
  const { TEXTS, explain } = await parts.explain().catch(() => ({}));
  if (TEXTS) knowTexts(TEXTS);
  const message = explain?.(error, failures.get(error.detail), forbidden);
  describe(error);
  if (message) error.message = message;
  return error;
}

/** Does something; what it throws gets its message. */
async function told(work) {
  try {
    return await work();
  } catch (thrown) {
    throw await withText(thrown);
  }
}

/** The page is being left: nothing that follows the call must run, unless the user comes back to this very page. */
function left() {
  return new Promise((_, reject) => {
    const back = ({ persisted }) => persisted && withText(new AuthError("sign_in_abandoned")).then(reject);
    addEventListener("pageshow", back, { once: true });
  });
}

/** The request that `fetch`'s arguments make, and the options of its token. */
function toRequest(input, init) {
  const token = given(init?.token ?? {});
  let request;
  try {
    request = new Request(input, init);
  } catch (cause) {
    throw invalid("request", "request", cause);
  }
  // The browser would take the token out of the headers again.
  if (request.mode === "no-cors") throw invalid("mode", "mode");
  return { request, token };
}

/** Shows a URL in the place of another, if the page is still there. */
function replace(from, to) {
  try {
    if (location.href === from) history.replaceState(history.state, "", to);
  } catch {
    // A page that forbids it keeps the response in its URL; a reload is refused as a replay.
  }
}

