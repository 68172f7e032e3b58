// Verifiers, the same in every runtime. A runtime's entry brings the loaded module and the host's
// crypto.

import { AuthError, toAuthError } from "../auth-error.js";
import { CODES } from "../error-codes.js";
import { challengeFor, credentials } from "../wasm/edge.js";
import { setApi } from "./api.js";
import { certificateOf, isAtHand } from "./client-certificate.js";
import { AGAIN, Core, GROUPS, KEYS, now, REFUSED } from "./core.js";
import { Cores } from "./cores.js";
import { proofOf, useLogoutToken, useProof } from "./dpop.js";
import { edgeModule } from "./edge-module.js";
import { headerOf } from "./headers.js";
import { fetchKeys, keepGoing, unsupported } from "./host-keys.js";
import { sendWithStore } from "./key-store.js";
import { knowVerifierCodes } from "./know-verifier-codes.js";
import { invalid } from "./plain.js";
import { frozen } from "./remembered.js";
import { requirementOf } from "./requirement.js";
import { inFull } from "./resource-metadata.js";
import { answerBy, giveResponses } from "./response.js";
import { send, sendBy } from "./send.js";
import { readOptions } from "./verifier-options.js";

/** More than there are algorithms. */
const MAX_ALGORITHMS = 32;
/** A token's key is looked for by so many fetches at most: one may be under way that began before the token came. */
const MAX_FETCHES = 3;
/** Of issuers, by `prefetch`. */
const FETCHES_AT_ONCE = 8;
/** In seconds: the most that clocks may differ. */
const CLOCK_TOLERANCE_MAX = 600;
/** The core's default, in seconds. */
const CLOCK_TOLERANCE = 60;

/**
 * `createVerifier` of a runtime.
 *
 * @param entryWasm gives the WebAssembly of the entry, as `instantiate` takes it, unless the options bring it
 * @param {{ importKey(algorithm, jwk), verify(algorithm, key, signature, data), sharesPromises?: boolean, waitUntil?(promise) }} host
 * `waitUntil` keeps a promise going that no request waits for
 * @param [compile] if the runtime compiles
 */
export function verifiers(entryWasm, host, compile) {
  const cores = new Cores(Core);
  return (options) => {
    knowVerifierCodes();
    giveResponses();
    return new Verifier(options, entryWasm, host, cores, compile);
  };
}

class Verifier {
  #load;
  #host;
  #cores;
  #options;
  #send;
  #used;

  constructor(given, entryWasm, host, cores, compile) {
    this.#options = readOptions(given);
    const { wasm, fetch, api } = this.#options;
    setApi(this, api);
    this.#load = () => edgeModule.instantiate(wasm === undefined ? entryWasm : () => wasm, compile);
    this.#send = fetch === undefined ? send : sendBy(fetch);
    this.#host = host;
    this.#cores = cores;
  }

  async verify(token, requirement) {
    // Before the first await: the caller may use the object again.
    return this.#verify(token, this.#requirementOf(requirement));
  }

  /** @param {{ dpopKey?: string, certificate?: string }} [presented] what the request proves beside the token */
  async #verify(token, required, presented) {
    const core = this.#core ?? this.#coreOf(await this.#load());
    // While this waits for keys or for the host's crypto, other verifiers may want its place.
    core.hold();
    try {
      core.check(required);
      const { verified, issuer } = remembered(core, token, required, presented) ?? (await this.#decide(core, token, required, presented));
      const admits = this.#options.tenants[issuer];
      if (admits !== undefined) checkAdmitted(await ofCaller(async () => admits(verified.tenant, verified)));
      return verified;
    } catch (thrown) {
      throw this.#answered(toAuthError(thrown), required);
    } finally {
      core.release();
    }
  }

  verifySync(token, requirement) {
    const required = this.#requirementOf(requirement);
    try {
      const core = this.#core ?? this.#startedNow();
      core.wasUsed = true;
      core.check(required);
      const { verified, issuer } = remembered(core, token, required) ?? examineInRust(core, token, required);
      const admits = this.#options.tenants[issuer];
      if (admits !== undefined) checkAdmitted(atOnce(() => admits(verified.tenant, verified)));
      return verified;
    } catch (thrown) {
      throw this.#answered(toAuthError(thrown), required);
    }
  }

  async authenticate(request, requirement) {
    const required = this.#requirementOf(requirement);
    let isDpop = false;
    try {
      if (this.#core === undefined) await this.#load();
      const given = credentials(headerOf(request?.headers, "authorization"));
      const token = given.slice(1);
      isDpop = given.startsWith("D");
      if (!isDpop && !isAtHand(request, this.#options.certificate)) return await this.#verifyBearer(request, token, required);
      return await this.#verifyProved(request, token, required, isDpop);
    } catch (thrown) {
      throw this.#answered(toAuthError(thrown), required, isDpop);
    }
  }

  /** Looks for the client's certificate when a token turns out to be bound to one. */
  async #verifyBearer(request, token, required) {
    try {
      return await this.#verify(token, required);
    } catch (error) {
      if (error.code !== "certificate_mismatch") throw error;
      return await this.#verifyProved(request, token, required, false);
    }
  }

  async #verifyProved(request, token, required, isDpop) {
    const { certificate, crypto, dpop: { url, replay } = {} } = this.#options;
    const proof = isDpop ? await this.#proofOf(request, token, { crypto, url }) : undefined;
    const presented = { dpopKey: proof?.key, certificate: await certificateOf(request, certificate) };
    const verified = await this.#verify(token, required, presented);
    // Only now: what is kept of proofs is kept of good tokens.
    if (proof !== undefined) await useProof(request, proof, replay);
    return verified;
  }

  async #proofOf(request, token, options) {
    const core = this.#core ?? this.#coreOf(await this.#load());
    core.hold();
    try {
      return await proofOf(request, token, { core, host: this.#host, ...options });
    } finally {
      core.release();
    }
  }

  #requirementOf(given) {
    try {
      return requirementOf(given);
    } catch (thrown) {
      throw this.#answered(thrown);
    }
  }

  async verifyLogoutToken(token) {
    const core = this.#core ?? this.#coreOf(await this.#load());
    core.hold();
    try {
      for (;;) {
        const { serial } = await this.#examine(core, token);
        const decision = core.concludeLogout(token, serial);
        if (decision === AGAIN) continue;
        if (decision === REFUSED) throw core.takeError();
        const { id, expiresAt, ...logout } = JSON.parse(core.verdict);
        await useLogoutToken(id, expiresAt + CLOCK_TOLERANCE_MAX, this.#options.dpop?.replay);
        return frozen(logout);
      }
    } catch (thrown) {
      throw this.#answered(toAuthError(thrown));
    } finally {
      core.release();
    }
  }

  async prefetch() {
    const core = this.#core ?? this.#coreOf(await this.#load());
    core.hold();
    try {
      const places = [...this.#options.options.issuers.keys()];
      while (places.length > 0) await Promise.all(places.splice(0, FETCHES_AT_ONCE).map((place) => this.#fetchKeys(core, place)));
    } catch (thrown) {
      throw this.#answered(toAuthError(thrown));
    } finally {
      core.release();
    }
  }

  async #decide(core, token, required, presented) {
    for (;;) {
      const { serial, keysFreshFor, issuer } = await this.#examine(core, token);
      const decide = (groups) =>
        serial === undefined ? core.verifyInRust(token, required, groups, presented) : core.conclude(token, required, groups, serial, presented);
      const first = decide();
      const decision = first === GROUPS ? decide(await this.#groupsOf(JSON.parse(core.verdict))) : first;
      if (decision === AGAIN) continue;
      if (decision === REFUSED) throw core.takeError();
      const found = { verified: frozen(JSON.parse(core.verdict)), issuer };
      // Groups that were looked up may be others the next time.
      if (first !== GROUPS) this.#remember(core, token, required, presented, found, keysFreshFor);
      return found;
    }
  }

  /** Checks the token's signature. @returns the serial of the keys that it is right by; none, if it is left to pure Rust */
  async #examine(core, token) {
    const { crypto } = this.#options;
    for (let fetches = 0; ; ) {
      switch (core.examine(token, fetches === MAX_FETCHES)) {
        case REFUSED:
          throw core.takeError();
        case KEYS:
          fetches += 1;
          await this.#fetchKeys(core, core.issuer);
          continue;
      }
      const { renewalIsDue, keySerial, keysFreshFor, issuer } = core;
      const key = crypto === "rust" ? null : core.keys[placeOf(core)];
      if (key === undefined) {
        await this.#importKey(core);
        continue;
      }
      if (key === null && crypto === "host") throw faultOf(core, token);
      // The host reads the memory now, also if its verdict comes later.
      const checked = key === null ? undefined : this.#host.verify(core.parameters, key, core.signature, core.signingInput);
      if (renewalIsDue) this.#renewKeys(core, issuer);
      if (checked !== undefined && !(typeof checked === "boolean" ? checked : await checked)) throw new AuthError("signature_invalid");
      return { serial: checked === undefined ? undefined : keySerial, keysFreshFor, issuer };
    }
  }

  #remember(core, token, required, presented, found, keysFreshFor) {
    const since = now();
    const { clockTolerance = CLOCK_TOLERANCE } = this.#options.options;
    core.remembered.add(token, required, presented, found, since, Math.min(found.verified.claims.exp + clockTolerance, since + keysFreshFor));
  }

  async #groupsOf(verified) {
    const { resolveGroups } = this.#options;
    if (resolveGroups === undefined) throw new AuthError("groups_missing");
    let groups;
    try {
      groups = await resolveGroups(verified);
    } catch (cause) {
      throw new AuthError("groups_missing", { detail: "resolveGroups failed" }, cause);
    }
    // A string is iterable too: its letters are nobody's groups.
    const isList = typeof groups === "object" && groups !== null && typeof groups[Symbol.iterator] === "function";
    const list = isList ? [...groups] : [undefined];
    if (!list.every((group) => typeof group === "string")) throw invalid("resolveGroups", "must return a list of strings");
    return list;
  }

  async #importKey(core) {
    const { keys, parameters, keyIndex } = core;
    const place = placeOf(core);
    try {
      const key = this.#host.importKey(parameters, core.jwk(keyIndex));
      // The set may be replaced meanwhile: then the place is in the old one. In Next's edge runtime the promise is of another realm.
      keys[place] = typeof key.then === "function" ? await key : key;
    } catch {
      // Pure Rust has it, or knows what is wrong with it.
      keys[place] = null;
    }
  }

  #fetchKeys(core, issuer) {
    const { keyStore } = this.#options;
    const send = keyStore === undefined ? this.#send : sendWithStore(this.#send, keyStore, core.asked, this.#host.waitUntil);
    const fetching = fetchKeys(core, () => core.fetchKeys(issuer), issuer, this.#host, send);
    // A key may have been withdrawn.
    return fetching.finally(() => core.remembered.clear());
  }

  #renewKeys(core, issuer) {
    keepGoing(this.#host, this.#fetchKeys(core, issuer));
  }

  // A core that was freed is as good as none.
  get #core() {
    return this.#used?.isFree ? undefined : this.#used;
  }

  // It is to be used before the next await: when it is not held, other verifiers can take its place.
  #coreOf(exports) {
    return (this.#used = this.#cores.get(exports, this.#options));
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
  #answered(error, requirement, isDpop = false) {
    if (error instanceof AuthError) answerBy(error, () => this.#challenge(error, requirement, isDpop));
    return error;
  }

  #challenge({ code }, requirement, isDpop) {
    const number = CODES.indexOf(code);
    try {
      const challenge = (this.#core ?? this.#startedNow()).challenge(number, requirement, isDpop);
      const { metadata } = this.#options.api;
      return metadata === undefined ? challenge : withFullScopes(challenge, metadata.document);
    } catch {
      // The options or the requirement are the error.
      return challengeFor(number);
    }
  }
}

function withFullScopes(challenge, document) {
  const form = new URLSearchParams(challenge);
  form.set("wwwAuthenticate", inFull(form.get("wwwAuthenticate"), document));
  return form.toString();
}

/** Why the host could not import the key: pure Rust says so if the key is none, as a point that is not on its curve. */
function faultOf(core, token) {
  const { parameters } = core;
  const error = core.verifyInRust(token) === REFUSED ? core.takeError() : undefined;
  return error?.code === "key_invalid" ? error : unsupported(parameters);
}

/** The place of the examined token's key among the imported ones. */
const placeOf = ({ keyIndex, algorithm }) => keyIndex * MAX_ALGORITHMS + algorithm;

function examineInRust(core, token, required) {
  switch (core.verifyInRust(token, required)) {
    case REFUSED:
      throw core.takeError();
    case GROUPS:
      throw new AuthError("groups_missing", { detail: "verifySync asks nobody; use verify" });
  }
  return { verified: frozen(JSON.parse(core.verdict)), issuer: core.issuer };
}

const remembered = (core, token, required, presented) =>
  typeof token === "string" ? core.remembered.get(token, required, presented, now()) : undefined;

/** What a function of the caller's returns; its error is the cause of ours. */
async function ofCaller(call) {
  try {
    return await call();
  } catch (cause) {
    throw failed(cause);
  }
}

function atOnce(call) {
  let result;
  try {
    result = call();
  } catch (cause) {
    throw failed(cause);
  }
  // Nobody waits for it.
  if (typeof result?.then === "function") result.then(undefined, () => {});
  return result;
}

const failed = (cause) => new AuthError("invalid_option", { detail: "tenants failed; the cause says why" }, cause);

/** Nothing but `true` admits: a list or a promise, which are truthy, would admit everybody. */
function checkAdmitted(isAdmitted) {
  if (isAdmitted === true) return;
  if (isAdmitted === false) throw new AuthError("tenant_refused");
  throw invalid("tenants", "must return true or false; a promise of it only for verify");
}
