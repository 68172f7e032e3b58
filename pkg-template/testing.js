// A client in memory for users' own tests: it has the shape and the behaviour of the page's, without WebAssembly, provider
// and network. tests/page/contract.test.js runs the same cases against both.

import { AuthError, describe, isAuthError, knowTexts, textOf } from "./auth-error.js";
import { TEXTS, explain, ruleOf } from "./explain.js";
import { checked, invalid } from "./options.js";

export { AuthError, isAuthError } from "./auth-error.js";

const LIFE = 3600;
const MARGIN = 300;
const now = () => Date.now() / 1000;
/** Where a token is kept: JSON that begins with whose it is. */
const placeOf = ({ account: { issuer, subject }, tenant, scope, resource }) => JSON.stringify({ issuer, subject, tenant, scope: [scope ?? []].flat().join(" "), resource });

export function createTestClient(options) {
  return new TestClient(options);
}

/** An error as the client throws it. */
export function testError(code, members) {
  const error = new AuthError(code, members);
  knowTexts(TEXTS);
  if (textOf(code) === code) throw new TypeError(`There is no error code ${code}.`);
  return describe(error);
}

class TestClient extends EventTarget {
  #account;
  #others = [];
  #user;
  #tokenFor;
  #fetch;
  #tokens = new Map();
  #issued = 0;
  #failures = new Map();
  /** The sign-in that has left the page, in the double's terms: whose response `handleRedirect` takes. */
  #left;
  #redirect;
  #reauthDueAt = null;
  #untoldReauth;
  #hasReauthListener = false;
  #isOpen = true;
  #calls = [];

  constructor({ account = null, user = {}, tokens = (_, count) => `test-token-${count}`, fetch } = {}) {
    super();
    this.#account = account && toAccount(account);
    this.#user = user;
    this.#tokenFor = typeof tokens === "string" ? () => tokens : tokens;
    this.#fetch = fetch ?? (() => Promise.reject(new TypeError("createTestClient has no option fetch, which responds to client.fetch.")));
  }

  get account() {
    return this.#account;
  }

  get accounts() {
    return [...(this.#account ? [this.#account] : []), ...this.#others];
  }

  get reauthDueAt() {
    return this.#reauthDueAt;
  }

  get clockSkew() {
    return this.#account && 0;
  }

  get calls() {
    return this.#calls;
  }

  signIn(given) {
    return this.#call("signIn", given, () => {
      this.#left = { ...given };
      // The page is being left.
      return new Promise(() => {});
    });
  }

  signInPopup(given) {
    return this.#call("signInPopup", given, () => abortable(given?.signal, Promise.resolve().then(() => this.#complete(this.#user, { ...given }))));
  }

  handleInitiateLogin(url) {
    return this.#call("handleInitiateLogin", url, () => null, () => {});
  }

  handleFrontChannelLogout(url) {
    return this.#call("handleFrontChannelLogout", url, () => false, () => {});
  }

  handleRedirect(url) {
    return this.#call("handleRedirect", url, () => {
      if (url !== undefined && typeof (url?.href ?? url) !== "string") throw invalid("url", "url");
      if (this.#left === undefined) return null;
      // Calls for one response share one result.
      this.#redirect ??= Promise.resolve().then(() => {
        const left = this.#left;
        this.#left = this.#redirect = undefined;
        return this.#complete(this.#user, left);
      });
      return this.#redirect;
    }, () => {});
  }

  getToken(given) {
    return this.#call("getToken", given, () => abortable(given?.signal, this.#token(given ?? {})));
  }

  fetch(input, init) {
    return this.#call("fetch", init?.token, async () => {
      const request = toRequest(input, init);
      const again = request.clone();
      const { response, obtainedAt } = await this.#send(request, { ...init?.token });
      const retry = challenged(response, now() - obtainedAt);
      return retry === undefined ? response : (await this.#send(again, { ...init?.token, forceRefresh: true, ...retry })).response;
    });
  }

  userInfo(given) {
    return this.#call("userInfo", given, () => {
      const { claims } = this.#find(given?.account);
      return { ...claims };
    });
  }

  setActiveAccount(account) {
    return this.#call("setActiveAccount", { account }, () => {
      const next = account == null ? null : this.#find(account);
      if (next !== this.#account) this.#enter(next, this.accounts);
    });
  }

  importSession(tokenResponse, given) {
    return this.#call("importSession", given, () => {
      if (Object(tokenResponse) !== tokenResponse) throw invalid("tokenResponse", "object");
      return this.#complete(this.#user).account;
    });
  }

  signOut(given) {
    return this.#call("signOut", given, () => {
      const { account } = given ?? {};
      const rest = account === undefined ? [] : this.accounts.filter((known) => !isSame(known, account));
      if (this.#account !== null && !rest.includes(this.#account)) this.#enter(null, rest);
      else if (rest.length !== this.accounts.length) this.#leaveOthers(rest);
    });
  }

  addEventListener(type, listener, options) {
    super.addEventListener(type, listener, options);
    if (type !== "reauthdue") return;
    this.#hasReauthListener = true;
    const untold = this.#untoldReauth;
    this.#untoldReauth = undefined;
    if (untold) queueMicrotask(() => this.dispatchEvent(untold));
  }

  close() {
    this.#isOpen = false;
  }

  signInAs(account, appState) {
    this.#left = undefined;
    return this.#complete(account, { appState });
  }

  failNext(method, code, members) {
    this.#failures.set(method, testError(code, members));
  }

  failInBackground(code, members) {
    this.#emit("error", testError(code, members));
  }

  announceReauth(at) {
    this.#reauthDueAt = at;
    this.#emit("reauthdue", { at });
  }

  expireTokens() {
    for (const token of this.#tokens.values()) token.isExpired = true;
  }

  async #call(method, options, act, check = known) {
    try {
      if (!this.#isOpen) throw new AuthError("client_closed");
      this.#calls.push({ method, options });
      check(options);
      const failure = this.#failures.get(method);
      this.#failures.delete(method);
      if (failure !== undefined) throw failure;
      return await act();
    } catch (error) {
      throw told(error);
    }
  }

  /** The account that is meant. */
  #find(account) {
    const found = account == null ? this.#account : this.accounts.find((known) => isSame(known, account));
    if (found) return found;
    throw new AuthError(account == null && this.#others.length > 0 ? "account_required" : "sign_in_required");
  }

  #leaveOthers(accounts) {
    this.#others = accounts.filter((known) => known !== this.#account);
    this.#emit("accountschanged", null);
  }

  async #token({ account, tenant, scope, resource, claims, forceRefresh }) {
    const found = this.#find(account);
    const target = { account: found, scope, resource, ...(tenant !== undefined && { tenant }) };
    const place = placeOf(target);
    const known = this.#tokens.get(place);
    const isGood = known !== undefined && !known.isExpired && known.token.expiresAt > now();
    const isAny = !forceRefresh && claims === undefined;
    if (isGood && isAny) {
      if (known.token.refreshAt <= now()) queueMicrotask(() => this.#renew(place, target));
      return known.token;
    }
    // The sign-in has brought the first token of its own scope.
    const isBrought = known === undefined && isAny && place === placeOf({ account: found });
    return this.#renew(place, { ...target, claims }, isBrought);
  }

  #renew(place, request, isBrought = false) {
    this.#issued += 1;
    const given = this.#tokenFor(request, this.#issued);
    const obtainedAt = now();
    const token = Object.freeze({
      tokenType: "Bearer",
      scope: [request.scope ?? "openid profile"].flat().join(" "),
      obtainedAt,
      refreshAt: obtainedAt + LIFE - MARGIN,
      expiresAt: obtainedAt + LIFE,
      ...(typeof given === "string" ? { accessToken: given } : given),
    });
    this.#tokens.set(place, { token, isExpired: false });
    if (!isBrought) this.#emit("tokenrefreshed", null);
    return token;
  }

  async #send(request, options) {
    const { hostname, protocol } = new URL(request.url);
    const isLocal = hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "127.0.0.1" || hostname === "[::1]";
    if (protocol !== "https:" && !isLocal) throw new AuthError("insecure_url", { detail: withoutQuery(request.url) });
    const { tokenType, accessToken, obtainedAt } = await abortable(request.signal, this.#token(options));
    request.headers.set("authorization", `${tokenType} ${accessToken}`);
    try {
      return { response: await this.#fetch(request), obtainedAt };
    } catch (cause) {
      throw new AuthError(request.signal.aborted ? "aborted" : "network_error", { detail: withoutQuery(request.url) }, cause);
    }
  }

  #complete(given, { appState, returnTo } = {}) {
    const account = toAccount(given);
    // The session is a new one, with tokens of its own.
    for (const place of this.#tokens.keys()) if (isSame(JSON.parse(place), account)) this.#tokens.delete(place);
    this.#enter(account, this.accounts.filter((known) => !isSame(known, account)));
    return { account: this.#account, ...(appState !== undefined && { appState }), ...(returnTo && { returnTo: String(returnTo) }) };
  }

  #enter(account, others) {
    this.#account = account;
    this.#others = others.filter((known) => known !== account);
    this.#reauthDueAt = null;
    this.#emit(account === null ? "signedout" : "signedin", null);
  }

  #emit(name, detail) {
    if (!this.#isOpen) return;
    const event = new CustomEvent(name, { detail });
    if (name === "reauthdue" && !this.#hasReauthListener) this.#untoldReauth = event;
    else this.dispatchEvent(event);
  }
}

/** Refuses what `checked` refuses, and names that are no option of any call. */
function known(options) {
  for (const [name, value] of Object.entries(checked(options))) {
    if (value != null && ruleOf(detailOf(name)).endsWith(" is not an option")) throw new AuthError("invalid_option", { detail: detailOf(name) });
  }
}

/** An option and its kind: what `checked` says of a value that is of no kind. */
function detailOf(name) {
  try {
    checked({ [name]: Symbol(name) });
  } catch ({ detail }) {
    return detail;
  }
  return `${name}:text`;
}

const isSame = (one, other) => one.issuer === other.issuer && one.subject === other.subject;

function toAccount({ issuer = "https://login.example", subject = "test-user", claims }) {
  return { issuer, subject, claims: { iss: issuer, sub: subject, name: "Test User", ...claims } };
}

function told(thrown) {
  if (!isAuthError(thrown)) return thrown;
  knowTexts(TEXTS);
  const message = explain(thrown, undefined, "");
  describe(thrown);
  if (message) thrown.message = message;
  return thrown;
}

function toRequest(input, init) {
  let request;
  try {
    request = new Request(input, init);
  } catch (cause) {
    throw invalid("request", "request", cause);
  }
  if (request.mode === "no-cors") throw invalid("mode", "mode");
  return request;
}

/** What a request with a new token is for: RFC 6750 section 3.1, unless the token is new already, or a claims challenge of Entra's. */
function challenged({ status, headers }, age) {
  const challenge = headers.get("www-authenticate") ?? "";
  if (status !== 401 || !/^Bearer\b/i.test(challenge)) return undefined;
  if (/error="?invalid_token"?/.test(challenge)) return age >= 0 && age < 10 ? undefined : {};
  const [, claims] = /claims="([^"]+)"/.exec(challenge) ?? [];
  return /error="?insufficient_claims"?/.test(challenge) && claims ? { claims: atob(claims) } : undefined;
}

const withoutQuery = (url) => url.split(/[?#]/, 1)[0];

function abortable(signal, work) {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(new AuthError("aborted", {}, signal.reason));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
