/**
 * Prepares what all files of this suite share: a page that uses the package as it is packed, bundled by esbuild.
 *
 *     cargo xtask test page
 *     node --test --test-global-setup=tests/page/setup.js --test-name-pattern TEXT tests/page/*.test.js
 */
import { cp } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { projectWithPackage } from "../consumer/install.js";

const program = (name) => fileURLToPath(new URL(`program/${name}`, import.meta.url));

let project;

export async function globalSetup() {
  project = await projectWithPackage();
  const modules = path.join(project.directory, "node_modules");
  const site = path.join(project.directory, "site");
  await build({
    entryPoints: [program("main.js"), program("callback.js")],
    nodePaths: [modules],
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2024",
    outdir: site,
    logLevel: "error",
  });
  // One file: a service worker loads nothing later.
  await build({ entryPoints: [program("worker.js")], nodePaths: [modules], bundle: true, format: "esm", target: "es2024", outdir: site, logLevel: "error" });
  for (const page of ["index.html", "callback.html"]) await cp(program(page), path.join(site, page));
  // esbuild leaves the URL of a file as it is.
  await cp(path.join(modules, "countersign", "wasm", "browser_bg.wasm"), path.join(site, "wasm", "browser_bg.wasm"));
  process.env.COUNTERSIGN_SITE = site;
}

export function globalTeardown() {
  return project?.remove();
}
