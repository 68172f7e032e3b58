/** The one error class of both builds; `code` is from the closed list in `index.d.ts`. */
export class AuthError extends Error {
  /** @param {{ code: string, message: string }} details what the core said @param {unknown} [cause] */
  constructor({ message, ...details }, cause) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, details);
  }

  get name() {
    return "AuthError";
  }
}

/** Whether this is an `AuthError`, also one of another copy of the package. */
export function isAuthError(error) {
  return error instanceof Error && error.name === "AuthError" && typeof error.code === "string";
}

/** The `AuthError` for what the core threw, a text of its members; anything else stays what it is. */
export function toAuthError(thrown) {
  if (typeof thrown !== "string") return thrown;
  const members = new URLSearchParams(thrown);
  const details = Object.fromEntries(members);
  if (members.has("status")) details.status = Number(details.status);
  if (members.has("error_codes")) details.error_codes = members.getAll("error_codes").map(Number);
  return new AuthError(details);
}
