// What an error in a page says. It is loaded when the first error is thrown: a page without errors does not pay for it, and
// it imports nothing that the page has loaded, which a bundler would move to a file of its own.

import { refineLoadFailure } from "./load-failure.js";

export { TEXTS } from "./error-texts.js";

/** Completes an error. @returns {string | undefined} its message, if it is not that of its code */
export function explain(error, cause, forbidden) {
  refineLoadFailure(error);
  const { code, detail } = error;
  // The core knows options by their names in snake case.
  if (code === "invalid_option") error.detail = detail.replace(/_[_a-z]/g, ([, letter]) => letter.toUpperCase());
  if (code !== "network_error") return undefined;
  error.cause ??= cause;
  return `No response arrived from ${detail}: ${reason(detail, error.cause, forbidden)}`;
}

function reason(url, cause, forbidden) {
  if (forbidden === url) return "the page's Content-Security-Policy forbids it; add its origin to connect-src.";
  if (cause?.name === "TimeoutError") return "the server took longer than 30 seconds; try again later.";
  if (navigator.onLine === false) return "the device is offline; try again when it is connected.";
  return "the server cannot be reached, or its CORS headers do not allow this page's origin; the browser's console says which.";
}
