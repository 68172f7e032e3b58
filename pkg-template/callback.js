// The page of a popup that a provider redirects to: it hands the response to the page that waits for it. It needs no WebAssembly, and
// no `window.opener`, which a provider's Cross-Origin-Opener-Policy takes away.

/** A page that waits for the response with a state holds the lock of this name, and listens to the channel of this name. */
export const nameOf = (state) => `countersign:popup:${state}`;

const PATIENCE_MS = 5_000;
const NOT_AWAITED =
  "No page is waiting for this response: the page that opened this window was left, or signed in anew. Close this window and sign in again.";
const DONE = "You can close this window.";

/** Hands the response over and closes the window. In an empty page it says what to do if that cannot be done. */
export async function handleCallback(url = location.href) {
  const isDelivered = await deliver(String(url));
  if (document.body?.childElementCount === 0) document.body.textContent = isDelivered ? DONE : NOT_AWAITED;
  return isDelivered;
}

/** @returns {Promise<boolean>} whether a page has waited for this response, and has it now */
export async function deliver(url) {
  const state = stateOf(new URL(url));
  if (state === undefined || !(await isAwaited(state))) return false;
  const channel = new BroadcastChannel(nameOf(state));
  const isTaken = await new Promise((resolve) => {
    channel.onmessage = () => resolve(true);
    setTimeout(resolve, PATIENCE_MS, false);
    channel.postMessage({ url });
  });
  channel.close();
  if (isTaken) {
    // The code is used; a window that cannot be closed must not show it.
    history.replaceState(null, "", location.pathname);
    close();
  }
  return isTaken;
}

/** The `state` of a response in the query or the fragment. What the response says is the core's matter. */
function stateOf({ search, hash }) {
  for (const parameters of [search, hash.replace("#", "?")].map((part) => new URLSearchParams(part))) {
    const state = parameters.get("state");
    if (state) return state;
  }
  return undefined;
}

function isAwaited(state) {
  return navigator.locks.request(nameOf(state), { mode: "shared", ifAvailable: true }, (lock) => lock === null);
}
