/** Real sessions: the user signs in, and the library collects tokens. */
import { closeTab, openTab } from "./tabs.js";

/**
 * @param {number[]} counts ascending
 * @returns {Promise<Map<number, Record<string, string>>>} what the storage holds with so many tokens; a library whose
 *   sign-in gets a token for the provider's own API holds that one as well
 */
export async function collectSessions(browser, site, { scopes, counts }) {
  const tab = await openTab(browser, site);
  try {
    await signIn(tab, site);
    const keepsOneToken = await tab.evaluate(async () => (await globalThis.library).keepsOneToken);
    const sessions = new Map();
    for (const count of keepsOneToken ? [1] : counts) {
      const collected = await tab.evaluate(collect, scopes.slice(0, count));
      if (collected !== count) throw new Error(`${count} scopes gave ${collected} tokens.`);
      sessions.set(count, await tab.evaluate(() => ({ ...sessionStorage })));
    }
    return sessions;
  } finally {
    await closeTab(tab);
  }
}

async function signIn(tab, { origin }) {
  // The page is left while the call is still open.
  const isBack = tab.waitForURL((url) => url.origin === origin && url.search + url.hash !== "");
  await Promise.all([isBack, tab.evaluate(async () => void (await globalThis.library).signIn()).catch(() => {})]);
  await tab.evaluate(() => globalThis.firstToken);
}

/** In the page. @returns {Promise<number>} how many different tokens there are for the scopes */
async function collect(scopes) {
  const { getToken, accessTokenOf } = await globalThis.library;
  const tokens = new Set();
  for (const scope of scopes) tokens.add(accessTokenOf(await getToken(scope)));
  tokens.delete(undefined);
  return tokens.size;
}
