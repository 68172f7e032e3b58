// What a case is, and what cases say of errors.

import { AuthError, isAuthError } from "countersign/edge";
import { assert } from "chai";

/** All cases, in the order of their files. */
export const cases = new Map();

/** @param {string} name the rule that the case holds @param {(provider: string) => Promise<void>} run */
export function test(name, run) {
  if (cases.has(name)) throw new Error(`Two cases have the name: ${name}`);
  cases.set(name, run);
}

/** Runs one case. @returns {Promise<{ name: string, error?: string }>} */
export async function runCase(name, provider) {
  const { now } = Date;
  const { timeout } = AbortSignal;
  let alarm;
  try {
    const late = new Promise((_, reject) => (alarm = setTimeout(() => reject(new Error("The case did not end in a minute.")), 60_000)));
    await Promise.race([cases.get(name)(provider), late]);
    return { name };
  } catch (error) {
    return { name, error: String(error?.stack ?? error) };
  } finally {
    clearTimeout(alarm);
    Date.now = now;
    AbortSignal.timeout = timeout;
  }
}

/** Moves the clock that the verifier reads, until the end of the case. */
export function moveClock(seconds) {
  const { now } = Date;
  Date.now = () => now() + seconds * 1000;
}

/** Stops the clock at a whole second, until the end of the case. */
export function stopClock() {
  const stopped = Math.floor(Date.now() / 1000) * 1000;
  Date.now = () => stopped;
}

/** Asserts that the call is refused with this code; gives back the error. */
export async function refused(code, call) {
  let value;
  try {
    value = await call();
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    assert.equal(error.code, code, error.message);
    assert.isTrue(isAuthError(error));
    assert.equal(error.name, "AuthError");
    assert.match(error.message, /\.( |\)|$)/);
    return error;
  }
  throw new Error(`accepted, in place of ${code}: ${JSON.stringify(value)}`);
}
