// The client of a native app: the shape that JavaScript expects over the WebAssembly core.

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { inflateRawSync } from "node:zlib";

import { AuthError, describe, isAuthError, toAuthError } from "../auth-error.js";
import { decode, encode, seconds, toTokenSet } from "../crossing.js";
import { run } from "../driver.js";
import { loader } from "../edge/instantiate.js";
import { knowCodes } from "../edge/know-codes.js";
import { invalid, plain } from "../edge/plain.js";
import { ruleOf } from "../explain.js";
import { checked } from "../options.js";
import { DEFLATED } from "../wasm/native-inlined.js";
import { initSync, NativeApp } from "../wasm/native.js";
import { CacheFile, MemoryCache } from "./cache-file.js";
import { abortable, NativeHost } from "./native-host.js";
import { openBrowser } from "./open-browser.js";
import { redirectOf } from "./redirect.js";

export { AuthError, isAuthError } from "../auth-error.js";

/** Of `signIn`, in seconds. */
const TIMEOUT = 300;
const LONGEST_TIMEOUT = 86_400;

const OPAQUE = ["fetch", "onLog", "metadata", "openBrowser", "authorize"];

const nativeModule = /* @__PURE__ */ loader(initSync);

export async function createNativeClient(options) {
  knowCodes();
  try {
    nativeModule.instantiate(() => inflateRawSync(Buffer.from(DEFLATED, "base64")));
    const client = new NativeClient(plain(options ?? {}, "options", (name) => OPAQUE.includes(name)));
    await client.ready();
    return client;
  } catch (thrown) {
    throw complete(thrown);
  }
}

class NativeClient {
  #config;
  #cache;
  #prefix;
  #redirect;
  #openBrowser;
  #fetch;
  #onLog;
  /** The cores, by the names of their records. */
  #cores = new Map();
  /** Sessions that could not be written to the cache, until the program ends. */
  #unwritten = new MemoryCache();
  #isClosed = false;
  /** What ends the sign-ins that are under way. */
  #underWay = new Set();

  constructor({ cacheFile, redirectUri, port, authorize, openBrowser: opener, fetch, onLog, metadata, ...options }) {
    this.#config = encode({ ...checked(options), metadata: typeof metadata === "object" ? JSON.stringify(metadata) : metadata });
    // What is wrong with the options is said now.
    new NativeApp(this.#config).free();
    if (cacheFile !== undefined && typeof cacheFile !== "string") throw invalid("cacheFile", "must be a path");
    this.#cache = cacheFile === undefined ? new MemoryCache() : new CacheFile(cacheFile);
    this.#prefix = `${options.authority}|${options.clientId}|`;
    this.#redirect = redirectOf({ redirectUri, port, authorize });
    this.#openBrowser = opener ?? openBrowser;
    this.#fetch = fetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#onLog = onLog;
  }

  /** Whether the cache can be used. */
  async ready() {
    await this.#cache.prepare();
  }

  get accounts() {
    return this.#sessions().map(({ account }) => account);
  }

  async signIn({ signal, timeout = TIMEOUT, ...options } = {}) {
    for (const name of ["atUri", "atPort"]) if (name in options) throw complete(invalid(name, "is not an option"));
    if (!(timeout > 0 && timeout <= LONGEST_TIMEOUT)) throw complete(invalid("timeout", `must be a number of seconds up to ${LONGEST_TIMEOUT}`));
    const browser = await this.#call(() => this.#redirect.open(this.#openBrowser));
    const over = this.#following(signal);
    const late = setTimeout(() => over.abort(new AuthError("sign_in_timed_out")), timeout * 1000);
    browser.signal = over.signal;
    let isSignedIn = false;
    try {
      const account = await this.#begin("signIn", given(options), browser.redirectUri, { signal: over.signal, browser });
      isSignedIn = true;
      return account;
    } finally {
      clearTimeout(late);
      this.#underWay.delete(over);
      await browser.finish(isSignedIn);
    }
  }

  async signInWithDeviceCode(onCode, { signal, ...options } = {}) {
    if (typeof onCode !== "function") throw complete(invalid("onCode", "must be a function"));
    const over = this.#following(signal);
    const show = async ({ expiresAt, ...code }) => onCode({ ...code, expiresAt: seconds(expiresAt) });
    let cause;
    const onDeviceCode = (code) =>
      void show(code).catch((error) => {
        cause = error;
        over.abort();
      });
    try {
      return await this.#begin("signInWithDeviceCode", given(options), {}, { signal: over.signal, onDeviceCode });
    } catch (error) {
      throw cause ?? error;
    } finally {
      this.#underWay.delete(over);
    }
  }

  async getToken({ account, signal, ...options } = {}) {
    return abortable(signal, this.#token(account, options));
  }

  async fetch(input, init) {
    const { account, ...token } = init?.token ?? {};
    const options = given(token);
    const request = new Request(input, init);
    const again = request.clone();
    const { response, obtainedAt } = await this.#send(request, account, options);
    const asked = { ...options, status: response.status, wwwAuthenticate: response.headers.get("www-authenticate"), obtainedAt };
    const retry = await this.#run("apiResponse", asked, this.#session(account));
    if (retry.forceRefresh === undefined) return response;
    // What is not read would keep the connection.
    await response.body?.cancel();
    return (await this.#send(again, account, retry)).response;
  }

  async userInfo({ account, signal, ...options } = {}) {
    const work = this.#call(() => this.#run("userInfo", given(options), this.#session(account)));
    return JSON.parse((await abortable(signal, work)).claims);
  }

  async signOut({ account, local, inBrowser } = {}) {
    if (account === undefined && this.#sessions().length === 0) return;
    const session = this.#call(() => this.#session(account));
    const browser = { navigate: async (url) => this.#openBrowser(url) };
    await this.#run("signOut", { local, inBrowser }, await session, { browser });
    await this.#call(() => session.then(({ forget }) => forget()));
  }

  close() {
    this.#isClosed = true;
    for (const over of this.#underWay) over.abort(complete(new AuthError("client_closed")));
    for (const core of this.#cores.values()) core.free();
    this.#cores.clear();
  }

  async #token(account, options) {
    return this.#call(async () => toTokenSet(await this.#run("getToken", given(options), this.#session(account))));
  }

  async #send(request, account, options) {
    const token = await this.#call(async () =>
      toTokenSet(await abortable(request.signal, this.#run("getToken", { ...options, url: request.url }, this.#session(account)))),
    );
    request.headers.set("authorization", `${token.tokenType} ${token.accessToken}`);
    try {
      return { response: await this.#fetch(request), obtainedAt: token.obtainedAt };
    } catch (cause) {
      const code = request.signal.aborted ? "aborted" : "network_error";
      throw complete(new AuthError(code, { detail: request.url.split(/[?#]/, 1)[0] }, cause));
    }
  }

  /** Signs a user in. The session is kept under their name when it is known who they are. */
  async #begin(call, options, redirectUri, details) {
    await this.#call(() => this.#cache.prepare());
    const core = this.#open();
    const scratch = new MemoryCache();
    try {
      const { account: text } = await this.#run(call, { ...options, ...redirectUri }, { core, records: recordsOf(scratch, "") }, details);
      const account = toAccount(text);
      await this.#keep(this.#nameOf(account), scratch.read(""));
      return account;
    } finally {
      core.free();
    }
  }

  async #keep(name, record) {
    try {
      await this.#cache.write(name, record);
      await this.#unwritten.delete(name);
    } catch (error) {
      // The user is signed in all the same, until the program ends.
      this.#log("cache_unavailable", error.message);
      await this.#unwritten.write(name, record);
    }
  }

  async #run(call, options, { core, records }, { signal, browser, onDeviceCode } = {}) {
    const tell = ({ log, detail, deviceCode }) => {
      if (deviceCode !== undefined) onDeviceCode(decode(deviceCode));
      if (log) this.#log(log, detail);
    };
    const host = new NativeHost({ fetch: this.#fetch, records, tell, signal, browser });
    try {
      const result = await run(core.flow(encode({ call, ...options })), host);
      // What could not be written is good until the program ends.
      if (host.failure) this.#log("cache_unavailable", host.failure.message);
      return result;
    } catch (thrown) {
      throw complete(host.failure ?? thrown);
    }
  }

  /** Those who are signed in. */
  #sessions() {
    if (this.#isClosed) throw complete(new AuthError("client_closed"));
    const unwritten = this.#sessionsIn(this.#unwritten);
    try {
      return [...unwritten, ...this.#sessionsIn(this.#cache)];
    } catch (error) {
      // Who signed in while the cache could not be used is signed in all the same.
      if (unwritten.length === 0) throw error;
      return unwritten;
    }
  }

  #sessionsIn(cache) {
    const names = cache.names().filter((name) => name.startsWith(this.#prefix));
    return names.flatMap((name) => this.#sessionIn(cache, name));
  }

  #sessionIn(cache, name) {
    let core = this.#cores.get(name);
    if (core === undefined) this.#cores.set(name, (core = this.#open()));
    const account = toAccount(decode(core.observe(cache.read(name) ?? "")).account);
    return account === null ? [] : [{ account, core, records: recordsOf(cache, name), forget: () => cache.delete(name) }];
  }

  /** The session of this user, or of the only one. */
  #session(account) {
    const sessions = this.#sessions();
    const mine = account === undefined ? sessions : sessions.filter(({ account: { issuer, subject } }) => issuer === account.issuer && subject === account.subject);
    if (mine.length === 0) throw new AuthError("sign_in_required");
    if (mine.length > 1) throw new AuthError("account_required");
    return mine[0];
  }

  #open() {
    if (this.#isClosed) throw new AuthError("client_closed");
    return new NativeApp(this.#config);
  }

  #nameOf({ issuer, subject }) {
    return this.#prefix + createHash("sha256").update(`${issuer}\n${subject}`).digest("base64url");
  }

  async #call(act) {
    try {
      return await act();
    } catch (thrown) {
      throw complete(thrown);
    }
  }

  /** A controller that aborts when the signal does, or the client is closed. */
  #following(signal) {
    const controller = new AbortController();
    const follow = () => controller.abort(signal.reason);
    if (signal?.aborted) follow();
    signal?.addEventListener("abort", follow, { once: true, signal: controller.signal });
    this.#underWay.add(controller);
    return controller;
  }

  #log(step, detail) {
    // A log that fails is the app's own matter.
    const onLog = this.#onLog;
    if (onLog) queueMicrotask(() => onLog({ time: Date.now() / 1000, step, detail }));
  }
}

const recordsOf = (cache, name) => ({
  read: () => cache.read(name),
  write: (record, over) => cache.write(name, record, over),
  lock: (lock) => cache.lock(lock),
});

/** Options of a call, if they have their types. What they may say is the core's matter. */
function given(options) {
  try {
    return checked(plain(options, "options"));
  } catch (thrown) {
    throw complete(thrown);
  }
}

function toAccount(text) {
  if (text === undefined) return null;
  const { claims: json, ...account } = decode(text);
  const claims = JSON.parse(json);
  return { ...account, ...(typeof claims.tid === "string" && { tenant: claims.tid }), claims };
}

/** The error for what was thrown. */
function complete(thrown) {
  const error = toAuthError(thrown);
  if (!isAuthError(error)) return error;
  if (error.code === "invalid_option" && /^\w+:\w+$/.test(error.detail)) error.detail = ruleOf(error.detail);
  // The core knows options by their names in snake case.
  if (error.code === "invalid_option") error.detail = error.detail.replace(/^\w+/, (name) => name.replace(/_[a-z]/g, ([, letter]) => letter.toUpperCase()));
  describe(error);
  // That of a page speaks of a page's reasons.
  if (error.code === "network_error") error.message = `No response arrived; check the network and the URL. (${error.detail})`;
  return error;
}
