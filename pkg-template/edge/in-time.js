// What a store promises, within a bounded time.

const TIMEOUT_MS = 2000;

/** A store that hangs counts as one that fails. */
export async function inTime(promise) {
  let timer;
  const timeout = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error("The store takes too long.")), TIMEOUT_MS)));
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
