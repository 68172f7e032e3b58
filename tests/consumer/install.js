/** The package as its users get it: packed by npm, installed from the archive, with no registry in reach. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What `cargo xtask build` leaves behind. */
export const PACKAGE = fileURLToPath(new URL("../../pkg/", import.meta.url));

/**
 * A new project with only the package in its `node_modules`.
 *
 * @param {string} [directory] the package, where it is another than `pkg/`
 * @returns {Promise<{ directory: string, remove: () => Promise<void> }>}
 */
export async function projectWithPackage(directory = PACKAGE) {
  const project = await mkdtemp(path.join(tmpdir(), "countersign-"));
  const manifest = { name: "consumer", private: true, type: "module" };
  await writeFile(path.join(project, "package.json"), JSON.stringify(manifest));
  const archive = await pack(directory, path.join(project, "archive"));
  await npm(["install", "--offline", archive], project);
  return { directory: project, remove: () => rm(project, { recursive: true, force: true }) };
}

async function pack(directory, into) {
  await mkdir(into);
  await npm(["pack", path.resolve(directory), "--pack-destination", into], into);
  const [archive] = await readdir(into);
  return path.join(into, archive);
}

async function npm(words, directory) {
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  await run("npm", [...words, ...quiet], { cwd: directory });
}
