// The WebAssembly core and the piece of memory that JavaScript shares with it.

import { algorithmParameters, EdgeVerifier } from "../wasm/edge.js";
import { AuthError, toAuthError } from "../auth-error.js";
import { toBase64url } from "./base64url.js";
import { NONCE_KEY, ownNonceKey } from "./dpop.js";
import { Remembered } from "./remembered.js";

/** The results of calls; the same numbers as in `src/edge/bindings/verifier.rs`. */
export const KEYS = 1;
export const REFUSED = 2;
export const AGAIN = 3;
export const GROUPS = 4;

export const MAX_TOKEN_LENGTH = 65536;
/** What requirements may take to be remembered, in characters of their JSON, of which each counts for the whole of one in Rust. */
const MAX_REQUIREMENTS_LENGTH = 65536;
const MAX_REQUIREMENTS = 256;
const MAX_KEY_SETS = 4096;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const now = () => Date.now() / 1000;

/**
 * The core of verifiers with the same options. Between a call of `examine` and the last read of what it reports there must
 * be no await: the next call uses the same memory.
 */
export class Core {
  #verifier;
  #memory;
  #bytes;
  #report;
  #reportPlace;
  #tokenPlace;
  #length = 0;
  #requirements = new Map();
  #requirementsLength = 0;
  #parameters = [];
  #keys = new Map();
  /** The fetches under way by the issuer's place, if promises may be shared. */
  fetching = [];
  isFree = false;
  /** Since `Cores` looked last. */
  wasUsed = true;
  #users = 0;

  /** The URLs that keys and metadata were fetched from. */
  asked = new Set();

  constructor(exports, options, remember) {
    this.remembered = new Remembered(remember);
    this.#verifier = call(() => new EdgeVerifier(withNonceKey(options)));
    this.#memory = exports.memory;
    this.#reportPlace = this.#verifier.reportPlace();
  }

  /** Finds what to check the token's signature with; at last among the keys at hand. */
  examine(token, isLast) {
    this.#write(token);
    return this.#looked(this.#verifier.examine(this.#length, now(), isLast));
  }

  /** Decides about a token whose signature is right by the keys of this serial. The groups are the user's, if they were looked up. */
  conclude(token, requirement, groups, serial, presented) {
    const number = this.#numberOf(requirement);
    this.#write(token);
    this.#present(presented);
    return this.#looked(this.#verifier.conclude(this.#length, number, groups, now(), serial));
  }

  /** Checks the token's signature in pure Rust and decides, with the keys at hand. */
  verifyInRust(token, requirement, groups, presented) {
    const number = this.#numberOf(requirement);
    this.#write(token);
    this.#present(presented);
    return this.#looked(this.#verifier.verifyInRust(this.#length, number, groups, now()));
  }

  /** Decides about a logout token whose signature is right by the keys of this serial; without one, checks it in pure Rust. */
  concludeLogout(token, serial) {
    this.#write(token);
    return this.#looked(this.#verifier.concludeLogout(this.#length, now(), serial));
  }

  /** A request's proof, but for its signature. */
  examineProof(proof, method, url, token) {
    return call(() => this.#verifier.examineProof(proof, method, url, token, now()));
  }

  openProof(examined, isRight) {
    return call(() => examined.open(isRight));
  }

  /** Refuses what is no requirement. */
  check(requirement) {
    this.#numberOf(requirement);
  }

  /** Serial of the key set, the key's place in it, the algorithm's place in the core's table. */
  get keySerial() {
    return this.#report[0];
  }

  get keyIndex() {
    return this.#report[1];
  }

  get algorithm() {
    return this.#report[2];
  }

  get signingInput() {
    return this.#bytes.subarray(this.#tokenPlace, this.#tokenPlace + this.#report[3]);
  }

  get signature() {
    return this.#bytes.subarray(this.#report[4], this.#report[4] + this.#report[5]);
  }

  /** Whether the keys are to be fetched again while the token is decided about. */
  get renewalIsDue() {
    return this.#report[6] === 1;
  }

  /** The verdict's JSON. */
  get verdict() {
    return decoder.decode(this.#bytes.subarray(this.#report[7], this.#report[7] + this.#report[8]));
  }

  /** The place of the token's issuer among the trusted ones. */
  get issuer() {
    return this.#report[9];
  }

  /** For how many seconds the keys are not to be fetched again. */
  get keysFreshFor() {
    return this.#report[10];
  }

  /** The imported keys of the set examined last, by their place and algorithm. Each issuer has a set. */
  get keys() {
    const { keySerial } = this;
    let keys = this.#keys.get(keySerial);
    if (keys === undefined) {
      if (this.#keys.size === MAX_KEY_SETS) this.#keys.delete(this.#keys.keys().next().value);
      this.#keys.set(keySerial, (keys = []));
    }
    return keys;
  }

  takeError() {
    return toAuthError(this.#verifier.takeError());
  }

  /** The parameters of the host's crypto for the examined token's algorithm. */
  get parameters() {
    const { algorithm } = this;
    return (this.#parameters[algorithm] ??= JSON.parse(algorithmParameters(algorithm)));
  }

  jwk(index) {
    return call(() => this.#verifier.jwk(index));
  }

  fetchKeys(issuer) {
    return this.#verifier.fetchKeys(issuer);
  }

  /** How an API responds to an error of this number, as the core writes it. */
  challenge(code, requirement, isDpop) {
    return this.#verifier.challenge(code, this.#numberOf(requirement), isDpop, now());
  }

  /** Keeps the memory until as many calls of `release`. */
  hold() {
    this.wasUsed = true;
    this.#users += 1;
  }

  release() {
    this.#users -= 1;
    if (this.isFree) this.free();
  }

  /** Gives the memory back when nobody holds it. Not every runtime can do that by itself when nobody uses the core any more. */
  free() {
    this.isFree = true;
    if (this.#users === 0) this.#verifier.free();
  }

  // For the conclusion that follows.
  #present(presented) {
    if (presented !== undefined) this.#verifier.present(presented.dpopKey, presented.certificate);
  }

  // Examining may have grown the memory.
  #looked(status) {
    this.#view();
    return status;
  }

  // The memory's buffer is another one after it has grown.
  #view() {
    if (this.#bytes?.buffer !== this.#memory.buffer) {
      this.#bytes = new Uint8Array(this.#memory.buffer);
      this.#report = new Uint32Array(this.#memory.buffer, this.#reportPlace, 11);
    }
    return this.#bytes;
  }

  #write(token) {
    if (typeof token !== "string") {
      throw new AuthError("token_malformed", { detail: "not a string" });
    }
    const { length } = token;
    if (length > MAX_TOKEN_LENGTH) {
      throw new AuthError("token_too_large");
    }
    this.#tokenPlace = this.#verifier.tokenPlace(length);
    const { read } = encoder.encodeInto(token, this.#view().subarray(this.#tokenPlace, this.#tokenPlace + length));
    // A character outside ASCII takes more room than it has, and no token has one.
    this.#length = read === length ? length : 0;
  }

  // A number holds until the next call only: it may be given to another requirement then.
  #numberOf(requirement) {
    if (requirement === undefined) return 0;
    const { members, text } = requirement;
    const known = this.#requirements.get(text);
    if (known !== undefined) return known;
    if (this.#requirements.size === MAX_REQUIREMENTS || this.#requirementsLength + text.length > MAX_REQUIREMENTS_LENGTH) {
      this.#requirements.clear();
      this.#requirementsLength = 0;
      this.#verifier.forgetRequirements();
    }
    const number = call(() => this.#verifier.require(members));
    this.#requirements.set(text, number);
    this.#requirementsLength += text.length;
    return number;
  }
}

/** The isolate's own key is not among the options. */
const withNonceKey = (options) => (options[NONCE_KEY] === true ? { ...options, [NONCE_KEY]: toBase64url(ownNonceKey()) } : options);

function call(body) {
  try {
    return body();
  } catch (thrown) {
    throw toAuthError(thrown);
  }
}
