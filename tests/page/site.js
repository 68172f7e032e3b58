/** Serves the page at every path of every host, so that each test has an origin of its own. */
import { readFile } from "node:fs/promises";
import http from "node:http";
import { once } from "node:events";
import path from "node:path";
import process from "node:process";

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".wasm": "application/wasm" };

export async function startSite(directory = process.env.COUNTERSIGN_SITE) {
  /** What differs from host to host: `policy`, its Content-Security-Policy, `opener`, its Cross-Origin-Opener-Policy, and `moved`, new paths by old ones. */
  const settings = new Map();
  const server = http.createServer(async (request, response) => {
    const { host } = request.headers;
    const { policy, opener, moved = {} } = settings.get(host) ?? {};
    const { pathname, search } = new URL(request.url, `http://${host}`);
    if (moved[pathname]) return response.writeHead(302, { location: moved[pathname] + search }).end();
    const name = path.extname(pathname) in TYPES ? path.normalize(pathname) : "index.html";
    const contents = await readFile(path.join(directory, name)).catch(() => undefined);
    if (contents === undefined) return response.writeHead(404).end();
    response.setHeader("content-type", TYPES[path.extname(name)]);
    // A sandboxed frame asks for its scripts from an origin of its own.
    response.setHeader("access-control-allow-origin", "*");
    if (policy !== undefined) response.setHeader("content-security-policy", policy);
    if (opener !== undefined) response.setHeader("cross-origin-opener-policy", opener);
    response.end(contents);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  let hosts = 0;
  return {
    /** An origin that nobody has used. Browsers resolve all of `.localhost` to this machine. */
    origin(itsSettings = {}) {
      hosts += 1;
      const host = `page-${hosts}.localhost:${server.address().port}`;
      settings.set(host, itsSettings);
      return `http://${host}`;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
