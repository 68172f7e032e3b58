// Loads the page's WebAssembly. A failed load is not remembered: the next call tries again.

import { compile } from "./compile.js";
import { initSync } from "./wasm/browser.js";

let loaded = false;

/** @param wasm gives what the module is compiled from */
export async function load(wasm) {
  if (loaded) return;
  initSync({ module: await compile(wasm) });
  loaded = true;
}
