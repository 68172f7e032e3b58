// Calls that are given up, and whose turn it is: a page has one sign-in at a time, and a newer one takes the place of an older one.

import { AuthError, isAuthError } from "./auth-error.js";

/** Shared by all clients of the page, also those of another copy of the package. It ends with the page. */
const TURN = Symbol.for("countersign.turn");

/** Ends the sign-in that is going on in this page. @param {string} code why */
export function endTurn(code) {
  globalThis[TURN]?.abort(new AuthError(code));
}

/**
 * Does something in the place of what was being done.
 *
 * @param {AbortSignal} [given] the caller's @param {(signal: AbortSignal) => Promise} work is given what ends it
 */
export function takeTurn(given, work) {
  endTurn("sign_in_superseded");
  const turn = new AbortController();
  globalThis[TURN] = turn;
  const giveUp = () => turn.abort(given.reason);
  if (given?.aborted) giveUp();
  given?.addEventListener("abort", giveUp);
  return abortable(turn.signal.aborted || work(turn.signal), turn.signal).finally(() => given?.removeEventListener("abort", giveUp));
}

/** The result of work, or the reason for which it was given up: the caller learns of that at once, and the work may go on for others. */
export function abortable(work, signal) {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(isAuthError(signal.reason) ? signal.reason : new AuthError("aborted", {}, signal.reason));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    Promise.resolve(work)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", abort));
  });
}
