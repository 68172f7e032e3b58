// How structures cross between JavaScript and the core: as one form-encoded text.

/**
 * Members that are `undefined` or `null` are left out, names cross in snake case, as most of them are on the wire. A name that has
 * an underscore already is no name of the package's, and becomes none. Numbers are seconds and cross as milliseconds, lists are
 * lists of words.
 */
export function encode(members) {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(members)) {
    if (value != null) form.set(name.replace(/[A-Z_]/g, "_$&").toLowerCase(), text(value));
  }
  return form.toString();
}

/** @returns {Record<string, string>} */
export const decode = (form) => Object.fromEntries(new URLSearchParams(form));

/** A time or a duration that crossed, in seconds. */
export const seconds = (milliseconds) => Number(milliseconds) / 1000;

/** A token that crossed. */
export function toTokenSet({ obtainedAt, refreshAt, expiresAt, authorizationDetails, ...token }) {
  if (authorizationDetails) token.authorizationDetails = JSON.parse(authorizationDetails);
  return Object.freeze({ ...token, obtainedAt: seconds(obtainedAt), refreshAt: seconds(refreshAt), expiresAt: seconds(expiresAt) });
}

function text(value) {
  if (typeof value === "number") return Math.round(value * 1000);
  if (Array.isArray(value)) return value.join(" ");
  return typeof value === "object" ? new URLSearchParams(value) : value;
}
