import { CODES } from "./error-codes.js";

// What each code means. The edge brings these texts along; a page loads them when the first error is thrown.
let texts = [];

/** The one error class of both builds; `code` is from the closed list in `index.d.ts`. */
export class AuthError extends Error {
  /** @param {string} code @param {{ detail?: string, error?: string }} [members] @param {unknown} [cause] */
  constructor(code, members, cause) {
    super("", cause === undefined ? undefined : { cause });
    Object.assign(this, members, { code });
    describe(this);
  }

  get name() {
    return "AuthError";
  }
}

/** Makes the texts of the codes known. */
export function knowTexts(all) {
  // Each list begins with the shorter one.
  if (all.length > texts.length) texts = all;
}

/** What a code means, without anything of this error's own. */
export const textOf = (code) => texts[CODES.indexOf(code)] ?? code;

/** Gives an error its message: what happened and what to do about it. */
export function describe(error) {
  const { code, detail, error: server } = error;
  error.message = textOf(code) + (detail ? ` (${detail})` : "") + (server ? ` The server said: ${server}` : "");
  return error;
}

/** Whether this is an `AuthError`, also one of another copy of the package. */
export function isAuthError(error) {
  return error instanceof Error && error.name === "AuthError" && typeof error.code === "string";
}

/** The `AuthError` for what the core threw, the number of its code and its members as text; anything else stays what it is. */
export function toAuthError(thrown) {
  if (typeof thrown !== "string") return thrown;
  const form = new URLSearchParams(thrown);
  const { code, ...members } = Object.fromEntries(form);
  if (form.has("status")) members.status = Number(members.status);
  if (form.has("error_codes")) members.error_codes = form.getAll("error_codes").map(Number);
  return new AuthError(CODES[code], members);
}
