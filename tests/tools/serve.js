/** What shows a project's page to the browser: a built folder, or the tool's own server. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import path from "node:path";
import { setTimeout } from "node:timers/promises";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };

/** Serves a folder as a plain web server does. */
export async function serveFolder(folder) {
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = path.join(folder, pathname === "/" ? "index.html" : path.normalize(pathname));
    const contents = await readFile(file).catch(() => undefined);
    if (contents === undefined) return response.writeHead(404, { "content-type": "text/html" }).end("<!doctype html>");
    response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "application/octet-stream" }).end(contents);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://localhost:${server.address().port}/`,
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * Runs a server until it is stopped.
 *
 * @param {(port: number) => string[]} command
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>} when it responds
 */
export async function serveBy(command, options) {
  const port = await freePort();
  const [program, ...words] = command(port);
  // In a group of its own: tools start further processes.
  const child = spawn(program, words, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit").then(() => true);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const url = `http://localhost:${port}/`;
  const stop = async () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await ended;
  };
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await Promise.race([ended, setTimeout(100)])) throw new Error(`${program} ended before it responded:\n${output}`);
    // Any response will do: an API refuses this request.
    const responds = await fetch(url).then(() => true, () => false);
    if (responds) return { url, stop, output: () => output };
  }
  await stop();
  throw new Error(`${program} did not respond:\n${output}`);
}

/** A port that is free now. */
export async function freePort() {
  const server = http.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
