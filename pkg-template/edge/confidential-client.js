// The client of a service: the shape that JavaScript expects over the WebAssembly core.

import { AuthError, describe, isAuthError, textOf, toAuthError } from "../auth-error.js";
import { decode, encode, toTokenSet } from "../crossing.js";
import { run } from "../driver.js";
import { CODES } from "../error-codes.js";
import { betterToken, checkUrl, responseToCaller, ServiceClient } from "../wasm/service.js";
import { readCredential } from "./credential.js";
import { knowCodes } from "./know-codes.js";
import { Locks } from "./locks.js";
import { plain } from "./plain.js";
import { sealed } from "./sealed-store.js";
import { sendBy } from "./send.js";
import { responseUrl, toUserTokens } from "./sign-in.js";
import { ServiceHost } from "./service-host.js";
import { serviceModule } from "./service-module.js";

/** More configurations than a service has; the oldest one's tokens are forgotten then. */
const MAX_CORES = 1000;

const COUNTERS = ["fromMemory", "fromStore", "requests", "refused", "failed", "spared"];

const OPAQUE = ["credential", "metadata", "fetch", "onLog", "waitUntil", "cache"];

/**
 * `createConfidentialClient` of a runtime.
 *
 * @param entryWasm gives the WebAssembly of the entry, as `instantiate` takes it @param [compile] if the runtime compiles
 */
export function confidentialClients(entryWasm, host, compile) {
  // An isolate has one core for a configuration: a Worker makes a client for each request, and all of
  // them share the tokens. The credentials are a part of the configuration.
  const cores = new Map();
  const open = async (text, authority) => {
    await serviceModule.instantiate(entryWasm, compile);
    let core = cores.get(text);
    if (core === undefined) {
      core = { client: new ServiceClient(text), locks: new Locks(host.sharesPromises), authority };
      const former = authority && [...cores.values()].find((known) => known.authority === authority);
      if (former) core.client.shareMetadataOf(former.client);
      cores.set(text, core);
      if (cores.size > MAX_CORES) cores.delete(cores.keys().next().value);
    }
    return core;
  };
  return (options) => {
    knowCodes();
    return new ConfidentialClient(plain(options, "options", (name) => OPAQUE.includes(name)), open, (text) => cores.get(text), host);
  };
}

class ConfidentialClient {
  #open;
  #core;
  #text;
  #credentials;
  #store;
  #fetch;
  #onLog;
  #background;

  constructor({ credential, metadata, fetch, onLog, waitUntil, cache, ...options }, open, known, host) {
    this.#open = () => open(this.#text, authority);
    this.#core = () => known(this.#text);
    this.#credentials = [credential].flat().map((given) => readCredential(given, host.readFile));
    const [withCertificate, ...others] = this.#credentials.filter((credential) => credential.fetch);
    if (others.length > 0) throw new AuthError("credential_invalid", { detail: "mutualTls may be given once" });
    this.#store = cache === undefined ? undefined : sealed(cache);
    // An API may want the certificate that the token is bound to (RFC 8705 section 3).
    const ownFetch = withCertificate?.fetch ?? fetch;
    // What others have fetched with another function is not to be relied on.
    const authority = ownFetch === undefined && metadata === undefined ? options.authority : undefined;
    this.#fetch = ownFetch ?? ((input, init) => globalThis.fetch(input, init));
    this.#onLog = onLog;
    // On Workers, what goes on after the response needs the request's `waitUntil`.
    this.#background = waitUntil ?? host.waitUntil ?? (host.sharesPromises ? () => {} : undefined);
    const config = { ...options, hasStore: cache !== undefined, metadata: typeof metadata === "object" ? JSON.stringify(metadata) : metadata };
    const credentials = this.#credentials.map(({ text }) => `&credential=${encodeURIComponent(text)}`);
    this.#text = encode(config) + credentials.join("");
  }

  clientCredentials(options) {
    return this.#token("clientCredentials", options);
  }

  onBehalfOf(options) {
    return this.#token("onBehalfOf", options);
  }

  exchange(options) {
    return this.#token("exchange", options);
  }

  get counters() {
    const counts = (this.#core()?.client.counters() ?? "").split(" ");
    return Object.fromEntries(COUNTERS.map((name, place) => [name, Number(counts[place] ?? 0)]));
  }

  authorizationRequest(options) {
    return this.#run("authorizationRequest", plain(options ?? {}, "options"));
  }

  async handleRedirect(url, transaction) {
    return toUserTokens(await this.#run("handleRedirect", { url: await responseUrl(url), transaction }));
  }

  async refresh(options) {
    return toUserTokens(await this.#run("refresh", plain(options ?? {}, "options")));
  }

  async endSession(session) {
    await this.#run("endSession", { session });
  }

  async fetch(input, { token: given, ...init } = {}) {
    const token = plain(given ?? {}, "options");
    const request = new Request(input, init);
    const again = request.clone();
    const { response, obtainedAt } = await this.#send(request, token);
    const better = decode(betterToken(response.status, response.headers.get("www-authenticate") ?? "", obtainedAt));
    if (better.forceRefresh === undefined) return response;
    // What is not read would keep the connection.
    await response.body?.cancel();
    return (await this.#send(again, { ...token, forceRefresh: true, claims: better.claims })).response;
  }

  async #send(request, token) {
    await this.#open();
    try {
      checkUrl(request.url);
    } catch (thrown) {
      throw complete(toAuthError(thrown));
    }
    const { assertion, session } = token;
    const call = assertion === undefined && session === undefined ? "clientCredentials" : "onBehalfOf";
    const { tokenType, accessToken, obtainedAt } = await this.#token(call, token);
    request.headers.set("authorization", `${tokenType} ${accessToken}`);
    return { response: await this.#fetch(request), obtainedAt };
  }

  async #token(call, given, renewal = this.#background && "byHost") {
    const options = plain(given ?? {}, "options");
    const fresh = this.#fresh(call, options);
    if (fresh !== undefined) return fresh;
    let isRenewalDue = false;
    const token = await this.#run(call, { ...options, renewal }, () => (isRenewalDue = true));
    if (isRenewalDue) this.#background(this.#token(call, options, "now").catch(() => {}));
    return toTokenSet(token);
  }

  /** The token that is kept and fresh, if the core finds it without a flow. */
  #fresh(call, { assertion = "", scope = "", resource = "", tenant = "", ...others }) {
    if (call !== (assertion === "" ? "clientCredentials" : "onBehalfOf") || Object.keys(others).length > 0) return undefined;
    const lines = [Array.isArray(scope) ? scope.join(" ") : scope, resource, tenant, assertion];
    const found = this.#core()?.client.freshToken(lines.join("\n"));
    const end = found?.indexOf("\n");
    return found && toTokenSet({ ...decode(found.slice(0, end)), accessToken: found.slice(end + 1) });
  }

  async #run(call, options, onRenewalDue) {
    try {
      const { client, locks } = await this.#open();
      const tell = ({ log, detail, renewalDue }) => {
        if (renewalDue !== undefined) onRenewalDue();
        // A log that fails is the service's own matter.
        const onLog = this.#onLog;
        if (log && onLog) queueMicrotask(() => onLog({ time: Date.now() / 1000, step: log, detail }));
      };
      const host = new ServiceHost({ send: sendBy(this.#fetch), credentials: this.#credentials, locks, store: this.#store, tell });
      return await run(client.flow(encode({ call, ...options })), host);
    } catch (thrown) {
      throw complete(toAuthError(thrown), this.#core()?.client.closedUntil());
    }
  }
}

/** Gives the error the response with which an API refuses its own caller. */
function complete(error, closedUntil = 0) {
  if (!isAuthError(error)) return error;
  if (error.code === "provider_unavailable" && closedUntil > 0) error.retryAt = closedUntil;
  // The core knows options by their names in snake case.
  if (error.code === "invalid_option") {
    error.detail = error.detail.replace(/^\w+/, (name) => name.replace(/_[a-z]/g, ([, letter]) => letter.toUpperCase()));
    describe(error);
  }
  const response = () => responseTo(error);
  const toResponse = () => new Response(response().body, response());
  return Object.defineProperties(error, { response: { get: response }, toResponse: { value: toResponse } });
}

/** It says nothing of what the provider said, but when to come again. */
function responseTo({ code, error, claims, retryAt }) {
  const text = encode({ code: String(CODES.indexOf(code)), error, claims });
  // Without the core nothing was asked.
  const { status, wwwAuthenticate } = serviceModule.isLoaded() ? decode(responseToCaller(text)) : { status: "500" };
  const headers = { "content-type": "application/json", "cache-control": "no-store", ...(wwwAuthenticate && { "www-authenticate": wwwAuthenticate }) };
  if (retryAt !== undefined) headers["retry-after"] = String(Math.max(1, Math.ceil(retryAt - Date.now() / 1000)));
  return { status: Number(status), headers, body: JSON.stringify({ code, message: textOf(code) }) };
}
