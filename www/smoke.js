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

async function walk(page, { page: { url }, provider, archive, tokenLife }, watch) {
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

  await step("the API was shown a user's token that is made out to it", async () => {
    await assertHop(page, "page-to-api", { kind: "user", token: first.body.token, verifier: provider.api.verifier });
  });

  if (provider.api.client) {
    await step("it called the downstream API on behalf of the user, with another token; countersign and jose agree", async () => {
      const { status, token, records, verifiedBy } = first.body.archive;
      assert.deepEqual([status, records, verifiedBy], [200, 3, ["countersign/edge", "jose"]]);
      await assertHop(page, "api-to-archive", { kind: "user", token, verifier: provider.archive.verifier });
    });
  } else {
    await step("the page says why the API cannot act on behalf of the user", async () => {
      assert.equal(await textOf(page, "#api-to-archive .hop-note"), provider.api.gap);
      assert.equal(first.body.archive, undefined);
    });
  }

  await step("the daemon called both as itself, with a token for each", async () => {
    await page.locator("#daemon-to-api[data-state=passed]").waitFor();
    await page.locator("#daemon-to-archive[data-state=passed]").waitFor();
    const { api, archive } = await (await fetch(new URL("daemon", url))).json();
    assert.deepEqual(archive.verifiedBy, ["countersign/edge", "jose"]);
    await assertHop(page, "daemon-to-api", { kind: "app", token: api.token, verifier: provider.api.verifier });
    await assertHop(page, "daemon-to-archive", { kind: "app", token: archive.token, verifier: provider.archive.verifier });
  });

  await step("the downstream API refuses the page's token, and a call without one; so does jose", async () => {
    for (const headers of [{ authorization: `Bearer ${watch.accessToken}` }, {}]) {
      assert.equal((await fetch(archive.url, { headers })).status, 401);
    }
  });

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

  await step("the API responds 401", async () => {
    await callApi(page, press, 401);
    await page.locator("#page-to-api[data-state=refused]").waitFor();
  });

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

/** The map shows of this token what its receiver, which has this verifier, was to see. */
async function assertHop(page, id, { kind, token, verifier }) {
  const needed = verifier[kind];
  const permissions = { scopes: needed.scope ? [needed.scope] : [], roles: needed.roles ? [needed.roles] : [] };
  assert.deepEqual({ kind: token.kind, audience: token.audience, scopes: token.scopes, roles: token.roles }, { kind, audience: verifier.audience, ...permissions });
  const shown = await textOf(page, `#${id}`);
  const words = [KIND_WORDS[kind], verifier.audience, ...permissions.scopes, ...permissions.roles];
  for (const word of words) assert.ok(shown.includes(word), `${id} does not show ${word}: ${shown}`);
  assert.match(shown, /\d+ s left/);
}

const KIND_WORDS = { user: "User’s token", app: "Application’s token" };

/** Learns every secret from the requests and responses, and looks for it in everything that a person could see. */
class Watch {
  complaints = [];
  /** The page's newest. */
  accessToken;
  #page;
  #origin;
  #reads = [];
  #secrets = new Set();
  #console = [];

  constructor(page, { provider, page: { url } }) {
    this.#page = page;
    this.#origin = url;
    const isAtProvider = (url) => new URL(url).origin === new URL(provider.authority).origin;
    page.on("response", (response) => {
      const request = response.request();
      const form = new URLSearchParams(request.postData() ?? "");
      if (isAtProvider(response.url()) && form.has("grant_type")) {
        this.#learn(form, ["code", "code_verifier", "refresh_token"]);
        this.#reads.push(response.json().then((tokens) => this.#learnTokens(tokens)));
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
    const daemon = await fetch(new URL("/daemon", this.#origin));
    const seen = [
      this.#page.url(),
      await daemon.text(),
      await this.#page.evaluate(() => document.documentElement.outerHTML),
      await this.#page.evaluate(() => sessionStorage.getItem("demo.steps")),
      ...this.#console,
    ].join("\n");
    const leaked = [...this.#secrets].filter((secret) => seen.includes(secret));
    assert.equal(leaked.length, 0, `${leaked.length} secrets can be seen in the page`);
    // The tokens that the APIs and the daemon carried did not pass here: a JWT begins like this.
    assert.doesNotMatch(seen, /\beyJ[\w-]+\./, "a token can be seen in the page");
  }

  withoutSecrets(text) {
    return [...this.#secrets].reduce((clean, secret) => clean.replaceAll(secret, "…"), text);
  }

  #learnTokens(tokens) {
    this.accessToken = tokens.access_token;
    this.#learn(new Map(Object.entries(tokens)), TOKENS);
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
