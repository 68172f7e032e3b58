/** The rows of the matrix that are APIs: how each runtime is given a program that verifies tokens. */

/** What every one of them does with a `Request`. */
const VERIFIER = `import { createVerifier, guard } from "countersign/edge";

let guarded;

function respond(request, options) {
  guarded ??= guard(createVerifier(options), { scope: "notes.read" }, (_, { claims }) => Response.json({ user: claims.sub }));
  return guarded(request);
}
`;

/** Node's own server, which has neither a Request nor a Response. */
const nodeServer = (imported, rest) => `${imported}
const [, , options, port] = process.argv;
const verifier = createVerifier(JSON.parse(options));

const listener = nodeGuard(verifier, { scope: "notes.read" }, (_, response, { claims }) => {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ user: claims.sub }));
});

http.createServer(listener).listen(Number(port), "localhost");
${rest ?? ""}`;
const ESM = 'import http from "node:http";\n\nimport { createVerifier, nodeGuard } from "countersign/edge";\n';
const COMMONJS = 'const http = require("node:http");\n\nconst { createVerifier, nodeGuard } = require("countersign/edge");\n';

const node = (packages) =>
  [
    { use: "import", file: "server.mjs", imported: ESM },
    { use: "require", file: "server.cjs", imported: COMMONJS },
  ].map(({ use, file, imported }) => ({
    tool: `Node ${packages.split("-")[1]}`,
    packages,
    version: "node",
    use,
    files: () => ({ [file]: nodeServer(imported) }),
    serve: (port, options) => ["node", file, options, port],
  }));

const deno = (use, permissions) => ({
  tool: "Deno",
  packages: "deno",
  version: "deno",
  use,
  files: () => ({
    "server.js": `${VERIFIER}\nconst [options, port] = Deno.args;\n\nDeno.serve({ port: Number(port), hostname: "localhost" }, (request) => respond(request, JSON.parse(options)));\n`,
  }),
  serve: (port, options) => ["deno", "run", "--quiet", "--no-prompt", ...permissions, "server.js", options, port],
});

/** A program that leads a Lambda function's events to its handler, as API Gateway does: names of headers as the client sent them. */
const GATEWAY = `import { createRequire } from "node:module";
import http from "node:http";

const [, , options, port] = process.argv;
process.env.VERIFIER = options;
const { handler } = createRequire(import.meta.url)("./function/index.js");

http
  .createServer(async (request, response) => {
    const headers = {};
    for (let i = 0; i < request.rawHeaders.length; i += 2) headers[request.rawHeaders[i].replace(/^a/, "A")] = request.rawHeaders[i + 1];
    const { statusCode, headers: sent, body } = await handler({ headers });
    response.writeHead(statusCode, sent).end(body);
  })
  .listen(Number(port), "localhost");
`;
const LAMBDA = `import { createVerifier } from "countersign/edge";

const verifier = createVerifier(JSON.parse(process.env.VERIFIER));

export async function handler(event) {
  try {
    const { claims } = await verifier.authenticate(event, { scope: "notes.read" });
    return { statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ user: claims.sub }) };
  } catch (error) {
    const { status, headers, body } = error.response;
    return { statusCode: status, headers, body };
  }
}
`;

/** edge-runtime runs a script; a bundler for it hands over the wasm file compiled, from outside of the script's realm. */
const EDGE_RUNTIME = `import { readFileSync } from "node:fs";

import { EdgeRuntime, runServer } from "edge-runtime";

const [, , options, port] = process.argv;
const module = new WebAssembly.Module(readFileSync(new URL("node_modules/countersign/wasm/edge_bg.wasm", import.meta.url)));
const initialCode = readFileSync(new URL("dist/main.js", import.meta.url), "utf8");
const runtime = new EdgeRuntime({ initialCode, extend: (context) => Object.assign(context, { edge_wasm: module, OPTIONS: JSON.parse(options) }) });
await runServer({ runtime, host: "localhost", port: Number(port) });
`;
const BUNDLE_FOR_EDGE_RUNTIME = `import { build } from "esbuild";

const plugin = {
  name: "wasm",
  setup(build) {
    build.onResolve({ filter: /\\.wasm\\?module$/ }, ({ path }) => ({ path, namespace: "wasm" }));
    build.onLoad({ filter: /.*/, namespace: "wasm" }, () => ({ contents: "export default edge_wasm" }));
  },
};
await build({ entryPoints: ["main.js"], bundle: true, format: "iife", conditions: ["edge-light"], plugins: [plugin], outdir: "dist" });
`;

const worker = (use, compatibilityDate, registry) => ({
  tool: "workerd",
  packages: "esbuild",
  use,
  files: () => ({
    "worker.js": `${VERIFIER}
if (typeof FinalizationRegistry !== "${registry}") throw new Error("The date does nothing.");

export default { fetch: (request, { OPTIONS }) => respond(request, JSON.parse(OPTIONS)) };
`,
  }),
  worker: { entry: "worker.js", compatibilityDate },
});

/** `files` and `build` as in pages.js; `serve` gives the command of a server, by the verifier's options as JSON and a port. */
export const SERVERS = [
  ...node("node-20"),
  ...node("node-22"),
  ...node("node-24"),
  deno("all permissions", ["--allow-all"]),
  deno("permission for the network only", ["--allow-net=localhost,127.0.0.1"]),
  {
    tool: "Bun",
    packages: "bun",
    version: "bun",
    use: "server",
    files: () => ({
      "server.js": `${VERIFIER}\nconst [, , options, port] = process.argv;\n\nBun.serve({ port, hostname: "localhost", fetch: (request) => respond(request, JSON.parse(options)) });\n`,
    }),
    serve: (port, options) => ["bun", "server.js", options, port],
  },
  {
    tool: "esbuild",
    packages: "esbuild",
    version: "esbuild",
    use: "CommonJS bundle for Lambda",
    files: () => ({ "main.js": LAMBDA, "gateway.mjs": GATEWAY, "function/package.json": '{"type":"commonjs"}' }),
    build: [["esbuild", "main.js", "--bundle", "--platform=node", "--target=node20", "--outfile=function/index.js"]],
    // The function has nothing but its bundle.
    without: "node_modules/countersign",
    serve: (port, options) => ["node", "gateway.mjs", options, port],
  },
  {
    tool: "edge-runtime",
    packages: "edge-runtime",
    version: "edge-runtime",
    use: "bundle by esbuild",
    needs: "a bundler that compiles `.wasm?module`, as those of Next and Vercel",
    files: () => ({
      "main.js": `${VERIFIER}\naddEventListener("fetch", (event) => event.respondWith(respond(event.request, OPTIONS)));\n`,
      "bundle.mjs": BUNDLE_FOR_EDGE_RUNTIME,
      "server.mjs": EDGE_RUNTIME,
    }),
    build: [["node", "bundle.mjs"]],
    serve: (port, options) => ["node", "server.mjs", options, port],
  },
  worker("with FinalizationRegistry", "2026-04-01", "function"),
  worker("without FinalizationRegistry", "2025-01-01", "undefined"),
];
