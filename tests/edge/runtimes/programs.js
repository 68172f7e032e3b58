/** The suite in the runtimes that are programs of the command line. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { bundleProgram } from "../../consumer/bundle.js";

/** The Node that runs this, and the first other one on the PATH. */
export function nodes() {
  const known = new Map([[process.version, process.execPath]]);
  for (const directory of process.env.PATH.split(path.delimiter)) {
    const program = path.join(directory, "node");
    const version = versionOf(program);
    if (version !== undefined && parseInt(version.slice(1)) >= 20 && !known.has(version)) {
      known.set(version, program);
      break;
    }
  }
  return [...known].map(([version, program]) => ({ name: `Node ${version.slice(1)}`, program }));
}

/** Deno and Bun, as npm has installed them beside the tests. */
export function otherRuntimes() {
  return [
    { name: "Deno", command: [installed("deno"), "run", "--allow-all", "--quiet"] },
    { name: "Bun", command: [installed("bun")] },
  ].map(({ name, command }) => {
    const version = versionOf(command[0])?.match(/\d+\.\d+\.\d+/)?.[0];
    if (version === undefined) throw new Error(`${name} does not start: run \`npm rebuild deno bun --foreground-scripts\` in tests/.`);
    return { name: `${name} ${version}`, command };
  });
}

const installed = (program) => fileURLToPath(new URL(`../../node_modules/.bin/${program}`, import.meta.url));

function versionOf(program) {
  try {
    return execFileSync(program, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}

/** @param {(result: { name: string, error?: string }) => void} report */
export function runProgram(command, { project, provider, only, program = new URL("program.js", import.meta.url) }, report) {
  return runEntry(command, program, [provider, only], project, report);
}

/** The comparison with jose, in this Node. @param {(result: { name: string, error?: string }) => void} report */
export async function runDifferential({ project, only }, report) {
  if (!"differential".startsWith(only)) return;
  await runEntry([process.execPath], new URL("../differential/program.js", import.meta.url), [], project, report);
}

async function runEntry(command, entry, given, project, report) {
  const suite = await bundleProgram(entry, project, "suite.mjs");
  const [program, ...words] = command;
  const child = spawn(program, [...words, suite, ...given], { cwd: project, stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  for await (const line of createInterface({ input: child.stdout })) report(JSON.parse(line));
  const [code, signal] = await closed;
  if (code !== 0) report({ name: "the suite runs to its end", error: `It ended with ${signal ?? code}.` });
}
