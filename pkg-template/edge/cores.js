// The cores of all verifiers. Equal options have the same one: a verifier that is made for each request costs nothing more, and finds
// the keys that the one before it fetched.

import { Core } from "./core.js";

/** The one that was not used for longest makes room. Its verifiers get a new one when they are used again. */
const MAX_CORES = 64;

const cores = new Map();

/** @param {string} name what the options are, as text */
export function coreOf(exports, name, options) {
  const core = cores.get(name) ?? new Core(exports, options);
  cores.delete(name);
  cores.set(name, core);
  if (cores.size > MAX_CORES) {
    const [oldest, unused] = cores.entries().next().value;
    cores.delete(oldest);
    unused.free();
  }
  return core;
}
