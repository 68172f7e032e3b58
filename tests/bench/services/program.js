/** What runs in a peer's process: it makes the calls and takes the times. */
import process from "node:process";

const [, , name, project, settings] = process.argv;
const { createPeer } = await import(`./peers/${name}.js`);
const peer = await createPeer(JSON.parse(settings), project);

/** By how much the clock of this process is ahead, in milliseconds. */
let ahead = 0;
const realNow = Date.now;
Date.now = () => realNow() + ahead;
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [RealDate.now()] : given));
  }
};

let own;
let expiring;
let middle;
let kept = [];
let next = 0;

const MEASUREMENTS = {
  /** Milliseconds, of a client that has nothing. */
  async firstToken() {
    const before = performance.now();
    await peer.ownToken(peer.daemon());
    return performance.now() - before;
  },
  /** Microseconds for each call. */
  async keptToken(calls) {
    own ??= peer.daemon();
    await peer.ownToken(own);
    return timed(calls, () => peer.ownToken(own));
  },
  /** Gets the token whose expiry is next. */
  async tokenToExpire() {
    own = peer.daemon();
    expiring = await peer.ownToken(own);
  },
  /** So many callers come when the token expires: milliseconds until the last has a response, and how many get no token. */
  async atExpiry(callers) {
    const { accessToken, expiresAt } = expiring;
    ahead += expiresAt * 1000 - Date.now();
    globalThis.gc();
    const before = performance.now();
    const outcomes = await Promise.allSettled(Array.from({ length: callers }, () => peer.ownToken(own)));
    const slowest = performance.now() - before;
    if (outcomes.some(({ value }) => value?.accessToken === accessToken)) throw new Error("an expired token was handed out");
    // The authority's clock is the real one.
    ahead = 0;
    own = undefined;
    return { slowest, failed: outcomes.filter(({ status }) => status === "rejected").length };
  },
  async keepOnBehalf(assertions) {
    middle ??= peer.middle();
    const known = new Set(kept);
    const entries = assertions.filter((assertion) => !known.has(assertion)).values();
    const work = async () => {
      for (const assertion of entries) await peer.onBehalf(middle, assertion);
    };
    await Promise.all(Array.from({ length: 10 }, work));
    kept = assertions;
    return kept.length;
  },
  /** Microseconds for each call, each for another user. */
  keptOnBehalf(calls) {
    // A prime: all have their turn.
    return timed(calls, () => peer.onBehalf(middle, kept[(next = (next + 7919) % kept.length)]));
  },
  /** Bytes. */
  async memory() {
    for (let round = 0; round < 4; round += 1) {
      globalThis.gc();
      await new Promise((over) => setTimeout(over, 50));
    }
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
};

/** Of this thread, which is all that works here: other processes of a busy machine do not count. */
async function timed(calls, call) {
  const before = process.threadCpuUsage();
  for (let done = 0; done < calls; done += 1) await call();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / calls;
}

process.on("message", async ({ measurement, input }) => {
  try {
    process.send({ result: await MEASUREMENTS[measurement](input) });
  } catch (error) {
    process.send({ error: error.stack ?? String(error) });
  }
});
