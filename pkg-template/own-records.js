// Records in a store of the page's own: `get` and `set`, and `subscribe` if others than the pages of this origin write.

export class OwnRecords {
  #store;

  constructor(store) {
    this.#store = store;
  }

  async read(name) {
    const record = (await this.#store.get(name)) ?? null;
    if (record !== null && typeof record !== "string") throw new TypeError("get must return a string, null or undefined.");
    return record;
  }

  /** The lock makes one step of reading and writing, for all tabs of the origin. */
  replace(name, record, over) {
    return navigator.locks.request(`countersign:write:${name}`, async () => {
      const head = ((await this.read(name)) ?? "").split("&", 1)[0];
      if (head === over) await this.#store.set(name, record);
      return head;
    });
  }

  subscribe(listener) {
    return this.#store.subscribe?.(listener);
  }
}
