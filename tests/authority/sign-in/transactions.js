import { randomBytes } from "node:crypto";
import { isOfDomain } from "./hints.js";

const LIFETIME = 3600;

/**
 * Interactive requests under way: what was asked for, kept here while a person goes from page to
 * page. The handle in the pages' forms is all that a browser holds of it.
 */
export class Transactions {
  #open = new Map();

  constructor(clock, directory) {
    this.clock = clock;
    this.directory = directory;
  }

  open(transaction) {
    const now = this.clock.now();
    for (const [id, { expiresAt }] of this.#open) if (expiresAt < now) this.#open.delete(id);
    const id = randomBytes(32).toString("base64url");
    const entry = { ...transaction, id, expiresAt: now + LIFETIME, accountsHere: this.directory.data.users.filter((user) => isOfDomain(this.directory, user, transaction.domainHint)) };
    this.#open.set(id, entry);
    return entry;
  }

  find(id) {
    const entry = this.#open.get(id);
    return entry && entry.expiresAt >= this.clock.now() ? entry : undefined;
  }

  close(entry) {
    this.#open.delete(entry.id);
  }
}
