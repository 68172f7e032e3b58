/** Gives a load that failed the code of its reason, if the cause tells. */
export function refineLoadFailure(error) {
  if (error.code !== "wasm_load_failed") return;
  if (!globalThis.WebAssembly) error.code = "wasm_unavailable";
  else if (/unsafe-eval|Content Security Policy|blocked by CSP/i.test(error.cause)) error.code = "csp_blocks_wasm";
}
