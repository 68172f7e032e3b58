// What the host does with keys: it fetches those of an issuer, and checks signatures with them.

import { AuthError } from "../auth-error.js";
import { run } from "../driver.js";
import { algorithmParameters } from "../wasm/edge.js";

/**
 * Fetches keys for a core. On Workers, what one request waits for may never be settled for another: there the core lets each look for
 * itself whether the fetch under way has ended, and what they share is the keys. Elsewhere they can wait for the same promise.
 *
 * @param core has the fetches under way in `fetching`, by the issuer's place
 * @param start starts the core's flow
 */
export function fetchKeys(core, start, issuer, host, send) {
  if (!host.sharesPromises) return fetchAlone(start, host, send);
  const forget = () => delete core.fetching[issuer];
  return (core.fetching[issuer] ??= fetchAlone(start, host, send).finally(forget));
}

async function fetchAlone(start, host, send) {
  const fetching = run(start(), { send, carryOut, tell: () => {} });
  // The keys are for others too, when this request is given up.
  keepGoing(host, fetching);
  await fetching;
}

/** A failure is told when the keys are missed. */
export function keepGoing({ waitUntil }, promise) {
  const settled = promise.then(() => {}, () => {});
  waitUntil?.(settled);
}

/** Carries out the core's command to wait. */
function carryOut({ wait }) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, Number(wait) - Date.now()), {}));
}

export const unsupported = ({ name }, cause) => new AuthError("algorithm_unsupported", { detail: name }, cause);

/**
 * Whether the signature of an examined message is right, by the host's crypto or in pure Rust.
 *
 * @param examined as the core gives it @param {import("./imported-keys.js").ImportedKeys} keys
 */
export async function fromHost(host, examined, crypto, keys) {
  const parameters = JSON.parse(algorithmParameters(examined.algorithm()));
  const key = crypto === "rust" ? null : await keys.get(examined.key(), () => host.importKey(parameters, examined.jwk()));
  if (key !== null) return host.verify(parameters, key, examined.signature(), examined.signingInput());
  if (crypto === "host") throw unsupported(parameters);
  return examined.isRight();
}
