import { getRequestListener } from "@hono/node-server";
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import { isIPv6 } from "node:net";

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "::1"];
const EVERYWHERE = ["0.0.0.0", "::"];

/** The servers of one start: where they listen, and by which name clients know them. */
export class Listeners {
  #servers = [];

  /**
   * @param {object} options
   * @param {string} options.host the address to listen at
   * @param {URL} [options.publicUrl] what clients reach the authority by, when that is not the listener itself
   * @param {{ key: string, certificate: string }} [options.tls]
   */
  constructor({ host, publicUrl, tls }) {
    Object.assign(this, { host, publicUrl, tls });
  }

  /** The names that a server certificate must have. */
  static certificateNames({ host, publicUrl }) {
    const names = [...LOOPBACK_NAMES, host, publicUrl && bare(publicUrl.hostname)];
    return names.filter((name) => name && !EVERYWHERE.includes(name));
  }

  /**
   * Starts to serve an application.
   * @param {{ fetch: Function }} app
   * @param {{ secure?: boolean, port?: number, atPublicUrl?: "origin" | "hostname" }} options
   *   `origin`: clients come by the public URL as it is; `hostname`: by its name and this listener's port
   * @returns {Promise<{ origin: string, listening: string }>} the origin that clients use, which requests have as
   *   `c.env.origin`, and the URL of the listener itself
   */
  async open(app, { secure = false, port = 0, atPublicUrl } = {}) {
    let origin;
    const listener = getRequestListener((request, env) => app.fetch(request, { ...env, origin }), { overrideGlobalObjects: false });
    const server = secure ? https.createServer({ key: this.tls.key, cert: this.tls.certificate }, listener) : http.createServer(listener);
    server.listen(port, this.host);
    await once(server, "listening");
    this.#servers.push(server);
    const { address, port: actual } = server.address();
    origin = this.#originOf(secure, actual, atPublicUrl);
    return { origin, listening: urlOf(secure, address, actual) };
  }

  #originOf(secure, port, atPublicUrl) {
    if (this.publicUrl && atPublicUrl === "origin") return this.publicUrl.origin;
    const known = LOOPBACK_NAMES.includes(this.host) || EVERYWHERE.includes(this.host) ? "localhost" : this.host;
    const name = this.publicUrl && atPublicUrl === "hostname" ? bare(this.publicUrl.hostname) : known;
    return urlOf(secure, name, port);
  }

  async close() {
    await Promise.all(
      this.#servers.map((server) => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        return closed;
      }),
    );
  }
}

function urlOf(secure, name, port) {
  return `${secure ? "https" : "http"}://${isIPv6(name) ? `[${name}]` : name}:${port}`;
}

/** A host without the brackets that a URL has around an IPv6 address. */
function bare(hostname) {
  return hostname.replace(/^\[|\]$/g, "");
}
