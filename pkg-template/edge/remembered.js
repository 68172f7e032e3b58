// Tokens that were verified before, with what they said. A token is known again by all of its characters, signature included, and
// by what was required of it.

/** What is kept, in characters of tokens. */
const MAX_LENGTH = 4 * 1024 * 1024;

export class Remembered {
  #most;
  #tokens = new Map();
  #length = 0;

  /** @param {number} most how many are kept; the oldest makes room */
  constructor(most) {
    this.#most = most;
  }

  /** @returns {{ verified, issuer: number } | undefined} undefined if the token has to be verified */
  get(token, requirement, now) {
    const known = this.#tokens.get(nameOf(token, requirement));
    return known !== undefined && now >= known.since && now < known.until ? known : undefined;
  }

  /**
   * @param {{ verified, issuer: number }} found is frozen, because everybody who brings the token gets it
   * @param {number} until the token, its key and the policy allow it, in seconds
   */
  add(token, requirement, { verified, issuer }, now, until) {
    if (!(until > now) || this.#most === 0) return;
    const name = nameOf(token, requirement);
    this.#remove(name);
    this.#tokens.set(name, { verified: frozen(verified), issuer, since: now, until });
    this.#length += name.length;
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size <= this.#most && this.#length <= MAX_LENGTH) return;
      this.#remove(oldest);
    }
  }

  #remove(name) {
    if (this.#tokens.delete(name)) this.#length -= name.length;
  }
}

// No token has a line break.
const nameOf = (token, requirement) => (requirement === undefined ? token : `${token}\n${requirement.text}`);

function frozen(value) {
  if (typeof value !== "object" || value === null) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}
