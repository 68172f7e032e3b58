// Whether this tab's storage is a copy. A duplicated tab starts with a copy of `sessionStorage`, the
// refresh token in it, and two tabs must not use one refresh token.
//
// A tab has an id in its storage and holds a lock of that name. If the lock is taken, another page
// lives with the same id: a frame of the same tab, which sees the same storage, or the original of
// this copy, which does not.

const ID = "countersign:tab";
const PROBE = "countersign:probe";
const PATIENCE_MS = 500;

/** @returns {Promise<boolean>} whether the storage is this tab's own; the same for all clients of the page */
export function claimTab() {
  return (globalThis[Symbol.for("countersign.tab")] ??= claim());
}

async function claim() {
  try {
    const id = sessionStorage.getItem(ID);
    if (id !== null && (await isOwn(id))) return true;
    const own = crypto.randomUUID();
    sessionStorage.setItem(ID, own);
    await hold(own, true);
    return id === null;
  } catch {
    // Without storage there is nothing to copy.
    return true;
  }
}

async function isOwn(id) {
  if (await hold(id, false)) return true;
  const probe = crypto.randomUUID();
  sessionStorage.setItem(PROBE, probe);
  const channel = new BroadcastChannel(`${ID}:${id}`);
  // A page that is being left may still have the lock; it gives no reply, and releases it.
  const waiting = new AbortController();
  setTimeout(() => waiting.abort(), PATIENCE_MS);
  const released = hold(id, true, waiting.signal).catch(() => false);
  const replied = new Promise((resolve) => {
    channel.onmessage = ({ data }) => data.probe === undefined && resolve(data.seen === probe);
    channel.postMessage({ probe });
  });
  return Promise.race([released, replied]).finally(() => {
    channel.close();
    // A copy that went on waiting would take the lock when the original is loaded again.
    waiting.abort();
  });
}

/** Takes the lock of an id, which ends with the page. @returns {Promise<boolean>} whether it was free */
function hold(id, waits, signal) {
  return new Promise((resolve, reject) => {
    const take = (lock) => {
      resolve(lock !== null);
      if (lock === null) return undefined;
      const channel = new BroadcastChannel(`${ID}:${id}`);
      channel.onmessage = ({ data }) => {
        if (data.probe !== undefined) channel.postMessage({ seen: sessionStorage.getItem(PROBE) });
      };
      // A page that holds a lock cannot be kept for the way back; it takes the lock again then.
      return new Promise((release) => {
        const leave = () => {
          channel.close();
          release();
        };
        addEventListener("pagehide", leave, { once: true });
        addEventListener("pageshow", ({ persisted }) => persisted && hold(id, true), { once: true });
      });
    };
    navigator.locks.request(`${ID}:${id}`, { ifAvailable: !waits, signal }, take).catch(reject);
  });
}
