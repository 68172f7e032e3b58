/** workerd itself, without what miniflare puts around it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const { default: WORKERD } = createRequire(createRequire(import.meta.url).resolve("miniflare"))("workerd");
const COMPATIBILITY_DATE = "2026-04-01";
const KINDS = { ESModule: "esModule", CompiledWasm: "wasm" };

/**
 * Starts a Worker of these modules, the entry first, asks it once and stops it.
 *
 * @param {string} body of the request
 * @returns {Promise<{ wall: number, processor: number }>} milliseconds until its response has come, and of the processor meanwhile
 */
export async function firstResponse(modules, body) {
  const directory = await mkdtemp(path.join(tmpdir(), "countersign-start-"));
  try {
    const config = await writeConfig(directory, modules);
    const before = performance.now();
    const workerd = spawn(WORKERD, ["serve", "--control-fd=3", config], { stdio: ["ignore", "ignore", "inherit", "pipe"] });
    const ended = once(workerd, "exit");
    try {
      const [line] = await once(createInterface(workerd.stdio[3]), "line");
      const response = await fetch(`http://127.0.0.1:${JSON.parse(line).port}/`, { method: "POST", body });
      const text = await response.text();
      const wall = performance.now() - before;
      const processor = await processorTime(workerd.pid);
      if (text !== "ok") throw new Error(`A cold Worker responded ${response.status}: ${text}`);
      return { wall, processor };
    } finally {
      workerd.kill("SIGKILL");
      await ended;
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** What all threads of a process have run, in milliseconds; NaN where there is no /proc. A busy machine changes it little. */
async function processorTime(pid) {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => undefined);
  if (threads === undefined) return NaN;
  const times = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8").catch(() => "0")));
  return times.reduce((sum, text) => sum + Number.parseInt(text, 10), 0) / 1e6;
}

async function writeConfig(directory, modules) {
  const embedded = modules.map(async ({ type, path: file, contents }) => {
    const name = path.basename(file);
    await writeFile(path.join(directory, name), contents);
    return `(name = ${JSON.stringify(name)}, ${KINDS[type]} = embed ${JSON.stringify(name)})`;
  });
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "worker", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  modules = [${(await Promise.all(embedded)).join(", ")}],
  compatibilityDate = "${COMPATIBILITY_DATE}",
);
`;
  const file = path.join(directory, "config.capnp");
  await writeFile(file, config);
  return file;
}
