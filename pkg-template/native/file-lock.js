// Locks between processes: a file that exists while one of them holds the lock.
//
// A process that dies leaves its file behind. It is taken to be stale if its process is gone, or if nobody has touched it for longer than
// any work under a lock takes.

import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { link, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import process from "node:process";

/** Longer than any work under a lock takes: who has not released one by then is frozen. */
const PATIENCE_MS = 60_000;
/** Nobody holds the right to remove a stale lock for longer than it takes to do so. */
const REMOVAL_MS = 5_000;
/** What a file system without hard links says. */
const WITHOUT_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL", "EMLINK"];
const SHORTEST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 50;

/** The end of each queue of this process, by the path: one of its calls at a time tries to make the file. */
const queues = new Map();

/** Waits for the lock of this path. @returns {Promise<() => void>} what releases it, at once: the program may end after it */
export async function lock(path) {
  const before = queues.get(path);
  let leave;
  const left = new Promise((resolve) => (leave = resolve));
  queues.set(path, left);
  const advance = () => {
    if (queues.get(path) === left) queues.delete(path);
    leave();
  };
  await before;
  try {
    const release = await acquire(path);
    return () => {
      release();
      advance();
    };
  } catch (error) {
    advance();
    throw error;
  }
}

async function acquire(path) {
  const id = randomUUID();
  for (let pause = SHORTEST_PAUSE_MS; !(await create(path, id)); pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const holder = await look(path);
    if (holder?.isStale) await remove(path, holder.text);
    else await new Promise((over) => setTimeout(over, pause * (0.5 + Math.random())));
  }
  const since = Date.now();
  return () => {
    // A lock that was held for long may have been taken away, and be another's.
    if (Date.now() - since > PATIENCE_MS / 2) remove(path, textOf(id)).catch(() => {});
    else rmSync(path, { force: true });
  };
}

/** What a lock file says: whose it is. */
const textOf = (id) => JSON.stringify({ id, pid: process.pid, host: hostname() });

/** Makes the file with its content in one step: a process may end between two. @returns whether it was not there */
async function create(path, id) {
  const written = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(written, textOf(id), { flag: "wx", mode: 0o600 });
    await link(written, path);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    if (!WITHOUT_LINKS.includes(error.code)) throw error;
    return await createWithoutLink(path, id);
  } finally {
    await rm(written, { force: true });
  }
}

/** For file systems without hard links. */
async function createWithoutLink(path, id) {
  try {
    await writeFile(path, textOf(id), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    // Windows refuses while the file of the last holder is being removed.
    if (error.code === "EEXIST" || (error.code === "EPERM" && process.platform === "win32")) return false;
    throw error;
  }
}

/** The holder of the lock, unless it was released. */
async function look(path) {
  try {
    const [{ mtimeMs }, text] = await Promise.all([stat(path), readFile(path, "utf8")]);
    return { text, isStale: Math.abs(Date.now() - mtimeMs) > PATIENCE_MS || isGone(text) };
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether the process that wrote this has ended. Of another machine or container nobody knows. */
function isGone(text) {
  try {
    const { pid, host } = JSON.parse(text);
    if (host !== hostname() || pid === process.pid) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

/** Removes the lock file if it still says this. One process at a time may: otherwise the second would remove the lock of the first. */
async function remove(path, text) {
  const guard = `${path}.removal`;
  if (!(await create(guard, "").catch(() => false))) {
    const { mtimeMs } = await stat(guard).catch(() => ({ mtimeMs: Date.now() }));
    if (Math.abs(Date.now() - mtimeMs) > REMOVAL_MS) await rm(guard, { force: true });
    await new Promise((over) => setTimeout(over, SHORTEST_PAUSE_MS));
    return;
  }
  try {
    if ((await readFile(path, "utf8").catch(() => undefined)) === text) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}
