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

/** The `AuthError` for what the core threw; anything else stays what it is. */
export function toAuthError(thrown) {
  const ours = typeof thrown?.code === "string" && !(thrown instanceof Error);
  return ours ? new AuthError(thrown, thrown.cause) : thrown;
}
