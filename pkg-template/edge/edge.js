// Verifiers, the same in every runtime. A runtime's entry brings the loaded module and the host's
// crypto.

import { AuthError, toAuthError } from "../auth-error.js";
import { run } from "../driver.js";
import { CODES } from "../error-codes.js";
import { bearerToken, challengeFor } from "../wasm/edge.js";
import { Core, KEYS, REFUSED } from "./core.js";
import { knowCodes } from "./know-codes.js";
import { plain } from "./plain.js";
import { send } from "./send.js";

/** More than there are algorithms. */
const MAX_ALGORITHMS = 32;
const BACKENDS = ["auto", "host", "rust"];

/**
 * `createVerifier` of a runtime.
 *
 * @param {() => WebAssembly.Exports | Promise<WebAssembly.Exports>} load instantiates the module
 * @param {{ importKey(algorithm, jwk), verify(algorithm, key, signature, data), sharesPromises?: boolean }} host
 */
export function verifiers(load, host) {
  return (options) => {
    knowCodes();
    return new Verifier(options, load, host);
  };
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

  constructor(given, load, host) {
    const { crypto = "auto", jwks, ...options } = plain(given, "options", (name) => name === "jwks");
    if (!BACKENDS.includes(crypto)) {
      throw new AuthError("invalid_option", { detail: `crypto must be one of ${BACKENDS.join(", ")}` });
    }
    this.#load = load;
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
          throw core.takeError();
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
      return this.#verifyByHost(key);
    }
  }

  verifySync(token, requirement) {
    const core = this.#core ?? this.#startedNow();
    if (core.examineInRust(token, requirement) === REFUSED) throw core.takeError();
    return JSON.parse(core.verdict);
  }

  async authenticate(request, requirement) {
    try {
      if (this.#core === undefined) await this.#started();
      const { headers } = request;
      const header = typeof headers.get === "function" ? headers.get("authorization") : headers.authorization;
      return await this.verify(bearerToken(header), requirement);
    } catch (thrown) {
      throw withResponse(toAuthError(thrown), requirement?.scope ?? this.#options.scope);
    }
  }

  // What the core found is read out of its memory before the first await.
  #verifyByHost(key) {
    const core = this.#core;
    const signed = this.#host.verify(core.parameters, key, core.signature, core.signingInput);
    const verdict = core.verdict;
    const refusal = verdict === "" ? core.takeError() : undefined;
    return typeof signed === "boolean"
      ? conclude(signed, verdict, refusal)
      : signed.then((isRight) => conclude(isRight, verdict, refusal));
  }

  /** The host's key for the examined token: `undefined` before its import, `null` where the host has none. */
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

/** Gives the error the answer that the API should send: RFC 6750 section 3. */
function withResponse(error, scope) {
  if (!(error instanceof AuthError)) return error;
  const words = Array.isArray(scope) ? scope.join(" ") : scope;
  const { status, wwwAuthenticate } = Object.fromEntries(new URLSearchParams(challengeFor(CODES.indexOf(error.code), words)));
  Object.defineProperty(error, "toResponse", {
    value: () =>
      Response.json(
        { code: error.code, message: error.message },
        { status: Number(status), headers: { "www-authenticate": wwwAuthenticate, "cache-control": "no-store" } },
      ),
  });
  return error;
}
