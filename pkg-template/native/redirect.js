// How the browser comes back to the app: on loopback, or as the app itself receives it.

import { invalid } from "../edge/plain.js";
import { AuthError } from "../auth-error.js";
import { isLoopback, Loopback } from "./loopback.js";
import { abortable } from "./native-host.js";

/**
 * What each sign-in opens: `redirectUri` for the core, `navigate`, `next` and `finish`.
 *
 * @param {{ redirectUri?: string, port?: number, authorize?: (url: string, given: { signal: AbortSignal }) => Promise<string> }} options
 */
export function redirectOf({ redirectUri, port, authorize }) {
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) throw invalid("port", "must be a number between 1 and 65535");
  if (authorize !== undefined) {
    if (redirectUri === undefined) throw invalid("redirectUri", "is missing: authorize receives what comes to it");
    return { open: () => new ByApp(redirectUri, authorize) };
  }
  if (redirectUri === undefined) return { open: (openBrowser) => OnLoopback.open({ port }, openBrowser, (port) => ({ atPort: String(port) })) };
  const uri = URL.canParse(redirectUri) ? new URL(redirectUri) : undefined;
  if (uri?.protocol !== "http:" || !isLoopback(uri.hostname)) {
    throw invalid("redirectUri", "must be http on localhost, 127.0.0.1 or [::1]; for any other give authorize, which receives the response");
  }
  if (uri.hash !== "" || uri.search !== "" || uri.username !== "") throw invalid("redirectUri", "must have no query and no fragment");
  const at = { hostname: uri.hostname, pathname: uri.pathname, port: port ?? Number(uri.port) };
  // A path that was not written is not sent: providers compare the text.
  const path = redirectUri.endsWith("/") || uri.pathname !== "/" ? uri.pathname : "";
  return { open: (openBrowser) => OnLoopback.open(at, openBrowser, (port) => ({ atUri: `http://${uri.hostname}:${port}${path}` })) };
}

/** The system's browser, and a listener on this machine. */
class OnLoopback {
  #loopback;
  #openBrowser;
  #failed;

  static async open(at, openBrowser, toRedirectUri) {
    const loopback = await Loopback.listen(at);
    return new OnLoopback(loopback, openBrowser, toRedirectUri(loopback.port));
  }

  constructor(loopback, openBrowser, redirectUri) {
    this.#loopback = loopback;
    this.#openBrowser = openBrowser;
    this.redirectUri = redirectUri;
  }

  navigate(url) {
    // The browser may come back before its opener has ended.
    this.#failed = new Promise((_, reject) => {
      Promise.resolve(this.#openBrowser(url, { signal: this.signal })).catch((error) => reject(error));
    });
    this.#failed.catch(() => {});
  }

  next() {
    return Promise.race([this.#loopback.next(), this.#failed]);
  }

  finish(isSignedIn) {
    return this.#loopback.finish(isSignedIn);
  }
}

/** The app shows the URL, and receives the response at a redirect URI of its own. */
class ByApp {
  #authorize;
  #response;

  constructor(redirectUri, authorize) {
    this.redirectUri = { atUri: redirectUri };
    this.#authorize = authorize;
  }

  navigate(url) {
    this.#response = (async () => String(await this.#authorize(url, { signal: this.signal })))();
    this.#response.catch(() => {});
  }

  async next() {
    const response = this.#response;
    this.#response = undefined;
    // What came was of another sign-in, or none.
    if (response === undefined) throw new AuthError("response_invalid", { detail: "state" });
    return abortable(this.signal, response);
  }

  async finish() {}
}
