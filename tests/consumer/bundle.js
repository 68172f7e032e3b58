/** Bundles of a program that imports the package, as users make them. */
import path from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

/**
 * The modules of a Worker. Nothing is inlined: workerd compiles the wasm file once, as a module.
 *
 * @param {URL} entry @param {string} project where `node_modules` has the package
 */
export async function bundleForWorkerd(entry, project) {
  const { outputFiles } = await build({
    ...options(entry, project),
    conditions: ["workerd", "worker"],
    loader: { ".wasm": "copy" },
  });
  // The entry comes first.
  const isWasm = (file) => file.path.endsWith(".wasm");
  return outputFiles
    .toSorted((a, b) => isWasm(a) - isWasm(b))
    .map((file) => ({ type: isWasm(file) ? "CompiledWasm" : "ESModule", path: file.path, contents: file.contents }));
}

/** A program of one file in the project, which leaves the package itself to the runtime to find. */
export async function bundleProgram(entry, project, name) {
  await build({
    ...options(entry, project),
    external: ["countersign", "countersign/*", "node:*"],
    outdir: undefined,
    outfile: path.join(project, name),
    write: true,
  });
  return path.join(project, name);
}

function options(entry, project) {
  return {
    entryPoints: [fileURLToPath(entry)],
    // The examples stand where no packages are installed.
    nodePaths: [path.join(project, "node_modules"), fileURLToPath(new URL("../node_modules", import.meta.url))],
    bundle: true,
    format: "esm",
    target: "es2024",
    outdir: project,
    write: false,
    logLevel: "error",
  };
}
