// Cross-origin requests of pages: the Fetch standard's CORS protocol.

import { invalid, plain } from "./plain.js";

/** What a page may send and what it may read, whatever else is allowed. The challenge tells it how to get a token. */
const ALLOWED = ["authorization", "content-type", "dpop"];
const EXPOSED = ["www-authenticate", "retry-after", "dpop-nonce"];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const LISTS = ["methods", "headers", "exposeHeaders"];
const MAX_AGE = 600;
/** RFC 9110 section 5.6.2. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
/** A serialized origin; those of apps have schemes of their own. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^/?#@*,\s]+$/;

/** @param given the option `cors` @returns {Cors} */
export function corsOf(given) {
  const options = plain(given, "cors", (name) => name === "origins" && typeof given.origins === "function");
  const { origins, methods = METHODS, headers = [], exposeHeaders = [], credentials = false, maxAge = MAX_AGE, ...others } = options;
  const [other] = Object.keys(others);
  if (other !== undefined) throw invalid(`cors.${other}`, "is not known");
  for (const [place, list] of [methods, headers, exposeHeaders].entries()) {
    // With an asterisk, Authorization would not be allowed, and the challenge not exposed.
    const isNames = Array.isArray(list) && list.every((name) => typeof name === "string" && name !== "*" && TOKEN.test(name));
    if (!isNames) throw invalid(`cors.${LISTS[place]}`, "must be a list of names");
  }
  if (typeof credentials !== "boolean") throw invalid("cors.credentials", "must be true or false");
  if (!Number.isInteger(maxAge) || maxAge < 0) throw invalid("cors.maxAge", "must be a whole number of seconds");
  return new Cors({ admits: admitterOf(origins, credentials), isForAll: origins === "*", methods, headers, exposeHeaders, credentials, maxAge });
}

class Cors {
  #admits;
  #isForAll;
  #ofEach;
  #ofPreflight;

  constructor({ admits, isForAll, methods, headers, exposeHeaders, credentials, maxAge }) {
    this.#admits = admits;
    this.#isForAll = isForAll;
    this.#ofEach = {
      ...(credentials && { "access-control-allow-credentials": "true" }),
      "access-control-expose-headers": namesOf(EXPOSED, exposeHeaders),
    };
    this.#ofPreflight = {
      ...(credentials && { "access-control-allow-credentials": "true" }),
      "access-control-allow-methods": methods.join(", "),
      "access-control-allow-headers": namesOf(ALLOWED, headers),
      "access-control-max-age": String(maxAge),
    };
  }

  /** The headers of a response to a request from this origin. A cache must know of the origin even if it is not allowed. */
  async headersFor(origin, isPreflight) {
    if (this.#isForAll) return { "access-control-allow-origin": "*", ...(isPreflight ? this.#ofPreflight : this.#ofEach) };
    const vary = { vary: "Origin" };
    // Any document in a sandbox has the origin null.
    if (origin === undefined || origin === "null" || !(await this.#admits(origin))) return vary;
    return { ...vary, "access-control-allow-origin": origin, ...(isPreflight ? this.#ofPreflight : this.#ofEach) };
  }
}

const namesOf = (own, further) => [...new Set([...own, ...further])].join(", ");

function admitterOf(origins, credentials) {
  if (typeof origins === "function") {
    return async (origin) => {
      const isAdmitted = await origins(origin);
      if (typeof isAdmitted !== "boolean") throw invalid("cors.origins", "must return true or false");
      return isAdmitted;
    };
  }
  if (origins === "*") {
    if (credentials) throw invalid("cors.credentials", "must not be set for all origins; list them");
    return undefined;
  }
  const list = typeof origins === "string" ? [origins] : origins;
  if (!Array.isArray(list) || list.length === 0 || !list.every(isOrigin)) {
    throw invalid("cors.origins", 'must be origins, as "https://app.example", without a slash at the end; a function; or "*"');
  }
  return (origin) => list.includes(origin);
}

/** As browsers send it: without a default port, a path or upper case. */
function isOrigin(text) {
  if (typeof text !== "string" || !ORIGIN.test(text) || !URL.canParse(text)) return false;
  return !/^https?:/.test(text) || new URL(text).origin === text;
}
