import type { AuthError } from "./auth-error.js";

export { AuthError, isAuthError } from "./auth-error.js";
export type { AuthErrorCode } from "./auth-error.js";

/** The runtime's own `fetch`, by the declarations that the program has. */
type HostFetch = typeof globalThis extends { fetch: infer F extends (...given: never[]) => Promise<unknown> }
  ? F
  : (input: string | object, init?: object) => Promise<object>;
