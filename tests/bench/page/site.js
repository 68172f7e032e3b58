/** The page of a peer as its author would publish it: built by Vite, served as a CDN serves it. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "vite";

const PROGRAM = fileURLToPath(new URL("program/", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".wasm": "application/wasm" };

/** The peers: one for each file. */
export async function peerNames() {
  const files = await readdir(path.join(PROGRAM, "peers"));
  return files.map((file) => path.basename(file, ".js")).toSorted();
}

/**
 * @param {string} name of the peer
 * @param {{ project: string, settings: object }} options the project has `countersign` installed
 * @returns {Promise<{ origin: string, close: () => Promise<void> }>} a site of its own, hence with a storage of its own
 */
export async function startSite(name, { project, settings }) {
  const directory = path.join(project, "sites", name);
  await build({
    root: PROGRAM,
    configFile: false,
    logLevel: "error",
    define: { SETTINGS: JSON.stringify(settings) },
    resolve: {
      alias: [
        { find: "peer", replacement: path.join(PROGRAM, "peers", `${name}.js`) },
        { find: "countersign", replacement: createRequire(path.join(project, "any.js")).resolve("countersign") },
      ],
    },
    build: { outDir: directory, emptyOutDir: true },
  });
  return serve(await readFiles(directory));
}

/** @returns {Promise<Map<string, { headers: object, body: Buffer }>>} what is served, by path */
async function readFiles(directory) {
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const read = files
    .filter((file) => file.isFile())
    .map(async ({ parentPath, name }) => {
      const place = path.join(parentPath, name);
      const content = await readFile(place);
      const headers = {
        "content-type": TYPES[path.extname(name)],
        "content-encoding": "gzip",
        vary: "accept-encoding",
        // The names of the assets have a hash of their content in them.
        "cache-control": name === "index.html" ? "no-cache" : "public, max-age=31536000, immutable",
        etag: `"${createHash("sha256").update(content).digest("base64url")}"`,
      };
      return [`/${path.relative(directory, place)}`, { headers, body: gzipSync(content, { level: 9 }) }];
    });
  const served = new Map(await Promise.all(read));
  served.set("/", served.get("/index.html"));
  // The origin without the program, where a session is put into its storage.
  served.set("/blank", { headers: { "content-type": TYPES[".html"], "cache-control": "no-store" }, body: Buffer.from("<!doctype html>") });
  return served;
}

async function serve(files) {
  const server = http.createServer((request, response) => {
    const file = files.get(new URL(request.url, "http://localhost").pathname);
    if (file === undefined) return response.writeHead(404).end();
    const { etag } = file.headers;
    if (etag !== undefined && request.headers["if-none-match"] === etag) return response.writeHead(304, file.headers).end();
    return response.writeHead(200, { ...file.headers, "content-length": file.body.length }).end(file.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://localhost:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}
