/** How long a page takes from its reload to its first token, with a session of one token in the storage. */
import { takeTurns } from "../../turns.js";
import { closeTab, openTab } from "../tabs.js";

const OURS = "countersign";
const BYTES_PER_MBIT = 1_000_000 / 8;
const NETWORKS = [
  // A negative throughput is no limit.
  { name: "loopback", latency: 0, megabits: -1, isJudged: false },
  { name: "4 Mbit/s and 60 ms", latency: 60, megabits: 4, isJudged: true },
];
/** With the peers that the page has to be ahead of. */
const CACHES = [
  { name: "cold", isDisabled: true, aheadOf: ["msal-browser"] },
  { name: "warm", isDisabled: false, aheadOf: ["msal-browser", "oidc-client-ts"] },
];
/** Chromium keeps compiled code with a cached script that was loaded several times. */
const LOADS_BEFORE = 4;

/** @returns {AsyncGenerator<import("../../report.js").Measurement>} one for each network and cache */
export async function* measureFirstToken({ browser, peers, isQuick, progress }) {
  const tabs = new Map();
  for (const { name, site, sessions } of peers) tabs.set(name, await controlledTab(browser, site, sessions.get(1)));
  const names = [...tabs.keys()];
  for (const network of NETWORKS) {
    for (const cache of CACHES) {
      const title = `reload to first token, ${cache.name}, ${network.name}`;
      progress(`measuring ${title}`);
      for (const tab of tabs.values()) await tab.set(network, cache);
      for (let load = 0; load < LOADS_BEFORE; load += 1) for (const tab of tabs.values()) await tab.load();
      const samples = await takeTurns(names, isQuick ? 7 : 21, (name) => tabs.get(name).load());
      const budgets = network.isJudged ? cache.aheadOf.map((other) => ({ name: OURS, other, limit: 1 })) : [];
      yield { title, unit: "ms", samples, comparisons: new Map([[OURS, names.filter((name) => name !== OURS)]]), budgets };
    }
  }
  for (const { tab } of tabs.values()) await closeTab(tab);
}

async function controlledTab(browser, site, session) {
  const tab = await openTab(browser, site, session);
  const devtools = await tab.context().newCDPSession(tab);
  await devtools.send("Network.enable");
  return {
    tab,
    async set({ latency, megabits }, { isDisabled }) {
      const throughput = megabits * BYTES_PER_MBIT;
      await devtools.send("Network.setCacheDisabled", { cacheDisabled: isDisabled });
      await devtools.send("Network.emulateNetworkConditions", { offline: false, latency, downloadThroughput: throughput, uploadThroughput: throughput });
    },
    async load() {
      await tab.reload();
      return tab.evaluate(() => globalThis.firstToken);
    },
  };
}
