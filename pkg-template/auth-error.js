import { CODES } from "./error-codes.js";

/** The one error class of both builds; `code` is from the closed list in `index.d.ts`. */
export class AuthError extends Error {
  /** @param {string} code @param {{ detail?: string, error?: string }} [members] @param {unknown} [cause] */
  constructor(code, members = {}, cause) {
    const { detail, error } = members;
    const message = CODES.find(([known]) => known === code)?.[1];
    super(message + (detail ? ` (${detail})` : "") + (error ? ` The server said: ${error}` : ""), cause === undefined ? undefined : { cause });
    Object.assign(this, members, { code });
  }

  get name() {
    return "AuthError";
  }
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
  return new AuthError(CODES[code][0], members);
}
