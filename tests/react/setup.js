/**
 * Prepares what all files of this suite share: a page of React components over the packed package, once with each React.
 *
 *     cargo xtask test react
 *     node --test --test-global-setup=tests/react/setup.js --test-name-pattern TEXT tests/react/*.test.js
 */
import { cp, mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { projectWithPackage } from "../consumer/install.js";
import { installed } from "../tools/installed.js";

const at = (name) => fileURLToPath(new URL(name, import.meta.url));

const projects = [];

export async function globalSetup() {
  const reacts = { 18: path.join(await installed("react-18"), "node_modules"), 19: at("../node_modules") };
  const sites = {};
  for (const [version, modules] of Object.entries(reacts)) {
    const project = await projectWithPackage();
    projects.push(project);
    for (const name of ["react", "react-dom", "scheduler"]) {
      await symlink(path.join(modules, name), path.join(project.directory, "node_modules", name));
    }
    sites[version] = await buildSite(project.directory);
  }
  process.env.COUNTERSIGN_REACT = JSON.stringify(Object.fromEntries(Object.keys(reacts).map((version, place) => [version, projects[place].directory])));
  // Both Reacts are served by one site.
  const site = path.join(projects[0].directory, "sites");
  await mkdir(site);
  for (const [version, from] of Object.entries(sites)) await cp(from, path.join(site, version), { recursive: true });
  await cp(at("program/index.html"), path.join(site, "index.html"));
  process.env.COUNTERSIGN_SITE = site;
}

async function buildSite(project) {
  const modules = path.join(project, "node_modules");
  const site = path.join(project, "site");
  const [react, reactDom] = ["react", "react-dom"].map((name) => path.join(modules, name));
  await build({
    entryPoints: [at("program/main.js")],
    nodePaths: [modules],
    // The program is below tests/node_modules, which has one React only.
    alias: { react, "react-dom": reactDom },
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2024",
    // React's StrictMode does everything twice in development only.
    define: { "process.env.NODE_ENV": '"development"' },
    outdir: site,
    logLevel: "error",
  });
  await cp(path.join(modules, "countersign", "wasm", "browser_bg.wasm"), path.join(site, "wasm", "browser_bg.wasm"));
  return site;
}

export function globalTeardown() {
  return Promise.all(projects.map(({ remove }) => remove()));
}
