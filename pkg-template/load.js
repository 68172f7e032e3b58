// Loads the page's WebAssembly. A failed load is not remembered: the next call tries again.

import { AuthError } from "./auth-error.js";
import { initSync } from "./wasm/browser.js";

let loaded = false;

export async function load() {
  if (loaded) return;
  const url = new URL("./wasm/browser_bg.wasm", import.meta.url);
  try {
    initSync({ module: await compile(url) });
    loaded = true;
  } catch (cause) {
    const isBlocked = /unsafe-eval|Content Security Policy|blocked by CSP/i.test(String(cause));
    throw new AuthError(isBlocked ? "csp_blocks_wasm" : "wasm_load_failed", { detail: url.href }, cause);
  }
}

async function compile(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The server responded with the status ${response.status}.`);
  // Streaming needs the right media type, and not every server sends it.
  return WebAssembly.compileStreaming(response.clone()).catch(async () => WebAssembly.compile(await response.arrayBuffer()));
}
