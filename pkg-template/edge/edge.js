// The API of countersign/edge, the same in every runtime. A runtime's entry brings the loaded
// module and the host's crypto.

import { AuthError, knowTexts, toAuthError } from "../auth-error.js";
import { run } from "../driver.js";
import { CODES } from "../error-codes.js";
import { TEXTS } from "../error-texts.js";
import { bearerToken } from "../wasm/edge.js";
import { authorizationOf } from "./authorization.js";
import { Core, KEYS, REFUSED } from "./core.js";
import { EDGE_CODES } from "./error-codes.js";
import { EDGE_TEXTS } from "./error-texts.js";
import { instantiate } from "./instantiate.js";
import { plain } from "./plain.js";
import { giveResponses, refusalOf } from "./response.js";
import { send } from "./send.js";

/** More than there are algorithms. */
const MAX_ALGORITHMS = 32;
const BACKENDS = ["auto", "host", "rust"];

/**
 * @param entryWasm gives the WebAssembly of the entry, as `instantiate` takes it, unless the options bring it
 * @param {{ importKey(algorithm, jwk), verify(algorithm, key, signature, data), sharesPromises?: boolean }} host
 * @param [compile] if the runtime compiles
 */
export function bind(entryWasm, host, compile) {
  // The core numbers the edge's codes after the page's.
  if (!CODES.includes(EDGE_CODES[0])) CODES.push(...EDGE_CODES);
  knowTexts([...TEXTS, ...EDGE_TEXTS]);
  giveResponses();
  return { createVerifier: (options) => new Verifier(options, entryWasm, host, compile) };
}

class Verifier {
  #load;
  #host;
  #crypto;
  #options;
  #core;
  #keys = [];
  #keySerial = 0;
  #fetching;

  constructor(given, entryWasm, host, compile) {
    const { crypto = "auto", jwks, wasm, ...options } = plain(given, "options", (name) => name === "jwks" || name === "wasm");
    if (!BACKENDS.includes(crypto)) {
      throw new AuthError("invalid_option", { detail: `crypto must be one of ${BACKENDS.join(", ")}` });
    }
    this.#load = () => instantiate(wasm === undefined ? entryWasm : () => wasm, compile);
    this.#host = host;
    this.#crypto = crypto;
    const text = typeof jwks === "object" && jwks !== null ? JSON.stringify(jwks) : jwks;
    this.#options = text === undefined ? options : { ...options, jwks: text };
  }

  async verify(token, requirement) {
    const core = this.#core ?? (await this.#started());
    for (;;) {
      switch (core.examine(token, requirement)) {
        case REFUSED:
          throw this.#refusal(requirement);
        case KEYS:
          await this.#fetchKeys();
          continue;
      }
      if (this.#crypto === "rust") return this.verifySync(token, requirement);
      const key = this.#key();
      if (key === undefined) {
        await this.#importKey();
        continue;
      }
      if (key === null) return this.verifySync(token, requirement);
      return this.#verifyByHost(key, requirement);
    }
  }

  verifySync(token, requirement) {
    const core = this.#core ?? this.#startedNow();
    if (core.examineInRust(token, requirement) === REFUSED) throw this.#refusal(requirement);
    return JSON.parse(core.verdict);
  }

  async authenticate(request, requirement) {
    try {
      if (this.#core === undefined) await this.#started();
      return await this.verify(bearerToken(authorizationOf(request.headers)), requirement);
    } catch (thrown) {
      throw toAuthError(thrown);
    }
  }

  // What the core found is read out of its memory before the first await.
  #verifyByHost(key, requirement) {
    const core = this.#core;
    const signed = this.#host.verify(core.parameters, key, core.signature, core.signingInput);
    const verdict = core.verdict;
    const refusal = verdict === "" ? this.#refusal(requirement) : undefined;
    return typeof signed === "boolean"
      ? conclude(signed, verdict, refusal)
      : signed.then((isRight) => conclude(isRight, verdict, refusal));
  }

  #refusal(requirement) {
    return refusalOf(this.#core.takeError(), requirement?.scope ?? this.#options.scope);
  }

  /** The host's key for the examined token: `undefined` before its import, `null` if the host cannot import it. */
  #key() {
    const { keySerial, keyIndex, algorithm } = this.#core;
    if (keySerial !== this.#keySerial) {
      this.#keys = [];
      this.#keySerial = keySerial;
    }
    return this.#keys[keyIndex * MAX_ALGORITHMS + algorithm];
  }

  async #importKey() {
    const core = this.#core;
    const { keySerial, keyIndex, algorithm } = core;
    let key;
    try {
      key = await this.#host.importKey(core.parameters, core.jwk(keyIndex));
    } catch (cause) {
      if (this.#crypto === "host") {
        throw new AuthError("algorithm_unsupported", { detail: `${core.parameters.name}; set crypto to auto` }, cause);
      }
      key = null;
    }
    // The set may have been replaced meanwhile.
    if (keySerial === this.#keySerial) this.#keys[keyIndex * MAX_ALGORITHMS + algorithm] = key;
  }

  // On Workers, what one request waits for may never be settled for another: there each makes its
  // own fetch, and what they share is the keys. Elsewhere one fetch is enough for all.
  #fetchKeys() {
    if (!this.#host.sharesPromises) return this.#fetchKeysAlone();
    return (this.#fetching ??= this.#fetchKeysAlone().finally(() => (this.#fetching = undefined)));
  }

  async #fetchKeysAlone() {
    await run(this.#core.fetchKeys(), { send, tell: () => {} });
  }

  async #started() {
    const exports = await this.#load();
    return (this.#core ??= new Core(exports, this.#options));
  }

  #startedNow() {
    const exports = this.#load();
    if (exports instanceof Promise) {
      exports.catch(() => {});
      throw new AuthError("keys_unavailable", { detail: "the module is still loading; await verify once before verifySync" });
    }
    return (this.#core = new Core(exports, this.#options));
  }
}

function conclude(isRight, verdict, refusal) {
  if (!isRight) throw new AuthError("signature_invalid");
  if (refusal !== undefined) throw refusal;
  return JSON.parse(verdict);
}
