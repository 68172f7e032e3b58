/** The page's client in Chromium, beside its peers: a peer is a file in `program/peers`, a measurement one in `measurements`. */
import { launchChromium } from "../../consumer/chromium.js";
import { measureFirstToken } from "./measurements/first-token.js";
import { measureGetToken } from "./measurements/get-token.js";
import { startProvider } from "./provider.js";
import { collectSessions } from "./sessions.js";
import { peerNames, startSite } from "./site.js";

const MEASUREMENTS = [measureGetToken, measureFirstToken];
/** How many tokens a session has. */
const COUNTS = [1, 10, 100, 1000];

/** @returns {AsyncGenerator<import("../report.js").Measurement>} */
export async function* measurePage({ project, isQuick, progress }) {
  const open = [];
  try {
    const provider = await startProvider(COUNTS.at(-1));
    open.push(provider);
    const browser = await launchChromium();
    open.push(browser);
    const { settings, scopes, tokenRequests } = provider;
    progress(`collecting ${COUNTS.at(-1)} tokens with each peer`);
    const peers = [];
    for (const name of await peerNames()) {
      const site = await startSite(name, { project, settings });
      open.push(site);
      peers.push({ name, site });
    }
    const collect = async (peer) => (peer.sessions = await collectSessions(browser, peer.site, { scopes, counts: COUNTS }));
    await Promise.all(peers.map(collect));
    const before = tokenRequests();
    const runtime = `Chromium ${Number.parseInt(browser.version(), 10)}`;
    for (const measure of MEASUREMENTS) {
      for await (const measurement of measure({ browser, peers, scopes, isQuick, progress })) {
        yield { ...measurement, title: `${runtime}, ${measurement.title}` };
      }
    }
    if (tokenRequests() !== before) throw new Error("A token that was to come from the cache was requested.");
  } finally {
    for (const opened of open.toReversed()) await opened.close();
  }
}
