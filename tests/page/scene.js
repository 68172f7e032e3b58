/** What a test stands on: a provider and an origin of its own, and pages in a browser that all tests of a file share. */
import { after } from "node:test";

import { launchChromium } from "../consumer/chromium.js";
import { PageClient } from "./client.js";
import { PATIENCE_MS, startProviders } from "./provider.js";
import { startSite } from "./site.js";

const [browser, providers, site] = await Promise.all([
  // By default Playwright keeps pages out of the back/forward cache.
  // It also lets every script open windows; a user's browser wants a click.
  launchChromium({ ignoreDefaultArgs: ["--disable-back-forward-cache", "--disable-popup-blocking"] }),
  startProviders(),
  startSite(),
]);
after(async () => {
  await browser.close();
  providers.stop();
  site.stop();
});

/**
 * A page that is loaded, nobody signed in.
 *
 * @param {{ path?: string, site?: object, whenLoaded?: Function, clock?: number }} [options] `whenLoaded` runs in every page as
 *   soon as the package is there; `clock` is the pages' time in milliseconds
 */
export async function opened(t, { path = "/", site: itsSettings, whenLoaded, clock } = {}) {
  const context = await browser.newContext();
  t.after(() => context.close());
  context.setDefaultTimeout(PATIENCE_MS);
  await context.clock.install({ time: clock });
  await context.addInitScript(timeOutByTheClock);
  const scene = new Scene(context, providers.open(), site.origin(itsSettings));
  if (whenLoaded) await context.addInitScript(`globalThis.whenLoaded = ${whenLoaded};`);
  const page = await scene.open(path);
  return Object.assign(scene, { page });
}

/** A page in which somebody has signed in, and its client. */
export async function signedIn(t, { clientOptions, provider = () => {}, ...options } = {}) {
  const scene = await opened(t, options);
  provider(scene.provider);
  const client = await scene.signIn(scene.page, clientOptions);
  return Object.assign(scene, { client });
}

class Scene {
  constructor(context, provider, origin) {
    this.context = context;
    this.provider = provider;
    this.origin = origin;
  }

  /** Another page, in a tab of its own. */
  async open(path = "/") {
    const page = await this.context.newPage();
    await page.goto(this.origin + path);
    return loaded(page);
  }

  /** A frame in a page, of the page's own origin. */
  async frameIn(page, path = "/") {
    const element = await page.evaluateHandle((path) => {
      const frame = Object.assign(document.createElement("iframe"), { src: path });
      document.body.append(frame);
      return frame;
    }, path);
    return loaded(await element.contentFrame());
  }

  /** A client in a page or a frame. */
  newClient(page, options) {
    return PageClient.create(page, { authority: this.provider.issuer, clientId: "page", ...options });
  }

  /** Signs in through the provider; the client that completed it. */
  async signIn(page, clientOptions, signInOptions) {
    const first = await this.newClient(page, clientOptions);
    await first.leave(signInOptions);
    const client = await this.newClient(page, clientOptions);
    await client.call("handleRedirect");
    return client;
  }

  /** Loads a page again. @returns a new client in it */
  async reloaded(page, clientOptions) {
    await page.reload();
    await loaded(page);
    return this.newClient(page, clientOptions);
  }

  /**
   * Lets time pass on the pages and at the provider, in steps; the requests that become due are waited for.
   *
   * @param {number} seconds
   */
  async pass(seconds, step = seconds, page = this.page) {
    for (let passed = 0; passed < seconds; passed += step) {
      this.provider.ahead += step;
      await page.clock.runFor(step * 1000);
      await settled(page);
    }
  }
}

/** The page or frame, once the package is there. */
export async function loaded(page) {
  await page.waitForFunction(() => globalThis.program !== undefined);
  return page;
}

/** Waits for the refreshes that have begun. */
export function settled(page) {
  return page.evaluate(async () => {
    for (;;) {
      const { held, pending } = await navigator.locks.query();
      const busy = [...held, ...pending].find(({ name }) => name.startsWith("countersign:refresh:"));
      if (busy === undefined) return;
      await navigator.locks.request(busy.name, () => {});
    }
  });
}

// The clock that tests move knows timers, but not `AbortSignal.timeout`.
function timeOutByTheClock() {
  AbortSignal.timeout = (milliseconds) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new DOMException("timed out", "TimeoutError")), milliseconds);
    return controller.signal;
  };
}
