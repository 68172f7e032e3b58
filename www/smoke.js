/** Drives the demo as a person would, in headless Chromium. */
import assert from "node:assert/strict";
import { accessSync, constants, mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

import { chromium } from "playwright-core";

const TARGET = fileURLToPath(new URL("../target/", import.meta.url));
const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const STEP_TIMEOUT = 20_000;

/** @returns {Promise<boolean>} whether every step succeeded; everything else was printed */
export async function smoke(demo, stopped) {
  const browser = await chromium.launch({
    executablePath: findBrowser(),
    args: ARGUMENTS,
    // A signal stops the demo, and the demo stops the browser.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  const close = () => browser.close();
  stopped.addEventListener("abort", close);
  try {
    stopped.throwIfAborted();
    const page = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
    page.setDefaultTimeout(STEP_TIMEOUT);
    const watch = new Watch(page, demo);
    try {
      await walk(page, demo, watch);
    } catch (error) {
      stopped.throwIfAborted();
      await report(page, watch, error);
      return false;
    }
    console.log("smoke: ok");
    return true;
  } catch (error) {
    if (!stopped.aborted) throw error;
    console.error("smoke: stopped early");
    return false;
  } finally {
    await close();
  }
}

async function walk(page, { page: { url }, provider, tokenLife }, watch) {
  const step = stepwise(refusalIn(page));
  const heading = page.getByRole("heading", { level: 1 });
  const press = (name) => page.getByRole("button", { name, exact: true }).click();

  await step("the page asks who goes there", async () => {
    await page.goto(url);
    await heading.getByText("Who goes there?").waitFor();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
  });

  await step("signed in at the provider, and back", async () => {
    await press("Sign in");
    await page.waitForURL((at) => at.origin === new URL(provider.authority).origin);
    await provider.signIn(page);
    await heading.getByText(/^Pass, \w+\.$/).waitFor();
    assert.equal(page.url(), url, "the response was not removed from the URL");
  });

  const first = await step("the API responds 200", () => callApi(page, press, 200));

  await step("the token was refreshed before it expired", async () => {
    const changed = (before) => document.querySelector("[data-fingerprint]")?.dataset.fingerprint !== before;
    await page.waitForFunction(changed, first.fingerprint, { timeout: (tokenLife + 10) * 1000 });
    assert.match(await textOf(page, "#steps"), /refresh_response/);
  });

  await step("the API responds 200 to the new token", async () => {
    const second = await callApi(page, press, 200);
    assert.notEqual(second.fingerprint, first.fingerprint, "the token is still the old one");
    assert.ok(second.body.token.issued > first.body.token.issued, "the API saw the old token");
  });

  await step("no token, code or verifier is seen in the page", () => watch.assertNothingLeaked());

  await step("signed out, at the provider too", async () => {
    const atProvider = page.waitForRequest(
      (request) => request.isNavigationRequest() && request.url().startsWith(new URL(provider.authority).origin),
    );
    await press("Sign out");
    await atProvider;
    await page.waitForURL(url);
    await heading.getByText("Who goes there?").waitFor();
  });

  await step("the API responds 401", () => callApi(page, press, 401));

  await step("nothing was seen until the end, and nothing was blocked", async () => {
    await watch.assertNothingLeaked();
    assert.deepEqual(watch.complaints, []);
  });
}

/** Presses the button and reads the response that the page shows, with the fingerprint of the page's token. */
async function callApi(page, press, status) {
  await page.evaluate(() => document.querySelector(".verdict")?.remove());
  await press("Call the API");
  const verdict = page.locator(".verdict");
  await verdict.waitFor();
  assert.equal(await verdict.getAttribute("data-status"), String(status));
  const text = await page.locator("#response pre").innerText();
  if (status !== 200) {
    assert.match(text, /^WWW-Authenticate: Bearer/);
    return undefined;
  }
  const fingerprint = await page.locator("[data-fingerprint]").getAttribute("data-fingerprint");
  return { fingerprint, body: JSON.parse(text) };
}

/** Learns every secret from the requests and responses, and looks for it in everything that a person could see. */
class Watch {
  complaints = [];
  #page;
  #reads = [];
  #secrets = new Set();
  #console = [];

  constructor(page, { provider }) {
    this.#page = page;
    const isAtProvider = (url) => new URL(url).origin === new URL(provider.authority).origin;
    page.on("response", (response) => {
      const request = response.request();
      const form = new URLSearchParams(request.postData() ?? "");
      if (isAtProvider(response.url()) && form.has("grant_type")) {
        this.#learn(form, ["code", "code_verifier", "refresh_token"]);
        this.#reads.push(response.json().then((tokens) => this.#learn(new Map(Object.entries(tokens)), TOKENS)));
      }
    });
    page.on("console", (message) => {
      this.#console.push(message.text());
      if (/Content Security Policy|TrustedHTML|TrustedScript/.test(message.text())) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
  }

  async assertNothingLeaked() {
    await Promise.all(this.#reads);
    assert.ok(this.#secrets.size >= 5, "the watch saw no token request");
    const seen = [
      this.#page.url(),
      await this.#page.evaluate(() => document.documentElement.outerHTML),
      await this.#page.evaluate(() => sessionStorage.getItem("demo.steps")),
      ...this.#console,
    ].join("\n");
    const leaked = [...this.#secrets].filter((secret) => seen.includes(secret));
    assert.equal(leaked.length, 0, `${leaked.length} secrets can be seen in the page`);
  }

  withoutSecrets(text) {
    return [...this.#secrets].reduce((clean, secret) => clean.replaceAll(secret, "…"), text);
  }

  #learn(values, names) {
    for (const name of names) {
      if (values.get(name)) this.#secrets.add(values.get(name));
    }
  }
}

const TOKENS = ["access_token", "refresh_token", "id_token"];

/** Rejects as soon as the page shows an error, so that no step waits in vain. */
async function refusalIn(page) {
  await page.locator("#refusal").waitFor({ timeout: 0 });
  const words = await textOf(page, "#refusal-code, #refusal-message, #refusal-server");
  throw new Error(`the page refuses: ${words.replaceAll("\n", " ")}`);
}

function stepwise(refusal) {
  // It also rejects when the browser closes, with nobody waiting.
  refusal.catch(() => {});
  return async (name, action) => {
    const startedAt = performance.now();
    let result;
    try {
      result = await Promise.race([action(), refusal]);
    } catch (error) {
      throw new Error(`“${name}” failed: ${error.message}`, { cause: error });
    }
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`smoke: ${seconds.padStart(4)} s  ${name}`);
    return result;
  };
}

async function report(page, watch, error) {
  mkdirSync(TARGET, { recursive: true });
  await page.screenshot({ path: path.join(TARGET, "smoke.png"), fullPage: true }).catch(() => {});
  const { origin, pathname } = new URL(page.url());
  const steps = (await textOf(page, ".step")).replaceAll(/\n+/g, "\n  ");
  const paragraphs = [
    `smoke: failed: ${stripVTControlCharacters(error.message)}`,
    `The page is at ${origin}${pathname} and looks like target/smoke.png.`,
    ...watch.complaints.map((complaint) => `It complains: ${complaint}`),
    ...(steps ? [`Its log:\n  ${steps}`] : []),
  ];
  console.error(watch.withoutSecrets(paragraphs.join("\n\n")));
}

/** The text of these elements; empty if there are none, as on the provider's pages. */
async function textOf(page, selector) {
  const texts = await page.locator(selector).allInnerTexts().catch(() => []);
  return texts.join("\n");
}

function findBrowser() {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const found = BROWSERS.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isExecutable);
  if (found) return found;
  console.error(`There is no browser on the PATH. Install one of ${BROWSERS.join(", ")}; on Debian: apt-get install chromium`);
  process.exit(1);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
