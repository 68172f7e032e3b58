// Whether this tab's storage is a copy. A duplicated tab starts with a copy of `sessionStorage`, the
// refresh token in it, and two tabs must not use one refresh token.
//
// A tab has an id in its storage and holds a lock of that name. If the lock is taken, another page
// lives with the same id: a frame of the same tab, which sees the same storage, or the original of
// this copy, which does not.

const ID = "countersign:tab";
const PROBE = "countersign:probe";
const PATIENCE_MS = 500;
const CLAIM = Symbol.for("countersign.tab");

/** @returns {Promise<boolean>} whether the storage is this tab's own; the same for all clients of the page */
export function claimTab() {
  return (globalThis[CLAIM] ??= claim());
}

async function claim() {
  try {
    const id = sessionStorage.getItem(ID);
    if (id !== null && (await isOwn(id))) return true;
    const own = crypto.randomUUID();
    sessionStorage.setItem(ID, own);
    await hold(own, { ifAvailable: true });
    return id === null;
  } catch {
    // Without storage there is nothing to copy.
    return true;
  }
}

async function isOwn(id) {
  if (await hold(id, { ifAvailable: true })) return true;
  const probe = crypto.randomUUID();
  sessionStorage.setItem(PROBE, probe);
  const channel = new BroadcastChannel(`${ID}:${id}`);
  const waiting = new AbortController();
  const { signal } = waiting;
  addEventListener("pagehide", () => waiting.abort(), { once: true, signal });
  const isFound = await Promise.race([
    // A page that is being left may still have the lock; it gives no reply, and releases it.
    hold(id, { signal }).catch(() => false),
    new Promise((resolve) => {
      channel.onmessage = ({ data }) => data.probe === undefined && resolve(data.seen === probe);
      channel.postMessage({ probe });
      setTimeout(resolve, PATIENCE_MS, false);
    }),
  ]);
  channel.close();
  // A frame goes on waiting: it has the lock when the page that has it is gone. A copy must not have it ever.
  if (!isFound) waiting.abort();
  return isFound;
}

/** Takes the lock of an id, which ends with the page. @returns {Promise<boolean>} whether it was free */
function hold(id, options) {
  return new Promise((resolve, reject) => {
    const take = (lock) => {
      resolve(lock !== null);
      if (lock === null) return undefined;
      const channel = new BroadcastChannel(`${ID}:${id}`);
      channel.onmessage = ({ data }) => {
        if (data.probe !== undefined) channel.postMessage({ seen: sessionStorage.getItem(PROBE) });
      };
      return new Promise((release) => {
        addEventListener("pagehide", () => (channel.close(), release()), { once: true });
      });
    };
    // A page that has a lock cannot be kept for the way back, and one that comes back may find that its tab was copied.
    addEventListener("pagehide", () => (globalThis[CLAIM] = undefined), { once: true });
    navigator.locks.request(`${ID}:${id}`, options, take).catch(reject);
  });
}
