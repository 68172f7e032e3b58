// Tokens that were verified before, with what they said. A token is known again by all of its characters, signature included, by
// what was required of it, and by what the request proved beside it.

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
  get(token, requirement, presented, now) {
    const known = this.#tokens.get(nameOf(token, requirement, presented));
    return known !== undefined && now >= known.since && now < known.until ? known : undefined;
  }

  /**
   * @param {{ verified, issuer: number }} found what everybody gets who brings the token: frozen
   * @param {number} until the token, its key and the policy allow it, in seconds
   */
  add(token, requirement, presented, { verified, issuer }, now, until) {
    if (!(until > now) || this.#most === 0) return;
    const name = nameOf(token, requirement, presented);
    this.#remove(name);
    this.#tokens.set(name, { verified, issuer, since: now, until });
    this.#length += name.length;
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size <= this.#most && this.#length <= MAX_LENGTH) return;
      this.#remove(oldest);
    }
  }

  /** Forgets all: their keys may be withdrawn. */
  clear() {
    this.#tokens.clear();
    this.#length = 0;
  }

  #remove(name) {
    if (this.#tokens.delete(name)) this.#length -= name.length;
  }
}

// The text of a requirement and thumbprints have no line break, so each part ends with one, whatever is in the token.
function nameOf(token, requirement, presented) {
  const rules = requirement === undefined ? "" : requirement.text;
  return presented === undefined ? `${rules}\n${token}` : `${rules}\n${presented.dpopKey ?? ""}\n${presented.certificate ?? ""}\n${token}`;
}

/** The same value, which nobody can change any more. Not by recursion: claims may be nested as deep as a token is long. */
export function frozen(value) {
  const left = [value];
  for (let one; left.length > 0; ) {
    one = left.pop();
    if (typeof one !== "object" || one === null) continue;
    left.push(...Object.values(one));
    Object.freeze(one);
  }
  return value;
}
