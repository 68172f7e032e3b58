// Verifiers, the same in every runtime. A runtime's entry brings the loaded module and the host's
// crypto.

import { AuthError, toAuthError } from "../auth-error.js";
import { run } from "../driver.js";
import { CODES } from "../error-codes.js";
import { bearerToken, challengeFor } from "../wasm/edge.js";
import { authorizationOf } from "./authorization.js";
import { toBase64url } from "./base64url.js";
import { AGAIN, KEYS, REFUSED } from "./core.js";
import { Cores } from "./cores.js";
import { edgeModule } from "./edge-module.js";
import { knowCodes } from "./know-codes.js";
import { asText, invalid, plain } from "./plain.js";
import { answerBy, giveResponses } from "./response.js";
import { send } from "./send.js";

/** More than there are algorithms. */
const MAX_ALGORITHMS = 32;
/** Options that are not plain data. */
const OPAQUE = ["jwks", "secret", "wasm"];
const BACKENDS = ["auto", "host", "rust"];
/** A token's key is looked for by so many fetches at most: one may be under way that began before the token came. */
const MAX_FETCHES = 3;

/**
 * `createVerifier` of a runtime.
 *
 * @param entryWasm gives the WebAssembly of the entry, as `instantiate` takes it, unless the options bring it
 * @param {{ importKey(algorithm, jwk), verify(algorithm, key, signature, data), sharesPromises?: boolean, waitUntil?(promise) }} host
 * `waitUntil` keeps a promise going that no request waits for
 * @param [compile] if the runtime compiles
 */
export function verifiers(entryWasm, host, compile) {
  const cores = new Cores();
  return (options) => {
    knowCodes();
    giveResponses();
    return new Verifier(options, entryWasm, host, cores, compile);
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

  constructor(given, entryWasm, host, cores, compile) {
    const { crypto = "auto", jwks, wasm, ...options } = plain(given, "options", (name) => OPAQUE.includes(name));
    if (!BACKENDS.includes(crypto)) {
      throw new AuthError("invalid_option", { detail: `crypto must be one of ${BACKENDS.join(", ")}` });
    }
    this.#load = () => edgeModule.instantiate(wasm === undefined ? entryWasm : () => wasm, compile);
    this.#host = host;
    this.#cores = cores;
    this.#crypto = crypto;
    if (Object.hasOwn(options, "secret")) options.secret = secretText(options.secret);
    this.#options = jwks === undefined ? options : { ...options, jwks: jwksText(jwks) };
    this.#name = asText(this.#options);
  }

  async verify(token, requirement) {
    const core = this.#core ?? this.#coreOf(await this.#load());
    // While this waits for keys or for the host's crypto, other verifiers may want its place.
    core.hold();
    try {
      const required = core.requirement(requirement);
      for (let fetches = 0; ; ) {
        switch (core.examine(token, fetches === MAX_FETCHES)) {
          case REFUSED:
            throw core.takeError();
          case KEYS:
            fetches += 1;
            await this.#fetchKeys(core);
            continue;
        }
        const { renewalIsDue, keySerial } = core;
        const key = this.#crypto === "rust" ? null : core.keys[placeOf(core)];
        if (key === undefined) {
          await this.#importKey(core);
          continue;
        }
        if (key === null && this.#crypto === "host") throw unsupported(core.parameters);
        // The host reads the memory now, also if its verdict comes later.
        const checked = key === null ? undefined : this.#host.verify(core.parameters, key, core.signature, core.signingInput);
        if (renewalIsDue) this.#renewKeys(core);
        if (checked === undefined) return this.#verifyInRust(core, token, required);
        if (!(typeof checked === "boolean" ? checked : await checked)) throw new AuthError("signature_invalid");
        switch (core.conclude(token, required, keySerial)) {
          case REFUSED:
            throw core.takeError();
          case AGAIN:
            continue;
        }
        return JSON.parse(core.verdict);
      }
    } catch (thrown) {
      throw this.#answered(toAuthError(thrown), requirement);
    } finally {
      core.release();
    }
  }

  verifySync(token, requirement) {
    try {
      const core = this.#core ?? this.#startedNow();
      return this.#verifyInRust(core, token, core.requirement(requirement));
    } catch (thrown) {
      throw this.#answered(toAuthError(thrown), requirement);
    }
  }

  async authenticate(request, requirement) {
    try {
      if (this.#core === undefined) await this.#load();
      return await this.verify(bearerToken(authorizationOf(request.headers)), requirement);
    } catch (thrown) {
      throw this.#answered(toAuthError(thrown), requirement);
    }
  }

  #verifyInRust(core, token, requirement) {
    if (core.verifyInRust(token, requirement) === REFUSED) throw core.takeError();
    return JSON.parse(core.verdict);
  }

  async #importKey(core) {
    const { keys, parameters, keyIndex } = core;
    const place = placeOf(core);
    try {
      const key = this.#host.importKey(parameters, core.jwk(keyIndex));
      // The set may be replaced meanwhile: then the place is in the old one. In Next's edge runtime the promise is of another realm.
      keys[place] = typeof key.then === "function" ? await key : key;
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

  // It is to be used before the next await: when it is not held, other verifiers can take its place.
  #coreOf(exports) {
    return (this.#used = this.#cores.get(exports, this.#name, this.#options));
  }

  #startedNow() {
    const exports = this.#load();
    if (exports instanceof Promise) {
      exports.catch(() => {});
      throw new AuthError("keys_unavailable", { detail: "the module is still loading; await verify once before verifySync" });
    }
    return this.#coreOf(exports);
  }

  /** Lets the error's response name what the request needed. */
  #answered(error, requirement) {
    if (error instanceof AuthError) answerBy(error, () => this.#challenge(error, requirement));
    return error;
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

function jwksText(jwks) {
  if (typeof jwks === "string") return jwks;
  let text;
  try {
    if (typeof jwks === "object" && jwks !== null) text = JSON.stringify(jwks);
  } catch {
    // It is circular, or has a bigint.
  }
  if (text === undefined) throw invalid("jwks", "must be a JWK Set");
  return text;
}

// A text would have to be guessed at: a password, base64, base64url or hexadecimal digits.
function secretText(secret) {
  const bytes = ArrayBuffer.isView(secret) ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength) : secret;
  if (!ArrayBuffer.isView(bytes) && Object.prototype.toString.call(bytes) !== "[object ArrayBuffer]") {
    throw invalid("secret", "must be bytes; those of a text are new TextEncoder().encode(text)");
  }
  return toBase64url(bytes);
}

/** A failure is told when the keys are missed. */
function keepGoing({ waitUntil }, promise) {
  const settled = promise.then(() => {}, () => {});
  waitUntil?.(settled);
}

/** Carries out the core's command to wait. */
function carryOut({ wait }) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, Number(wait) - Date.now()), {}));
}
