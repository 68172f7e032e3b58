/** How long a call takes that gets a token from the cache, with few and with many tokens in it. */
import { median } from "../../statistics.js";
import { takeTurns } from "../../turns.js";
import { closeTab, openTab } from "../tabs.js";

const OURS = "countersign";
/** Engines compile in tiers: before this a library is not itself. */
const WARM_UP_MS = 1500;
const CALLS_IN_WARM_UP = 1000;
/** Fifty steps of the page's clock, and so short that on a busy machine most samples are undisturbed. */
const SAMPLE_MS = 5;

/** @returns {AsyncGenerator<import("../../report.js").Measurement>} */
export async function* measureGetToken({ browser, peers, scopes, isQuick, progress }) {
  progress("measuring tokens from the cache");
  const series = new Map();
  for (const { name, site, sessions } of peers) {
    for (const [count, session] of sessions) {
      const tab = await openTab(browser, site, session);
      await tab.evaluate(() => globalThis.firstToken);
      const time = await tab.evaluateHandle(timer, scopes.slice(0, count));
      const measure = (calls) => time.evaluate((timeCalls, calls) => timeCalls(calls), calls);
      series.set(nameOf(name, count), { tab, measure, calls: await callsInSample(measure, count) });
    }
  }
  const samples = await takeTurns([...series.keys()], isQuick ? 60 : 200, (name) => series.get(name).measure(series.get(name).calls));
  for (const { tab } of series.values()) await closeTab(tab);

  const counts = [...peers.find(({ name }) => name === OURS).sessions.keys()];
  const one = nameOf(OURS, 1);
  yield {
    title: "token from the cache",
    unit: "µs",
    samples,
    comparisons: new Map(counts.map((count) => [nameOf(OURS, count), [...(count === 1 ? [] : [one]), ...others(peers, count)]])),
    budgets: [
      { name: one, other: nameOf("oidc-client-ts", 1), limit: 1 },
      { name: nameOf(OURS, counts.at(-1)), other: one, limit: 1.3 },
    ],
  };
}

/** The other peers with as many tokens, or with all that they keep. */
function others(peers, count) {
  const those = peers.filter(({ name }) => name !== OURS);
  return those.map(({ name, sessions }) => nameOf(name, sessions.has(count) ? count : 1));
}

const nameOf = (peer, count) => `${peer}, ${count.toLocaleString("en")} ${count === 1 ? "token" : "tokens"}`;

/** Warms up. @returns {Promise<number>} how many calls fill a sample */
async function callsInSample(measure, count) {
  // The first call for a token may take far longer than the others.
  await measure(Math.max(count, CALLS_IN_WARM_UP));
  const times = [];
  for (const before = performance.now(); performance.now() - before < WARM_UP_MS; ) times.push(await measure(CALLS_IN_WARM_UP));
  return Math.ceil((SAMPLE_MS * 1000) / median(times));
}

/** In the page. @returns a function that makes so many calls and gives the microseconds for each */
function timer(scopes) {
  // A prime that divides no number of scopes: every call asks for another one, and all have their turn.
  const stride = 389;
  let next = 0;
  return async (calls) => {
    const { getToken } = await globalThis.library;
    const before = performance.now();
    for (let call = 0; call < calls; call += 1) {
      next = (next + stride) % scopes.length;
      await getToken(scopes[next]);
    }
    return ((performance.now() - before) * 1000) / calls;
  };
}
