// Compiles a WebAssembly module, wherever it comes from.

import { loadFailure } from "./load-failure.js";

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
    if (given.byteLength !== undefined) return await WebAssembly.compile(given);
    // Throws unless it is a module, of any realm.
    WebAssembly.Module.exports(given);
    return given;
  } catch (cause) {
    throw loadFailure(cause, about);
  }
}

async function compileResponse(response, about) {
  about.status = response.status;
  about.detail = `${response.url}: status ${response.status}`;
  if (!response.ok) throw new Error(about.detail);
  // Streaming needs the right media type, and not every server sends it.
  return WebAssembly.compileStreaming(response.clone()).catch(async () => {
    const bytes = new Uint8Array(await response.arrayBuffer());
    // A server that does not find a file often sends the page itself.
    if (bytes[0] === 60) about.detail += ", HTML instead of WebAssembly";
    return WebAssembly.compile(bytes);
  });
}
