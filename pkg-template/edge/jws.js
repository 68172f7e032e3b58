// Signed messages that are no access tokens, as webhooks are.

import { AuthError, toAuthError } from "../auth-error.js";
import { EdgeJwsVerifier } from "../wasm/edge.js";
import { MAX_TOKEN_LENGTH, now } from "./core.js";
import { Cores } from "./cores.js";
import { edgeModule } from "./edge-module.js";
import { fetchKeys, fromHost, keepGoing } from "./host-keys.js";
import { ImportedKeys } from "./imported-keys.js";
import { sendWithStore } from "./key-store.js";
import { knowVerifierCodes } from "./know-verifier-codes.js";
import { giveResponses } from "./response.js";
import { readJwsOptions } from "./verifier-options.js";

/** A message's key is looked for by so many fetches at most: one may be under way that began before the message came. */
const MAX_FETCHES = 3;

/** `verifyJws` of a runtime; the parameters are those of `verifiers`. */
export function jwsVerifier(entryWasm, host, compile) {
  const cores = new Cores(JwsCore);
  return async (jws, given) => {
    knowVerifierCodes();
    giveResponses();
    const { name, options, payload, crypto, send, keyStore, wasm } = readJwsOptions(given);
    if (typeof jws !== "string") throw new AuthError("token_malformed", { detail: "not a string" });
    if (jws.length > MAX_TOKEN_LENGTH) throw new AuthError("token_too_large");
    const exports = await edgeModule.instantiate(wasm === undefined ? entryWasm : () => wasm, compile);
    try {
      const core = cores.get(exports, { name, options });
      const sendAlso = keyStore === undefined ? send : sendWithStore(send, keyStore, core.asked, host.waitUntil);
      return await verifyBy(core, host, { jws, payload, crypto, send: sendAlso });
    } catch (thrown) {
      throw toAuthError(thrown);
    }
  };
}

async function verifyBy(core, host, { jws, payload, crypto, send }) {
  core.hold();
  try {
    for (let fetches = 0; ; fetches += 1) {
      const examined = core.examine(jws, payload, fetches === MAX_FETCHES);
      if (examined === undefined) {
        await core.fetchKeys(host, send);
        continue;
      }
      if (examined.renewalIsDue()) keepGoing(host, core.fetchKeys(host, send));
      const [header, own] = examined.open(await fromHost(host, examined, crypto, core.keys).catch(freeing(examined)));
      return { header: JSON.parse(header), payload: payload ?? own };
    }
  } finally {
    core.release();
  }
}

const freeing = (examined) => (error) => {
  examined.free();
  throw error;
};

/** What the messages of equal options share: the keys. */
class JwsCore {
  #verifier;
  keys = new ImportedKeys();
  #users = 0;
  fetching = [];
  /** The URLs that keys were fetched from. */
  asked = new Set();
  isFree = false;
  /** Since `Cores` looked last. */
  wasUsed = true;

  constructor(_, options) {
    this.#verifier = new EdgeJwsVerifier(options);
  }

  examine(jws, payload, isLast) {
    return this.#verifier.examine(jws, payload, now(), isLast);
  }

  fetchKeys(host, send) {
    return fetchKeys(this, () => this.#verifier.fetchKeys(), 0, host, send);
  }

  /** Keeps the memory until as many calls of `release`. */
  hold() {
    this.#users += 1;
    this.wasUsed = true;
  }

  release() {
    this.#users -= 1;
    if (this.isFree) this.free();
  }

  free() {
    this.isFree = true;
    if (this.#users === 0) this.#verifier.free();
  }
}
