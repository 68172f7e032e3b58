// The page's entry for tools that lose files: the WebAssembly is a text in the script.

import { createClientFrom } from "./browser.js";
import { DEFLATED } from "./wasm/browser-inlined.js";

export { AuthError, isAuthError } from "./auth-error.js";

export const createClient = (options) => createClientFrom(inflated, options);

function inflated() {
  const bytes = Uint8Array.from(atob(DEFLATED), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream, { headers: { "content-type": "application/wasm" } });
}
