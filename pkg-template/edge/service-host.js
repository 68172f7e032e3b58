// What a service does for the flows of its client.

import { AuthError, isAuthError } from "../auth-error.js";
import { fromBase64url, toBase64url } from "./base64url.js";

export class ServiceHost {
  #credentials;
  #locks;
  #store;

  constructor({ send, credentials, locks, store, tell }) {
    this.send = send;
    this.tell = tell;
    this.#credentials = credentials;
    this.#locks = locks;
    this.#store = store;
  }

  /** The lock of this isolate, and then that of the store for all of them. */
  async lock(name) {
    const release = await this.#locks.lock(name);
    const releaseInStore = await this.#store?.lock(name).catch(() => undefined);
    return () => {
      release();
      releaseInStore?.();
    };
  }

  async carryOut({ load, save, record, expiresAt, sign, parameters, credential, digest, clientAssertion, wait }) {
    if (load !== undefined) return this.#store.load(load).then((body) => ({ body }), () => ({ failed: 1 }));
    if (save !== undefined) return this.#store.save(save, record, expiresAt / 1000).then(() => ({}), () => ({ failed: 1 }));
    if (sign !== undefined) {
      const signature = await attempt(() => this.#credentials[credential].sign(JSON.parse(parameters), new TextEncoder().encode(sign)));
      return { body: toBase64url(signature) };
    }
    // Of a certificate, which is no secret.
    if (digest !== undefined) return { body: toBase64url(await crypto.subtle.digest("SHA-1", fromBase64url(digest))) };
    if (clientAssertion !== undefined) {
      const assertion = await attempt(() => this.#credentials[clientAssertion].assertion());
      if (typeof assertion !== "string" || assertion === "") throw new AuthError("credential_failed", { detail: "no assertion was returned" });
      return { body: assertion };
    }
    await new Promise((over) => setTimeout(over, Math.max(0, wait - Date.now())));
    return {};
  }
}

async function attempt(act) {
  try {
    return await act();
  } catch (cause) {
    throw isAuthError(cause) ? cause : new AuthError("credential_failed", {}, cause);
  }
}
