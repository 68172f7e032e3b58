/** A browser by the WebDriver protocol, as far as these tests need it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import process from "node:process";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const PATIENCE_MS = 20_000;

/** @param {{ driver: string, port: (port: number) => string[], capabilities: object }} browser */
export async function launch({ driver, port: toArguments, capabilities }) {
  const port = await freePort();
  // A group of its own: the driver may be a script that has started others.
  const child = spawn(driver, toArguments(port), { stdio: "ignore", detached: true });
  child.unref();
  const base = `http://127.0.0.1:${port}`;
  try {
    await until(() => fetch(`${base}/status`).then(({ ok }) => ok, () => false), `${driver} to start`);
    const { sessionId } = await request(`${base}/session`, "POST", { capabilities: { alwaysMatch: capabilities } });
    return new Browser(`${base}/session/${sessionId}`, child);
  } catch (error) {
    end(child);
    throw error;
  }
}

class Browser {
  #session;
  #child;

  constructor(session, child) {
    this.#session = session;
    this.#child = child;
  }

  async close() {
    await this.#send("DELETE", "").catch(() => {});
    end(this.#child);
  }

  go(url) {
    return this.#send("POST", "/url", { url });
  }

  url() {
    return this.#send("GET", "/url");
  }

  /** Runs an asynchronous function in the page. */
  evaluate(work, ...given) {
    const script = `const done = arguments[arguments.length - 1];
      Promise.resolve((${work})(...[...arguments].slice(0, -1))).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    return this.#send("POST", "/execute/async", { script, args: given }).then(({ value, error }) => {
      if (error !== undefined) throw new Error(error);
      return value;
    });
  }

  async click(selector) {
    const element = await this.#send("POST", "/element", { using: "css selector", value: selector });
    await this.#send("POST", `/element/${element[ELEMENT]}/click`, {});
  }

  windows() {
    return this.#send("GET", "/window/handles");
  }

  switchTo(handle) {
    return this.#send("POST", "/window", { handle });
  }

  async newTab() {
    const { handle } = await this.#send("POST", "/window/new", { type: "tab" });
    await this.switchTo(handle);
    return handle;
  }

  /** Waits until something is true in the page, or of the browser. */
  until(what, ...given) {
    return until(() => Promise.resolve(what(this, ...given)).catch(() => false), String(what));
  }

  #send(method, path, body) {
    return request(this.#session + path, method, body);
  }
}

function end({ pid }) {
  process.kill(-pid, "SIGTERM");
}

async function request(url, method, body) {
  const response = await fetch(url, { method, body: body && JSON.stringify(body), headers: { "content-type": "application/json" } });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

async function until(isTrue, what) {
  const end = Date.now() + PATIENCE_MS;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}
