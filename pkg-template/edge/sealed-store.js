// What a service keeps in a store that others can read: names that tell nothing, content that only who has the key can read or write.

import { AuthError } from "../auth-error.js";
import { fromBase64url, toBase64url } from "./base64url.js";

/** A store that takes longer is as good as one that fails. */
const TIMEOUT_MS = 2000;
/** Far more than a token takes. */
const MAX_LENGTH = 4 * 1024 * 1024;
const VERSION = "1.";
const IV_LENGTH = 12;
const MIN_KEY_LENGTH = 32;

const encoder = new TextEncoder();

/**
 * @param {{ store: { get(name): Promise<string>, set(name, value, { expiresAt }): Promise<unknown>, lock?(name): Promise<Function> }, key }} cache
 *   `key` has 32 bytes or more, as base64 or bytes
 */
export function sealed({ store, key } = {}) {
  if (typeof store?.get !== "function" || typeof store.set !== "function") {
    throw new AuthError("invalid_option", { detail: "cache.store must have get and set" });
  }
  return new SealedStore(store, keyBytes(key));
}

class SealedStore {
  #store;
  #keyBytes;
  #keys;

  constructor(store, keyBytes) {
    this.#store = store;
    this.#keyBytes = keyBytes;
  }

  /** @returns {Promise<string | undefined>} what was saved, if nobody has changed it */
  async load(plainName) {
    const { name, content } = await this.#names(plainName);
    const text = await inTime(this.#store.get(name));
    if (typeof text !== "string" || text.length > MAX_LENGTH || !text.startsWith(VERSION)) return undefined;
    try {
      const bytes = fromBase64url(text.slice(VERSION.length));
      const algorithm = { name: "AES-GCM", iv: bytes.subarray(0, IV_LENGTH), additionalData: encoder.encode(name) };
      return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, content, bytes.subarray(IV_LENGTH)));
    } catch {
      // Of another key, or damaged: as good as absent.
      return undefined;
    }
  }

  async save(plainName, record, expiresAt) {
    const { name, content } = await this.#names(plainName);
    const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH));
    const algorithm = { name: "AES-GCM", iv, additionalData: encoder.encode(name) };
    const encrypted = await crypto.subtle.encrypt(algorithm, content, encoder.encode(record));
    const text = VERSION + toBase64url(Uint8Array.from([...iv, ...new Uint8Array(encrypted)]));
    await inTime(this.#store.set(name, text, { expiresAt }));
  }

  /** The lock of all instances, if the store has locks. What releases it never fails. */
  async lock(plainName) {
    if (typeof this.#store.lock !== "function") return () => {};
    const { name } = await this.#names(plainName);
    const lock = Promise.resolve(this.#store.lock(name));
    const release = () => lock.then((free) => free()).catch(() => {});
    // A lock that comes too late is nobody's, and would hold all instances.
    await inTime(lock, LOCK_TIMEOUT_MS).catch((error) => release() && Promise.reject(error));
    return release;
  }

  async #names(plainName) {
    const { names, content } = (this.#keys ??= await derive(this.#keyBytes));
    const digest = await crypto.subtle.sign("HMAC", names, encoder.encode(plainName));
    return { name: `countersign:${toBase64url(digest)}`, content };
  }
}

/** Longer than another instance's request for the token takes. */
const LOCK_TIMEOUT_MS = 12_000;

function keyBytes(key) {
  try {
    const bytes = typeof key === "string" ? fromBase64url(key.trim().replace(/=+$/, "")) : new Uint8Array(key);
    if (bytes.length >= MIN_KEY_LENGTH) return bytes;
  } catch {
    // Not base64.
  }
  throw new AuthError("invalid_option", { detail: "cache.key must have 32 random bytes, as base64: openssl rand -base64 32" });
}

/** RFC 5869: one key for the names and one for the content. */
async function derive(bytes) {
  const secret = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]);
  const parameters = (info) => ({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode(info) });
  const [names, content] = await Promise.all([
    crypto.subtle.deriveKey(parameters("countersign names"), secret, { name: "HMAC", hash: "SHA-256", length: 256 }, false, ["sign"]),
    crypto.subtle.deriveKey(parameters("countersign content"), secret, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]),
  ]);
  return { names, content };
}

function inTime(work, milliseconds = TIMEOUT_MS) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error("The store took too long.")), milliseconds)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
