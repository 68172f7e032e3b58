// Verifiers, the same in every runtime. A runtime's entry brings the loaded module and the host's
// crypto.

import { AuthError, textOf, toAuthError } from "../auth-error.js";
import { run } from "../driver.js";
import { CODES } from "../error-codes.js";
import { bearerToken, challengeFor } from "../wasm/edge.js";
import { KEYS, REFUSED } from "./core.js";
import { Cores } from "./cores.js";
import { knowCodes } from "./know-codes.js";
import { plain } from "./plain.js";
import { send } from "./send.js";

/** More than there are algorithms. */
const MAX_ALGORITHMS = 32;
const BACKENDS = ["auto", "host", "rust"];
/** A token's key is looked for by so many fetches at most: one may be under way that began before the token came. */
const MAX_FETCHES = 3;

/**
 * `createVerifier` of a runtime.
 *
 * @param {() => WebAssembly.Exports | Promise<WebAssembly.Exports>} load instantiates the module
 * @param {{ importKey(algorithm, jwk), verify(algorithm, key, signature, data), sharesPromises?: boolean, waitUntil?(promise) }} host
 * `waitUntil` keeps a promise going that no request waits for
 */
export function verifiers(load, host) {
  const cores = new Cores();
  return (options) => {
    knowCodes();
    return new Verifier(options, load, host, cores);
  };
}

class Verifier {
  #load;
  #host;
  #cores;
  #crypto;
  #options;
  #name;
  #used;

  constructor(given, load, host, cores) {
    const { crypto = "auto", jwks, ...options } = plain(given, "options", (name) => name === "jwks");
    if (!BACKENDS.includes(crypto)) {
      throw new AuthError("invalid_option", { detail: `crypto must be one of ${BACKENDS.join(", ")}` });
    }
    this.#load = load;
    this.#host = host;
    this.#cores = cores;
    this.#crypto = crypto;
    const text = typeof jwks === "object" && jwks !== null ? JSON.stringify(jwks) : jwks;
    this.#options = text === undefined ? options : { ...options, jwks: text };
    // Of what JSON cannot say, `undefined` is among options.
    this.#name = JSON.stringify(this.#options, (_, value) => (value === undefined ? { undefined: true } : value));
  }

  async verify(token, requirement) {
    for (let fetches = 0; ; ) {
      const core = this.#core ?? (await this.#started());
      switch (core.examine(token, requirement, fetches === MAX_FETCHES)) {
        case REFUSED:
          throw core.takeError();
        case KEYS:
          fetches += 1;
          await this.#fetchKeys(core);
          continue;
      }
      const { renewalIsDue } = core;
      try {
        if (this.#crypto === "rust") return this.verifySync(token, requirement);
        const key = core.keys[placeOf(core)];
        if (key === undefined) {
          await this.#importKey(core);
          continue;
        }
        if (key !== null) return this.#verifyByHost(core, key);
        if (this.#crypto === "host") throw unsupported(core.parameters);
        return this.verifySync(token, requirement);
      } finally {
        // Not before what the core found is read out of its memory.
        if (renewalIsDue) this.#renewKeys(core);
      }
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
      const error = toAuthError(thrown);
      throw error instanceof AuthError ? withResponse(error, this.#challenge(error, requirement)) : error;
    }
  }

  // What the core found is read out of its memory before the first await.
  #verifyByHost(core, key) {
    const signed = this.#host.verify(core.parameters, key, core.signature, core.signingInput);
    const verdict = core.verdict;
    const refusal = verdict === "" ? core.takeError() : undefined;
    return typeof signed === "boolean"
      ? conclude(signed, verdict, refusal)
      : signed.then((isRight) => conclude(isRight, verdict, refusal));
  }

  async #importKey(core) {
    const { keys, parameters, keyIndex } = core;
    const place = placeOf(core);
    try {
      const key = this.#host.importKey(parameters, core.jwk(keyIndex));
      // The set may be replaced meanwhile: then the place is in the old one.
      keys[place] = key instanceof Promise ? await key : key;
    } catch (cause) {
      keys[place] = null;
      if (this.#crypto === "host") throw unsupported(parameters, cause);
    }
  }

  // On Workers, what one request waits for may never be settled for another: there the core lets each look for itself whether the
  // fetch under way has ended, and what they share is the keys. Elsewhere they can wait for the same promise.
  #fetchKeys(core) {
    if (!this.#host.sharesPromises) return this.#fetchKeysAlone(core);
    return (core.fetching ??= this.#fetchKeysAlone(core).finally(() => (core.fetching = undefined)));
  }

  async #fetchKeysAlone(core) {
    const fetching = run(core.fetchKeys(), { send, carryOut, tell: () => {} });
    // The keys are for others too, when this request is given up.
    keepGoing(this.#host, fetching);
    await fetching;
  }

  #renewKeys(core) {
    keepGoing(this.#host, this.#fetchKeys(core));
  }

  // A core that was freed is as good as none.
  get #core() {
    return this.#used?.isFree ? undefined : this.#used;
  }

  async #started() {
    const exports = await this.#load();
    return (this.#used = this.#cores.get(exports, this.#name, this.#options));
  }

  #startedNow() {
    const exports = this.#load();
    if (exports instanceof Promise) {
      exports.catch(() => {});
      throw new AuthError("keys_unavailable", { detail: "the module is still loading; await verify once before verifySync" });
    }
    return (this.#used = this.#cores.get(exports, this.#name, this.#options));
  }

  #challenge({ code }, requirement) {
    const number = CODES.indexOf(code);
    try {
      return (this.#core ?? this.#startedNow()).challenge(number, requirement);
    } catch {
      // The options or the requirement are the error.
      return challengeFor(number);
    }
  }
}

const unsupported = ({ name }, cause) => new AuthError("algorithm_unsupported", { detail: name }, cause);

/** The place of the examined token's key among the imported ones. */
const placeOf = ({ keyIndex, algorithm }) => keyIndex * MAX_ALGORITHMS + algorithm;

/** A failure is told when the keys are missed. */
function keepGoing({ waitUntil }, promise) {
  const settled = promise.then(() => {}, () => {});
  waitUntil?.(settled);
}

/** Carries out the core's command to wait. */
function carryOut({ wait }) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, Number(wait) - Date.now()), {}));
}

function conclude(isRight, verdict, refusal) {
  if (!isRight) throw new AuthError("signature_invalid");
  if (refusal !== undefined) throw refusal;
  return JSON.parse(verdict);
}

/** Gives the error the response that the API should send: RFC 6750 section 3. It says nothing of what was in the token. */
function withResponse(error, challenge) {
  const { status, wwwAuthenticate, retryAfter } = Object.fromEntries(new URLSearchParams(challenge));
  const headers = { "www-authenticate": wwwAuthenticate, "cache-control": "no-store" };
  if (retryAfter !== undefined) headers["retry-after"] = retryAfter;
  Object.defineProperty(error, "toResponse", {
    value: () => Response.json({ code: error.code, message: textOf(error.code) }, { status: Number(status), headers }),
    configurable: true,
  });
  return error;
}
