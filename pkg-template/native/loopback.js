// Listens for the browser at a redirect URI on this machine: RFC 8252 section 7.3.

import { createServer } from "node:http";

import { AuthError } from "../auth-error.js";

/** Whom a name reaches. A browser tries either address for `localhost`. */
const ADDRESSES = { localhost: ["127.0.0.1", "::1"], "127.0.0.1": ["127.0.0.1"], "[::1]": ["::1"] };
/** A port that is free at one address may be in use at the other. */
const ATTEMPTS = 10;
const MAX_CONNECTIONS = 50;
/** Codes may be long. */
const MAX_HEADERS = 64 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
/** How long the last page may take to be sent. */
const LAST_PAGE_MS = 1_000;

export const isLoopback = (hostname) => hostname in ADDRESSES;

export class Loopback {
  #servers = [];
  #path;
  /** Visits that nobody has taken yet, and who waits for one. */
  #visits = [];
  #waiting;
  /** Visits whose browser waits for its page. */
  #open = [];

  /** @param {{ hostname?: string, port?: number, pathname?: string }} at a port of 0 is a free one; without a name it is any of loopback's */
  static async listen({ hostname = "localhost", port = 0, pathname = "/" } = {}) {
    for (let attempt = 1; ; attempt += 1) {
      const loopback = new Loopback(pathname);
      try {
        await loopback.#listen(ADDRESSES[hostname], port);
        return loopback;
      } catch (error) {
        await loopback.close();
        const isTaken = error.code === "EADDRINUSE";
        if (isTaken && port === 0 && attempt < ATTEMPTS) continue;
        throw new AuthError("redirect_unavailable", { detail: `port ${error.port ?? port}` }, error);
      }
    }
  }

  constructor(pathname) {
    this.#path = pathname;
  }

  get port() {
    return this.#servers[0].address().port;
  }

  /** The URL of the next visit. The one before it was none of the sign-in's. */
  next() {
    this.#show(404, NOT_THIS);
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#hand();
    });
  }

  /** Shows the last page, and stops. */
  async finish(isSignedIn) {
    this.#open.push(...this.#visits.splice(0));
    await Promise.race([this.#show(isSignedIn ? 200 : 400, isSignedIn ? DONE : FAILED), new Promise((over) => setTimeout(over, LAST_PAGE_MS).unref())]);
    await this.close();
  }

  async close() {
    await Promise.all(
      this.#servers.splice(0).map((server) => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        return closed;
      }),
    );
  }

  async #listen(addresses, wanted) {
    let port = wanted;
    for (const [place, address] of addresses.entries()) {
      const server = createServer({ maxHeaderSize: MAX_HEADERS }, (request, response) => this.#visit(request, response));
      Object.assign(server, { maxConnections: MAX_CONNECTIONS, requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS });
      try {
        await new Promise((resolve, reject) => server.once("error", reject).listen({ host: address, port, exclusive: true }, resolve));
      } catch (error) {
        // A machine without IPv6.
        if (place > 0 && ["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"].includes(error.code)) continue;
        throw error;
      }
      this.#servers.push(server);
      port = server.address().port;
    }
  }

  #visit(request, response) {
    const { method, headers, url } = request;
    request.resume();
    // A page elsewhere whose name leads to this machine has another Host.
    const host = headers.host ?? "";
    const isOurs = Object.keys(ADDRESSES).some((name) => host === `${name}:${this.port}`);
    if (!isOurs) return send(response, 400, NOT_THIS);
    if (url.split("?", 1)[0] !== this.#path) return send(response, 404, NOT_THIS);
    if (method !== "GET") return send(response, 405, NOT_THIS);
    this.#visits.push({ url: `http://${host}${url}`, response });
    this.#hand();
  }

  #hand() {
    if (this.#waiting === undefined || this.#visits.length === 0) return;
    const visit = this.#visits.shift();
    this.#open.push(visit);
    const taken = this.#waiting;
    this.#waiting = undefined;
    taken(visit.url);
  }

  async #show(status, page) {
    await Promise.all(this.#open.splice(0).map(({ response }) => send(response, status, page)));
  }
}

function send(response, status, { title, text }) {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    connection: "close",
  });
  return new Promise((resolve) => {
    response.once("close", resolve);
    response.end(pageOf(title, text));
  });
}

/** Its script takes the response, which was used, out of the address bar. */
const pageOf = (title, text) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 20vh auto; padding: 0 1rem; color-scheme: light dark; }</style>
<h1>${title}</h1>
<p>${text}</p>
<script>history.replaceState(null, "", location.pathname)</script>
</html>
`;

const DONE = { title: "You are signed in", text: "You can close this window and go back to the application." };
const FAILED = { title: "The sign-in failed", text: "You can close this window. The application says more." };
const NOT_THIS = { title: "Nothing to see here", text: "This page is not part of a sign-in. You can close this window." };
