import { AuthError } from "./auth-error.js";

/** The error for a WebAssembly module that could not be loaded. */
export function loadFailure(cause, about) {
  const isBlocked = /unsafe-eval|Content Security Policy|blocked by CSP/i.test(cause);
  return new AuthError(!globalThis.WebAssembly ? "wasm_unavailable" : isBlocked ? "csp_blocks_wasm" : "wasm_load_failed", about, cause);
}
