// Keys that the host has imported, by their names.

/** More than are in use at once. */
const MAX_KEYS = 1000;

export class ImportedKeys {
  #keys = new Map();

  /** The key, or `null` if the host lacks its algorithm. */
  async get(name, importKey) {
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    let key = null;
    try {
      key = await importKey();
    } catch {
      // Pure Rust has it.
    }
    if (this.#keys.size === MAX_KEYS) this.#keys.delete(this.#keys.keys().next().value);
    this.#keys.set(name, key);
    return key;
  }
}
