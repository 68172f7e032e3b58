/** A page that imports the package, built by Vite and opened in Chromium. */
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import http from "node:http";
import { once } from "node:events";
import path from "node:path";
import { existsSync } from "node:fs";
import { after, test } from "node:test";

import { build } from "vite";

import { ALGORITHMS, AUDIENCE, ISSUER, jwks, key, token } from "../edge/cases/tokens.js";
import { launchChromium } from "./chromium.js";
import { installed, project } from "./project.js";

const CLIENT = `
  import { createClient, isAuthError } from "countersign";
  const metadata = { issuer: "https://login.example", authorization_endpoint: "https://login.example/a", token_endpoint: "https://login.example/t" };
  window.start = async (options) => {
    try {
      const client = await createClient({ authority: "https://login.example", clientId: "page", metadata, ...options });
      const { account } = client;
      client.close();
      return { account };
    } catch (error) {
      const { code, status, detail, message } = error;
      return { code, isOurs: isAuthError(error), hasCause: error.cause !== undefined, status, detail, isDetailTold: message.includes(detail) };
    }
  };
`;
const VERIFIER = `
  import { createVerifier } from "countersign/edge";
  window.verify = async (options, tokens) => {
    const verifier = createVerifier(options);
    return Promise.all(tokens.map((token) => verifier.verify(token).then(({ claims }) => claims.sub, ({ code }) => code)));
  };
`;

/** How an error names a response that is a page. */
const HTML = ": status 200, HTML";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm", ".css": "text/css" };

/** Builds a page of this script as its author would. @returns {Promise<string>} where it lies */
async function built(name, script) {
  const root = path.join(project.directory, name);
  await mkdir(root);
  await writeFile(path.join(root, "index.html"), '<!doctype html><title>page</title><script type="module" src="./main.js"></script>');
  await writeFile(path.join(root, "main.js"), script);
  await build({ root, logLevel: "error", configFile: false });
  return path.join(root, "dist");
}

/** Serves a built page; what the page may do and what becomes of the wasm file can be changed at any time. */
async function serve(dist) {
  const settings = { policy: undefined, wasm: undefined };
  const server = http.createServer(async (request, response) => {
    const file = path.join(dist, request.url === "/" ? "index.html" : path.normalize(request.url));
    const type = TYPES[path.extname(file)];
    if (type === TYPES[".wasm"] && settings.wasm !== undefined) return settings.wasm(response, file);
    if (!existsSync(file)) return response.writeHead(404).end();
    const policy = settings.policy === undefined ? {} : { "content-security-policy": settings.policy };
    response.writeHead(200, { "content-type": type, "cache-control": "no-store", ...policy });
    response.end(await readFile(file));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { settings, url: `http://localhost:${server.address().port}/` };
}

const browser = await launchChromium();
after(() => browser.close());

async function opened(url) {
  const page = await browser.newPage();
  await page.goto(url);
  return page;
}

const dist = await built("page", CLIENT);
const site = await serve(dist);
const start = (page) => page.evaluate(() => globalThis.start());

test("Vite emits the wasm file once, as a file", async () => {
  const assets = await readdir(path.join(dist, "assets"));
  assert.equal(assets.filter((name) => name.endsWith(".wasm")).length, 1);
  for (const name of assets.filter((name) => name.endsWith(".js"))) {
    assert.doesNotMatch(await readFile(path.join(dist, "assets", name), "utf8"), /data:application\/wasm/);
  }
});

test("createClient loads in Chromium", async () => {
  const page = await opened(site.url);
  assert.deepEqual(await start(page), { account: null });
  await page.close();
});

test("CSP 3 8.1: under a strict policy with 'wasm-unsafe-eval' createClient loads", async () => {
  site.settings.policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
  const page = await opened(site.url);
  assert.deepEqual(await start(page), { account: null });
  await page.close();
});

test("CSP 3 8.1: under a strict policy without it the code is csp_blocks_wasm", async () => {
  site.settings.policy = "default-src 'self'; script-src 'self'";
  const page = await opened(site.url);
  const { code, isOurs, hasCause } = await start(page);
  assert.deepEqual({ code, isOurs, hasCause }, { code: "csp_blocks_wasm", isOurs: true, hasCause: true });
  await page.close();
  site.settings.policy = undefined;
});

for (const [fault, wasm, status, says] of [
  ["is missing", (response) => response.writeHead(404).end("not found"), 404, ": status 404"],
  ["is the HTML of a page", (response) => response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>"), 200, HTML],
  ["is HTML that claims to be wasm", (response) => response.writeHead(200, { "content-type": "application/wasm" }).end("<!doctype html>"), 200, HTML],
  [
    "is cut short",
    async (response, file) => {
      const bytes = await readFile(file);
      response.writeHead(200, { "content-type": "application/wasm" }).end(bytes.subarray(0, bytes.length / 2));
    },
    200,
    ": status 200",
  ],
  ["cannot be had", (response) => response.destroy(), undefined, ""],
]) {
  test(`a wasm file that ${fault} gives wasm_load_failed with its URL and status, and the next call tries again`, async () => {
    site.settings.wasm = wasm;
    const page = await opened(site.url);
    const file = (await readdir(path.join(dist, "assets"))).find((name) => name.endsWith(".wasm"));
    const detail = `${site.url}assets/${file}${says}`;
    const failed = { code: "wasm_load_failed", isOurs: true, hasCause: true, status, detail, isDetailTold: true };
    assert.deepEqual(await start(page), failed);
    assert.deepEqual(await start(page), failed);
    site.settings.wasm = undefined;
    assert.deepEqual(await start(page), { account: null });
    await page.close();
  });
}

for (const [what, make] of Object.entries({
  "a URL": "new URL('/given.wasm', location.href)",
  "a URL as a text": "'/given.wasm'",
  "a response": "fetch('/given.wasm')",
  "bytes": "fetch('/given.wasm').then((response) => response.arrayBuffer())",
  "a view of bytes": "fetch('/given.wasm').then(async (response) => new Uint8Array(await response.arrayBuffer()))",
  "a module": "WebAssembly.compileStreaming(fetch('/given.wasm'))",
})) {
  test(`the option wasm takes ${what}, and no other file is asked for`, async () => {
    site.settings.wasm = async (response) => response.writeHead(404).end();
    const page = await opened(site.url);
    const bytes = await readFile(path.join(installed, "wasm/browser_bg.wasm"));
    await page.route("**/given.wasm", (route) => route.fulfill({ body: bytes, contentType: "application/wasm" }));
    const result = await page.evaluate(`globalThis.start({ wasm: ${make} })`);
    assert.deepEqual(result, { account: null });
    await page.close();
    site.settings.wasm = undefined;
  });
}

test("the option wasm that fails gives wasm_load_failed", async () => {
  const page = await opened(site.url);
  for (const make of ["'/none.wasm'", "new Uint8Array(8)", "Promise.reject(new Error('no'))", "5"]) {
    const { code, isOurs } = await page.evaluate(`globalThis.start({ wasm: ${make} })`);
    assert.deepEqual({ code, isOurs }, { code: "wasm_load_failed", isOurs: true }, make);
  }
  await page.close();
});

test("where there is no WebAssembly, as in Lockdown Mode, the code is wasm_unavailable", async () => {
  const page = await browser.newPage();
  await page.addInitScript(() => delete globalThis.WebAssembly);
  await page.goto(site.url);
  const { code, isOurs } = await start(page);
  assert.deepEqual({ code, isOurs }, { code: "wasm_unavailable", isOurs: true });
  await page.close();
});

test("a wasm file of another media type loads all the same", async () => {
  site.settings.wasm = async (response, file) => response.writeHead(200, { "content-type": "application/octet-stream" }).end(await readFile(file));
  const page = await opened(site.url);
  assert.deepEqual(await start(page), { account: null });
  await page.close();
  site.settings.wasm = undefined;
});

test("countersign/edge in a browser verifies by the host and by Rust, many tokens at once", async () => {
  const { url } = await serve(await built("verifier", VERIFIER));
  const page = await opened(url);
  const by = await Promise.all(ALGORITHMS.map((alg) => key(alg)));
  const tokens = await Promise.all(by.flatMap((signer) => [token(signer, { sub: signer.alg }), token(signer, { exp: 1 })]));
  const expected = ALGORITHMS.flatMap((alg) => [alg, "token_expired"]);
  for (const crypto of ["host", "rust", "auto"]) {
    const options = { issuer: ISSUER, audience: AUDIENCE, jwks: jwks(...by), crypto };
    const found = await page.evaluate(([options, tokens]) => globalThis.verify(options, tokens), [options, tokens]);
    assert.deepEqual(found, expected, crypto);
  }
  await page.close();
});
