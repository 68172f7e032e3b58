/** The tools, each installed into a folder of its own below `target/`, which later runs use again. */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const FOLDER = fileURLToPath(new URL("../../target/matrix/", import.meta.url));
const QUIET = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
/** What stays when a project is made anew. */
const KEPT = ["node_modules", "installed.json"];

/** The exact versions, by the name of the folder. */
export const PACKAGES = JSON.parse(await readFile(new URL("packages.json", import.meta.url), "utf8"));

/**
 * A fresh project that has a tool and the packed package.
 *
 * @param {string} name of the tool in `packages.json`
 * @param {string} archive what `npm pack` made
 * @param {Record<string, string>} files by their paths
 * @returns {Promise<string>} where it is
 */
export async function freshProject(name, archive, files) {
  const folder = await installed(name);
  for (const file of await readdir(folder)) {
    if (!KEPT.includes(file)) await rm(path.join(folder, file), { recursive: true, force: true });
  }
  // npm would take a version that it knows for the one in the archive.
  await rm(path.join(folder, "node_modules", "countersign"), { recursive: true, force: true });
  await writeFile(path.join(folder, "package.json"), manifest(name));
  await run("npm", ["install", "--offline", "--ignore-scripts", "--no-package-lock", "--no-save", ...QUIET, archive], { cwd: folder });
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
  return folder;
}

/** @returns {Promise<string>} the folder in which a tool is installed */
export async function installed(name) {
  const folder = path.join(FOLDER, name);
  const stamp = path.join(folder, "installed.json");
  const wanted = manifest(name);
  if ((await readFile(stamp, "utf8").catch(() => "")) === wanted) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "package.json"), wanted);
  await run("npm", ["install", "--no-package-lock", ...QUIET], { cwd: folder });
  await writeFile(stamp, wanted);
  return folder;
}

function manifest(name) {
  const dependencies = PACKAGES[name];
  // What finds or fetches its program when it is installed.
  const allowScripts = Object.fromEntries(["bun", "deno", "esbuild", "node"].map((script) => [script, true]));
  return JSON.stringify({ name: "project", version: "1.0.0", private: true, type: "module", dependencies, allowScripts });
}
