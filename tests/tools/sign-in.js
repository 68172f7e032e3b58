/** Opens a row's page in a browser of its own. */
import assert from "node:assert/strict";

/** @param {import("playwright-core").Browser} browser @param {(page: import("playwright-core").Page) => Promise<void>} visit */
export async function open(browser, url, visit) {
  const context = await browser.newContext();
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  try {
    await page.goto(url);
    await visit(page);
  } catch (error) {
    throw new Error([error.message, `It is at ${page.url()} with the title ${await page.title()}`, ...complaints].join("\n"));
  } finally {
    await context.close();
  }
}

/** The program of program.js signs in by itself, and says in the title what its APIs responded. */
export async function signInAndCall(page, { user, apis }) {
  await page.waitForFunction(() => /^(called|failed) /.test(document.title));
  assert.equal(await page.title(), `called ${JSON.stringify(apis.map(() => `200 ${JSON.stringify({ user })}`))}`);
}
