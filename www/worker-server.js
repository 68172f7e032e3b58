/** An API as it would be deployed: one bundle and its wasm modules, under workerd. */
import { fileURLToPath } from "node:url";
import path from "node:path";

import { build } from "esbuild";
import { Log, LogLevel, Miniflare } from "miniflare";

const COMPATIBILITY_DATE = "2026-04-01";

/** Starts the Worker of this file with these bindings. @returns {Promise<{ origin: string, stop: () => Promise<void> }>} */
export async function startWorker(file, bindings) {
  const modules = await bundle(fileURLToPath(new URL(file, import.meta.url)));
  const create = () =>
    new Miniflare({
      modules,
      bindings,
      compatibilityDate: COMPATIBILITY_DATE,
      host: "127.0.0.1",
      port: 0,
      // What Cloudflare knows of a request's origin, which miniflare would ask the internet for.
      cf: false,
      log: new Log(LogLevel.WARN),
    });
  const worker = withoutSignalHandlers(create);
  const { origin } = await worker.ready;
  return { origin, stop: () => worker.dispose() };
}

/** Nothing is inlined: workerd compiles each wasm file once, as a module. */
async function bundle(worker) {
  const { outputFiles } = await build({
    entryPoints: [worker],
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker"],
    loader: { ".wasm": "copy" },
    outdir: path.dirname(worker),
    write: false,
    logLevel: "error",
  });
  // The entry comes first.
  const isWasm = (file) => file.path.endsWith(".wasm");
  return outputFiles
    .toSorted((a, b) => isWasm(a) - isWasm(b))
    .map((file) => ({ type: isWasm(file) ? "CompiledWasm" : "ESModule", path: file.path, contents: file.contents }));
}

/** Miniflare ends the process at a signal. That is for the demo to do, when all its parts have stopped. */
function withoutSignalHandlers(create) {
  const names = ["SIGINT", "SIGTERM"];
  const before = new Set(names.flatMap((name) => process.listeners(name)));
  const created = create();
  for (const name of names) {
    for (const listener of process.listeners(name)) {
      if (!before.has(listener)) process.off(name, listener);
    }
  }
  return created;
}
