// What surrounds a client in these tests: the shipped driver of flows with the platform's locks and
// storage, and a provider that is a function, because a real one does not fail on demand.

import { decode, encode } from "../../pkg-template/crossing.js";
import { run } from "../../pkg-template/driver.js";
import { PageHost } from "../../pkg-template/page-host.js";
import { openStore, tabStore } from "../../pkg-template/stores.js";
import { WakeUp } from "../../pkg-template/wake-up.js";

const AUTHORITY = "https://as.example";

export class TestPage {
  requests = [];
  events = [];
  log = [];
  wakeTimes = [];
  /** Responses to the next requests, in place of the good ones: a body, or an error to be thrown. */
  faults = [];
  #host;
  #nonce;
  #serial = 0;

  constructor(kind, prefix) {
    const tell = ({ emit, log, wakeAt, replaceUrl, from, detail }) => {
      if (emit) this.events.push(emit, detail);
      if (log) this.log.push(log, detail);
      if (wakeAt !== undefined) this.wakeTimes.push(wakeAt === "" ? undefined : Number(wakeAt) / 1000);
      if (replaceUrl && from === location.href) history.replaceState(history.state, "", replaceUrl);
    };
    const tab = tabStore(prefix);
    const store = kind === "session" ? tab : openStore(kind, prefix);
    this.#host = Promise.resolve(store).then((store) => new PageHost((url, init) => this.#respond(url, init), store, tab, tell));
  }

  async run(flow) {
    return run(flow, await this.#host);
  }

  fail(body) {
    this.faults.push(body);
  }

  failToConnect() {
    this.faults.push(new TypeError("Failed to fetch"));
  }

  /** The provider's response to the sign-in that was started last. */
  authorize(storageKey) {
    const transactions = new URLSearchParams(sessionStorage.getItem(`${storageKey}:transactions`));
    const transaction = decode(transactions.getAll("open").at(-1));
    this.#nonce = transaction.nonce;
    return new URLSearchParams({ code: "c0de", state: transaction.state }).toString();
  }

  async #respond(url, init) {
    this.requests.push({ url, ...init });
    const fault = this.faults.shift();
    if (fault instanceof Error) throw fault;
    if (fault !== undefined) return new Response(fault);
    if (!init.body) return Response.json(metadata());
    this.#serial += 1;
    return Response.json({
      access_token: `access-${this.#serial}`,
      refresh_token: `refresh-${this.#serial}`,
      token_type: "Bearer",
      expires_in: 3600,
      ...(init.body.startsWith("grant_type=authorization_code") && { id_token: this.#idToken() }),
    });
  }

  #idToken() {
    const now = Date.now() / 1000;
    const claims = { iss: AUTHORITY, sub: "alïce", aud: ["page"], iat: now, exp: now + 600, nonce: this.#nonce };
    return [{ alg: "RS256" }, claims, "signature"].map((part) => base64url(JSON.stringify(part))).join(".");
  }
}

// `location.assign` cannot reach this port, so that the test page is not left.
function metadata() {
  return {
    issuer: AUTHORITY,
    authorization_endpoint: "https://as.example:99999/authorize",
    token_endpoint: `${AUTHORITY}/token`,
  };
}

function base64url(text) {
  const binary = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The options of a client or a call, as the package's JavaScript hands them over. */
export function options(json) {
  return encode(JSON.parse(json));
}

/** The options of a flow. */
export function callOptions(call, json) {
  return encode({ call, ...JSON.parse(json) });
}

/** Sets the page's clock ahead. */
export function advance(seconds) {
  const { now } = Date;
  Date.now = () => now() + seconds * 1000;
}

/** Forgets what is kept in memory for all clients of the page. */
export function clearMemory() {
  globalThis[Symbol.for("countersign.memory")]?.records.clear();
}

/** Whether `WakeUp` calls at a time, and when the network is back, until it is ended. */
export async function wakesUp() {
  const calls = [];
  const once = () => new Promise((resolve) => calls.push(resolve));
  const end = new AbortController();
  const wakeUp = new WakeUp(() => calls.shift()?.(), end.signal);
  const atTime = once();
  wakeUp.at(Date.now() / 1000 + 0.05);
  await atTime;
  const online = once();
  globalThis.dispatchEvent(new Event("online"));
  await online;
  wakeUp.at(Date.now() / 1000 + 1e9);
  end.abort();
  calls.push(() => {});
  globalThis.dispatchEvent(new Event("online"));
  return calls.length === 1;
}

/** Makes the tab's storage refuse what is written until the result is called. */
export function fillStorage() {
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  return () => {
    Storage.prototype.setItem = setItem;
  };
}
