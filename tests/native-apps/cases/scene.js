// What a case has: the local authority, a system's browser, a folder of its own, further processes of the app.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";

import { createNativeClient } from "countersign/native";

import { test as plainTest } from "../../edge/cases/case.js";

export const ORDERS = "api://orders.contoso.example";
export const GRAPH = "https://graph.microsoft.com";

/** @param {string} name the rule that the case holds @param {(scene: Scene) => Promise<void>} run */
export function test(name, run) {
  plainTest(name, async (provider) => {
    const scene = new Scene(JSON.parse(provider), await mkdtemp(path.join(tmpdir(), "countersign-native-")));
    const { PATH } = process.env;
    process.env.PATH = `${scene.opener}${path.delimiter}${PATH}`;
    try {
      await run(scene);
    } finally {
      process.env.PATH = PATH;
      await scene.close();
    }
  });
}

class Scene {
  #browser;
  #child;
  #clients = [];

  constructor({ origin, control, tenants, applications, oidc, browser, opener, child }, folder) {
    [this.contoso] = tenants;
    this.origin = origin;
    this.control = control;
    this.v2 = `${origin}/${this.contoso}/v2.0`;
    this.v1 = `${origin}/${this.contoso}`;
    this.clientId = applications["Orders desktop"].clientId;
    this.applications = applications;
    this.oidc = oidc;
    this.opener = opener;
    this.folder = folder;
    this.cacheFile = path.join(folder, "cache", "tokens");
    this.#browser = browser;
    this.#child = child;
  }

  /** The options of an app that calls the Orders API. */
  get options() {
    return { authority: this.v2, clientId: this.clientId, scope: `openid profile offline_access ${ORDERS}/Orders.Read`, cacheFile: this.cacheFile };
  }

  async client(options = {}) {
    const client = await createNativeClient({ ...this.options, ...options });
    this.#clients.push(client);
    return client;
  }

  /** A client with a signed-in user. No browser is needed for what is not about it. */
  async signedIn(options = {}, user = "alice@contoso.onmicrosoft.com") {
    const client = await this.client({ openBrowser: follow, ...options });
    const account = await client.signIn({ loginHint: user });
    return { client, account };
  }

  /** A request to the authority's control port. */
  async tell(method, route, body) {
    const response = await fetch(`${this.control}${route}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const said = await response.text();
    if (!response.ok) throw new Error(`${method} ${route}: ${said}`);
    return said === "" ? undefined : JSON.parse(said);
  }

  /** The token requests so far, with these parameters. */
  async tokenRequests(parameters = {}) {
    const requests = await this.tell("GET", "/requests?path=/token&method=POST");
    return requests.filter(({ form }) => Object.entries(parameters).every(([name, value]) => form[name] === value));
  }

  /** The page that the system's browser shows, once it shows one for a URL that begins so. */
  async visit(start) {
    for (;;) {
      const visits = await (await fetch(this.#browser)).json();
      const visit = visits.find(({ asked }) => asked.startsWith(start));
      if (visit?.error) throw new Error(visit.error);
      if (visit?.title !== undefined) return visit;
      await new Promise((over) => setTimeout(over, 20));
    }
  }

  /** A person opens this URL, and enters this code. */
  async open(url, userCode) {
    await fetch(this.#browser, { method: "POST", body: JSON.stringify({ url, userCode }) });
  }

  /** Another process of the app. @returns what it printed, or its lines as they come with `lines` */
  start(task, onLine = () => {}) {
    const [program, ...words] = this.#child;
    const process_ = spawn(program, [...words, JSON.stringify(task)], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = [];
    let rest = "";
    process_.stdout.setEncoding("utf8").on("data", (chunk) => {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop();
      for (const part of parts) {
        lines.push(JSON.parse(part));
        onLine(lines.at(-1));
      }
    });
    const ended = new Promise((resolve) => process_.once("close", (code, signal) => resolve({ code, signal, lines })));
    return { process: process_, ended };
  }

  async close() {
    for (const client of this.#clients) client.close();
    await this.tell("DELETE", "/faults");
    await this.tell("DELETE", "/requests");
    await this.tell("POST", "/clock", { reset: true });
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A browser without pages: follows the redirects of an authority that signs in by itself. @returns {Promise<string>} the last page */
export async function follow(url) {
  for (let next = url; ; ) {
    const response = await fetch(next, { redirect: "manual" });
    const location = response.headers.get("location");
    if (location === null) return response.text();
    await response.body?.cancel();
    next = new URL(location, next).href;
  }
}

/** The same for a redirect URI that is the app's own: where the browser would leave the web. */
export async function followTo(scheme, url) {
  for (let next = url; ; ) {
    const response = await fetch(next, { redirect: "manual" });
    const location = response.headers.get("location");
    await response.body?.cancel();
    if (location.startsWith(scheme)) return location;
    next = new URL(location, next).href;
  }
}

export const pause = (milliseconds) => new Promise((over) => setTimeout(over, milliseconds));
