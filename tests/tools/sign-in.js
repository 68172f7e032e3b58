/** Opens a row's page, which signs in and calls its APIs. */

/** @param {import("playwright-core").Browser} browser @param {{ user: string, apis: string[] }} expected */
export async function signInAndCall(browser, url, { user, apis }) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  try {
    await page.goto(url);
    await page.waitForFunction(() => /^(called|failed) /.test(document.title), undefined, { timeout: 30_000 });
    const called = `called ${JSON.stringify(apis.map(() => `200 ${JSON.stringify({ user })}`))}`;
    const title = await page.title();
    if (title !== called) throw new Error(`The page says: ${title}`);
  } catch (error) {
    throw new Error([error.message, `It is at ${page.url()}`, ...complaints].join("\n"));
  } finally {
    await context.close();
  }
}
