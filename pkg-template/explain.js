// What an error in a page says. It is loaded when the first error is thrown: a page without errors does not pay for it, and
// it imports nothing that the page has loaded, which a bundler would move to a file of its own.

import { refineLoadFailure } from "./load-failure.js";

export { TEXTS } from "./error-texts.js";

/** The options that are texts. */
const TEXT_OPTIONS =
  "authority issuer clientId redirectUri popupRedirectUri postLogoutRedirectUri resource tenant prompt loginHint domainHint claims responseMode".split(" ");

/** What an option of each kind must be, as `options.js` names the kinds. */
const RULES = {
  text: "must be a string that is not empty",
  words: "must be a string or an array of strings, none of them empty",
  number: "must be a number of seconds",
  time: "must be a time in seconds since 1970",
  apis: "must have an object with scope or resource for each URL",
  boolean: "must be true or false",
  function: "must be a function",
  json: "must be JSON: the error's cause says why it is not",
  texts: "must be an object whose values are strings",
  place: "must be a URL, or a path on this origin",
  signal: "must be an AbortSignal",
  account: "must be one of the accounts, or have its issuer and subject",
  store: 'must be "session", "local", "memory" or a store with get and set',
  object: "must be an object",
  url: "must be a string or a URL",
  elsewhere: "must be on the page's origin: only a page of that origin can hand the response over",
  none: "is not an option",
  mode: "must not be no-cors, because the browser then removes the Authorization header; leave mode out",
  request: "cannot be made of these arguments: the error's cause says why",
};

/** Completes an error. @returns {string | undefined} its message, if it is not that of its code */
export function explain(error, cause, forbidden) {
  refineLoadFailure(error);
  const { code, detail } = error;
  if (code === "invalid_option") error.detail = ruleOf(detail);
  if (code !== "network_error") return undefined;
  error.cause ??= cause;
  return `No response arrived from ${detail}: ${reason(detail, error.cause, forbidden)}`;
}

/** What an option must be, as `options.js` or the core says it. */
export function ruleOf(detail) {
  const [name, kind] = detail.split(":");
  // The core knows options by their names in snake case.
  if (kind === undefined) return detail.replace(/_[_a-z]/g, ([, letter]) => letter.toUpperCase());
  return `${name} ${kind === "text" && !TEXT_OPTIONS.includes(name) ? RULES.none : RULES[kind]}`;
}

function reason(url, cause, forbidden) {
  if (forbidden === url) return "the page's Content-Security-Policy forbids it; add its origin to connect-src.";
  if (cause?.name === "TimeoutError") return "the server took longer than 30 seconds; try again later.";
  if (navigator.onLine === false) return "the device is offline; try again when it is connected.";
  return "the server cannot be reached, it redirects, or its CORS headers do not allow this page's origin; the browser's console says which.";
}
