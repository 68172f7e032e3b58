// Compiles a WebAssembly module, wherever it comes from.

import { AuthError } from "./auth-error.js";

/**
 * @param source gives a URL, a response, bytes or a compiled module, or a promise of one of these
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compile(source) {
  const about = {};
  try {
    let given = await source();
    const url = given.href ?? given;
    if (typeof url === "string") {
      about.detail = url;
      given = await fetch(url);
    }
    if (given.arrayBuffer) return await compileResponse(given, about);
    return given instanceof WebAssembly.Module ? given : await WebAssembly.compile(given);
  } catch (cause) {
    throw new AuthError("wasm_load_failed", about, cause);
  }
}

async function compileResponse(response, about) {
  about.status = response.status;
  about.detail = `${response.url}: status ${response.status}`;
  // Streaming needs the right media type, and not every server sends it. The body of an error does not compile.
  return WebAssembly.compileStreaming(response.clone()).catch(async () => {
    const bytes = new Uint8Array(await response.arrayBuffer());
    // A server that does not find a file often sends the page itself.
    if (bytes[0] === 60) about.detail += ", HTML";
    return WebAssembly.compile(bytes);
  });
}
