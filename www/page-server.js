/** The page as it would be deployed: built by Vite, served as files under a strict policy. */
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "vite";

import { listenOnLoopback } from "./loopback.js";

const CONFIG_FILE = fileURLToPath(new URL("vite.config.js", import.meta.url));
const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/**
 * Takes a port at once, so that the other parts can be told the page's URL, and serves the page after `build`; at `/daemon`
 * what `daemon` returns.
 */
export async function startPage({ port, daemon }) {
  let files = new Map();
  let headers = {};
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname === "/daemon") {
      response.writeHead(200, { ...headers, "content-type": "application/json", "cache-control": "no-store" });
      response.end(JSON.stringify(daemon()));
      return;
    }
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    const content = files.get(name);
    if (content === undefined || !["GET", "HEAD"].includes(request.method)) {
      response.writeHead(404, headers).end();
      return;
    }
    // Vite puts a hash into every name but that of the page itself.
    const caching = name === "index.html" ? "no-cache" : "max-age=31536000, immutable";
    response.writeHead(200, { ...headers, "content-type": TYPES[path.extname(name)], "cache-control": caching });
    response.end(request.method === "HEAD" ? undefined : content);
  });
  const listening = await listenOnLoopback(server, port);

  return {
    url: `http://localhost:${listening.port}/`,
    /** Builds the page with these `import.meta.env.VITE_…` and lets its scripts call these URLs. */
    async build(settings, mayCall) {
      Object.assign(process.env, settings);
      files = await bundle();
      headers = policy(mayCall);
    },
    stop: () => listening.close(),
  };
}

async function bundle() {
  const { output } = await build({ configFile: CONFIG_FILE, logLevel: "error", build: { write: false } });
  return new Map(output.map((file) => [file.fileName, file.type === "chunk" ? file.code : file.source]));
}

/** Everything that the page needs. Without `'wasm-unsafe-eval'` no WebAssembly compiles. */
function policy(mayCall) {
  const origins = mayCall.map((url) => new URL(url).origin);
  return {
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "style-src 'self'",
      "img-src 'self'",
      `connect-src 'self' ${origins.join(" ")}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ].join("; "),
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
}
