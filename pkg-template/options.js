// The types of options. What an option of the right type may say is the core's matter.

import { AuthError } from "./auth-error.js";

/** What an option is that is no text. `explain.js` has the rule of each kind in words. */
const KINDS = {
  __proto__: null,
  scope: "words",
  trustedAudiences: "words",
  acrValues: "words",
  uiLocales: "words",
  maxAge: "number",
  clockTolerance: "number",
  forceRefresh: "boolean",
  obtainedAt: "time",
  apis: "apis",
  local: "boolean",
  fetch: "function",
  onLog: "function",
  metadata: "json",
  appState: "json",
  authorizationDetails: "json",
  returnTo: "place",
  revoke: "boolean",
  popup: "boolean",
  pushedAuthorizationRequests: "boolean",
  parameters: "texts",
  signal: "signal",
  storage: "store",
  account: "account",
  // What the client itself hands over beside the options.
  call: "none",
  tokenResponse: "none",
  url: "none",
};

/** The kinds that are more than a type of JavaScript. Numbers are seconds. */
const TESTS = {
  text: (value) => typeof value === "string" && /\S/.test(value),
  number: (value) => value >= 0 && value < 1e9 && typeof value === "number",
  time: (value) => value >= 0 && Number.isFinite(value),
  words: (value) => [value].flat().every(TESTS.text) && value.length > 0,
  json: (value) => JSON.stringify(value) !== undefined,
  texts: (value) => typeof value === "object" && Object.values(value).every((text) => typeof text === "string") && new URLSearchParams(value),
  apis: (value) => Object.values(value).every((api) => Object.entries(checked(api)).every(([name]) => ["scope", "resource"].includes(name))),
  place: (value) => URL.canParse(value, location.href),
  signal: (value) => typeof value.addEventListener === "function",
  account: (value) => TESTS.text(value.issuer) && TESTS.text(value.subject),
  store: (value) => TESTS.text(value) || (typeof value.get === "function" && typeof value.set === "function"),
};

/** @returns the options, if they have their types @throws {AuthError} `invalid_option` about the first that has not */
export function checked(options = {}) {
  if (Object(options) !== options) throw invalid("options", "object");
  for (const [name, value] of Object.entries(options)) {
    const kind = KINDS[name] ?? "text";
    let cause;
    try {
      if (value == null || (TESTS[kind]?.(value) ?? typeof value === kind)) continue;
    } catch (thrown) {
      cause = thrown;
    }
    throw invalid(name, kind, cause);
  }
  return options;
}

/** @param kind what it is not @param [cause] what was thrown for it */
export function invalid(name, kind, cause) {
  return new AuthError("invalid_option", { detail: `${name}:${kind}` }, cause);
}
