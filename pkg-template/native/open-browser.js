// Shows a URL in the system's browser.

import { spawn } from "node:child_process";
import process from "node:process";

import { AuthError } from "../auth-error.js";

/** What opens a URL, the first that works. The URL is one word: no shell reads it. */
const OPENERS = {
  darwin: [["open"]],
  win32: [["rundll32", "url.dll,FileProtocolHandler"]],
  linux: [["xdg-open"], ["wslview"], ["gio", "open"]],
};
/** An opener that has not failed by then shows the page, or is the browser. */
const PATIENCE_MS = 2_000;

/** @param {string} url @throws {AuthError} `browser_unavailable` */
export async function openBrowser(url) {
  // An opener would run a file, or another program, for any other scheme.
  if (!/^https?:\/\/[!-~]+$/.test(url)) throw new AuthError("browser_unavailable", { detail: "the URL is not http or https" });
  let cause;
  for (const [program, ...words] of OPENERS[process.platform] ?? OPENERS.linux) {
    try {
      return await opened(program, [...words, url]);
    } catch (error) {
      cause ??= error;
    }
  }
  throw new AuthError("browser_unavailable", {}, cause);
}

function opened(program, words) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: "ignore", detached: true });
    const timer = setTimeout(resolve, PATIENCE_MS);
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}.`))));
    child.once("exit", () => clearTimeout(timer));
    // The browser outlives the program.
    child.unref();
  });
}
