/** Tabs of Chromium that show the page of a peer. */

/** A tab with this session in its storage, in a profile of its own. @param {Record<string, string>} session */
export async function openTab(browser, { origin }, session = {}) {
  // The authority's certificate is its own.
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const tab = await context.newPage();
  await tab.goto(`${origin}/blank`);
  await tab.evaluate((records) => Object.entries(records).forEach(([key, record]) => sessionStorage.setItem(key, record)), session);
  await tab.goto(origin);
  return tab;
}

export const closeTab = (tab) => tab.context().close();
