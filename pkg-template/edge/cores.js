// The cores of verifiers. Equal options have the same one: a verifier that is made for each request costs nothing more, and finds
// the keys that the one before it fetched.

/** One that was not used lately makes room. Its verifiers get a new one when they are used again. */
const MAX_CORES = 64;

export class Cores {
  #cores = new Map();
  #Core;

  /** @param Core the class of them */
  constructor(Core) {
    this.#Core = Core;
  }

  /** @param options as `readOptions` gives them */
  get(exports, { name, options, remember }) {
    const core = this.#cores.get(name) ?? new this.#Core(exports, options, remember);
    this.#cores.delete(name);
    this.#cores.set(name, core);
    if (this.#cores.size > MAX_CORES) this.#makeRoom();
    return core;
  }

  // A core that was used since it was last looked at gets another turn, so that a use costs no more than a mark.
  #makeRoom() {
    for (const [name, core] of this.#cores) {
      this.#cores.delete(name);
      if (!core.wasUsed) {
        core.free();
        return;
      }
      core.wasUsed = false;
      this.#cores.set(name, core);
    }
  }
}
