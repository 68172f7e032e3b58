// The cache of a native app: records by name, in a file that only its owner can read, or in memory.
//
// The file has a line for each record: a version, a check, the name, the record. So a file that was cut loses the record that was cut,
// and lines of another version of this package are kept for it.

import { Buffer } from "node:buffer";
import { createHash, randomUUID } from "node:crypto";
import { chmodSync, readFileSync, realpathSync, statSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import process from "node:process";

import { AuthError, isAuthError } from "../auth-error.js";
import { lock } from "./file-lock.js";

const HEADER = "countersign cache\n";
const VERSION = "1";
/** Far more than the tokens of a person's accounts. */
const MAX_LENGTH = 16 * 1024 * 1024;
/** How often a file is moved to its place, and the pause between. */
const ATTEMPTS = 20;
const PAUSE_MS = 10;
/** Nobody writes for that long. */
const LEFT_MS = 60_000;
const OWNER_ONLY = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;

/** How a record begins, up to its first `&`, which tells its revision. */
const headOf = (record) => (record ?? "").split("&", 1)[0];

/** Records in memory, for an app that keeps nothing. */
export class MemoryCache {
  #records = new Map();
  #locks = new Map();

  async prepare() {}

  read(name) {
    return this.#records.get(name) ?? null;
  }

  names() {
    return [...this.#records.keys()];
  }

  /** Puts the record in the place of one that begins with `over`, or of any. @returns {boolean} whether it did */
  async write(name, record, over = headOf(this.read(name))) {
    if (headOf(this.read(name)) !== over) return false;
    this.#records.set(name, record);
    return true;
  }

  async delete(name) {
    this.#records.delete(name);
  }

  async lock(name) {
    const before = this.#locks.get(name);
    let release;
    this.#locks.set(name, new Promise((resolve) => (release = resolve)));
    await before;
    return release;
  }
}

/** Records in a file that processes share. */
export class CacheFile {
  #path;
  /** The file as it was read last, with what tells whether it was replaced since. */
  #seen = {};

  constructor(file) {
    this.#path = path.resolve(file);
  }

  /** Finds out whether the cache can be used, before a user signs in for it. */
  async prepare() {
    await this.#attempt(async () => {
      await mkdir(path.dirname(this.#path), { recursive: true, mode: OWNER_ONLY_DIRECTORY });
      this.#records();
      await this.#locked(async () => {});
    });
  }

  read(name) {
    return this.#records().get(name) ?? null;
  }

  names() {
    return [...this.#records().keys()];
  }

  /** Puts the record in the place of one that begins with `over`, or of any. @returns {Promise<boolean>} whether it did */
  async write(name, record, over) {
    return this.#change((records) => {
      if (over !== undefined && headOf(records.get(name)) !== over) return false;
      records.set(name, record);
      return true;
    });
  }

  async delete(name) {
    await this.#change((records) => records.delete(name));
  }

  /** Waits for a lock of all processes that share the file. */
  async lock(name) {
    return this.#attempt(() => lock(`${this.#target()}.${digest(name)}.lock`));
  }

  #change(change) {
    return this.#attempt(async () => {
      await mkdir(path.dirname(this.#path), { recursive: true, mode: OWNER_ONLY_DIRECTORY });
      return this.#locked(async () => {
        const records = new Map(this.#records());
        if (!change(records)) return false;
        await this.#replace(contentOf(records, this.#seen.foreign ?? []));
        return true;
      });
    });
  }

  async #locked(work) {
    const release = await lock(`${this.#target()}.lock`);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** A process that reads meanwhile, or after a power failure, finds the old file or the new one. */
  async #replace(content) {
    const target = this.#target();
    const written = `${target}.${randomUUID()}.tmp`;
    const file = await open(written, "wx", OWNER_ONLY);
    try {
      await file.writeFile(content);
      await file.sync();
      await file.close();
      await renamed(written, target);
    } catch (error) {
      await file.close().catch(() => {});
      await rm(written, { force: true });
      throw error;
    }
    await this.#sweep(path.dirname(target), path.basename(target));
    // Not every system can do that with a directory.
    const directory = await open(path.dirname(target), "r").catch(() => undefined);
    await directory?.sync().catch(() => {});
    await directory?.close();
  }

  /** Removes what processes left that ended while they wrote. */
  async #sweep(directory, name) {
    for (const left of await readdir(directory).catch(() => [])) {
      if (!left.startsWith(`${name}.`) || !left.endsWith(".tmp")) continue;
      const file = path.join(directory, left);
      const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Date.now() }));
      if (Math.abs(Date.now() - mtimeMs) > LEFT_MS) await rm(file, { force: true });
    }
  }

  #records() {
    return this.#attemptNow(() => {
      const stats = statSync(this.#path, { throwIfNoEntry: false, bigint: true });
      if (stats === undefined) this.#seen = { records: new Map() };
      else {
        const mark = [stats.ino, stats.size, stats.mtimeNs].join();
        // A device or a pipe would be waited for, and be replaced.
        if (!stats.isFile()) throw new Error("It is no file.");
        if (mark !== this.#seen.mark) this.#seen = { mark, ...this.#load(stats) };
      }
      return this.#seen.records;
    });
  }

  #load({ size, mode, uid }) {
    // A file that a program under sudo would make would be lost to the user.
    if (process.getuid !== undefined && process.getuid() !== Number(uid)) throw new Error("The file belongs to another user.");
    if (size > MAX_LENGTH) throw foreign(this.#path);
    if (process.platform !== "win32" && (Number(mode) & 0o077) !== 0) chmodSync(this.#path, OWNER_ONLY);
    return parse(readFileSync(this.#path, "utf8"), this.#path);
  }

  /** Where the file is, if the path is a link to it. */
  #target() {
    try {
      return realpathSync(this.#path);
    } catch {
      return this.#path;
    }
  }

  async #attempt(work) {
    try {
      return await work();
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  #attemptNow(work) {
    try {
      return work();
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  #unavailable(error) {
    return isAuthError(error) ? error : new AuthError("cache_unavailable", { detail: this.#path }, error);
  }
}

/** Windows refuses while somebody reads the file. */
async function renamed(from, to) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await rename(from, to);
    } catch (error) {
      if (process.platform !== "win32" || !["EPERM", "EACCES", "EBUSY"].includes(error.code) || attempt === ATTEMPTS) throw error;
      await new Promise((over) => setTimeout(over, PAUSE_MS));
    }
  }
}

function parse(content, file) {
  const records = new Map();
  // Lines of other versions, as they are.
  const foreign_ = [];
  // Nothing, or cut in its first line.
  if (HEADER.startsWith(content)) return { records, foreign: foreign_ };
  if (!content.startsWith(HEADER)) throw foreign(file);
  const lines = content.slice(HEADER.length).split("\n");
  const cut = lines.pop();
  for (const line of [...lines, cut]) {
    const [version, check, name, record] = line.split(" ");
    if (version !== VERSION) {
      if (line !== cut && line !== "") foreign_.push(line);
    } else if (record !== undefined && check === digest(`${name} ${record}`)) records.set(decodeURIComponent(name), decodeURIComponent(record));
  }
  return { records, foreign: foreign_ };
}

function contentOf(records, foreignLines) {
  const own = [...records].map(([name, record]) => {
    const text = `${encodeURIComponent(name)} ${encodeURIComponent(record)}`;
    return `${VERSION} ${digest(text)} ${text}\n`;
  });
  return Buffer.from(HEADER + own.join("") + foreignLines.map((line) => `${line}\n`).join(""));
}

const digest = (text) => createHash("sha256").update(text).digest("hex").slice(0, 16);

const foreign = (file) => new AuthError("cache_foreign", { detail: file });
