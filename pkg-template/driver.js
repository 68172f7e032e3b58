// Runs the flows of the core: carries out each command and resumes the flow with its result.

import { toAuthError } from "./auth-error.js";
import { decode, encode } from "./crossing.js";

/**
 * @param flow what an export of the core returned
 * @param host carries out commands: a method for each, and `tell` for what has no result
 * @param {AbortSignal} [signal] gives the flow up
 * @returns the members of the flow's result @throws {AuthError} what the flow ended with
 */
export async function run(flow, host, signal) {
  // What releases the locks of this flow, by name; no other flow's lock is ever touched.
  const locks = new Map();
  try {
    for (let result = {}; ; ) {
      const step = new URLSearchParams(flow.resume(encode(result)));
      for (const notice of step.getAll("notice").map(decode)) {
        // Releasing a lock a second time does nothing.
        if (notice.unlock === undefined) host.tell(notice);
        else locks.get(notice.unlock)?.();
      }
      if (step.has("error")) throw toAuthError(step.get("error"));
      if (step.has("result")) return decode(step.get("result"));
      result = carryOut(Object.fromEntries(step), host, locks);
      // What the platform does at once takes no turn of the event loop: nothing else runs between
      // reading a record and writing the one that replaces it.
      if (result instanceof Promise) result = await result;
      signal?.throwIfAborted();
    }
  } finally {
    for (const release of locks.values()) release();
    flow.free();
  }
}

function carryOut({ send, read, write, lock, navigate, claimTab, ...details }, host, locks) {
  if (send !== undefined) return host.send(send, details);
  if (read !== undefined) return attempt(() => host.read(read), (body) => ({ body }));
  if (write !== undefined) return attempt(() => host.write(write, details.record, details.over), (done) => (done ? {} : { conflict: 1 }));
  if (lock !== undefined) return host.lock(lock).then((release) => (locks.set(lock, release), {}));
  if (claimTab !== undefined) return host.claimTab().then((isOriginal) => (isOriginal ? {} : { conflict: 1 }));
  // What only a service needs.
  if (navigate === undefined) return host.carryOut(details);
  return attempt(() => host.navigate(navigate), () => ({}));
}

// The result of an act that may be a promise and may fail.
function attempt(act, toResult) {
  const failed = () => ({ failed: 1 });
  try {
    const value = act();
    return value instanceof Promise ? value.then(toResult, failed) : toResult(value);
  } catch {
    return failed();
  }
}
