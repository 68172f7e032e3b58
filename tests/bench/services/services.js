/** The client of a service beside msal-node, each in a process of its own, against the same local authority. */
import { nameOfNode } from "../in-node.js";
import { takeTurns } from "../turns.js";
import { startProvider } from "./provider.js";
import { startPeer } from "./peer-process.js";

const OURS = "countersign";
const THEIRS = "msal-node";
const PEERS = [OURS, THEIRS];
const CALLERS = 1000;
/** How many users' tokens are kept. msal-node looks through all that it keeps: with as many as ours it would fill for ten minutes. */
const USERS = { [OURS]: 10_000, [THEIRS]: 2000 };
const QUICK_USERS = 2000;
const LOOKUPS = 2000;
/** Engines compile in tiers, WebAssembly too. */
const WARM_UP_ROUNDS = 10;
const FIRST_TOKENS_BEFORE = 40;

/** @returns {AsyncGenerator<import("../report.js").Measurement>} */
export async function* measureServices({ project, isQuick, progress }) {
  const usersOf = (name) => (isQuick ? QUICK_USERS : USERS[name]);
  progress(`signing ${usersOf(OURS)} users in`);
  const provider = await startProvider(usersOf(OURS));
  const peers = new Map();
  try {
    for (const name of PEERS) peers.set(name, await startPeer(name, { project, settings: provider.settings, certificate: provider.certificate }));
    const title = (words) => `${nameOfNode()}, services: ${words}`;
    const against = (samples) => ({ samples, comparisons: new Map([[OURS, [THEIRS]]]), budgets: [{ name: OURS, other: THEIRS, limit: 1 }] });
    const inTurns = (rounds, measure) => takeTurns(PEERS, rounds, (name) => measure(peers.get(name)));

    progress("first tokens");
    await inTurns(FIRST_TOKENS_BEFORE, (peer) => peer.ask("firstToken"));
    yield { title: title("first token"), unit: "ms", ...against(await inTurns(isQuick ? 10 : 40, (peer) => peer.ask("firstToken"))) };

    await inTurns(WARM_UP_ROUNDS, (peer) => peer.ask("keptToken", LOOKUPS));
    yield { title: title("token from the cache"), unit: "µs", ...against(await inTurns(isQuick ? 15 : 60, (peer) => peer.ask("keptToken", LOOKUPS))) };

    progress(`${CALLERS} callers at the moment of expiry`);
    yield* atExpiry({ provider, peers, rounds: isQuick ? 3 : 9, title });

    const one = provider.assertions.slice(0, 1);
    for (const peer of peers.values()) await peer.ask("keepOnBehalf", one);
    await inTurns(WARM_UP_ROUNDS, (peer) => peer.ask("keptOnBehalf", LOOKUPS));
    const memoryBefore = new Map(await Promise.all([...peers].map(async ([name, peer]) => [name, await peer.ask("memory")])));
    const withOne = await inTurns(isQuick ? 15 : 60, (peer) => peer.ask("keptOnBehalf", LOOKUPS));
    progress(`tokens on behalf of ${usersOf(OURS)} users`);
    await Promise.all([...peers].map(([name, peer]) => peer.ask("keepOnBehalf", provider.assertions.slice(0, usersOf(name)))));
    // msal-node takes long enough that it needs fewer.
    const withAll = await takeTurns(PEERS, isQuick ? 15 : 60, (name) => peers.get(name).ask("keptOnBehalf", name === OURS ? LOOKUPS : 20));
    const among = (name, count) => `${name}, ${count.toLocaleString("en")} ${count === 1 ? "user" : "users"}`;
    const named = (samples, countOf) => [...samples].map(([name, values]) => [among(name, countOf(name)), values]);
    const [ours, theirs, oursAmongAll, theirsAmongAll] = [among(OURS, 1), among(THEIRS, 1), among(OURS, usersOf(OURS)), among(THEIRS, usersOf(THEIRS))];
    yield {
      title: title("token on behalf of a user, from the cache"),
      unit: "µs",
      samples: new Map([...named(withOne, () => 1), ...named(withAll, usersOf)]),
      comparisons: new Map([[ours, [theirs]], [oursAmongAll, [ours, theirsAmongAll]]]),
      budgets: [
        { name: ours, other: theirs, limit: 1 },
        { name: oursAmongAll, other: ours, limit: 1.3 },
        { name: oursAmongAll, other: theirsAmongAll, limit: 1 },
      ],
    };

    const grown = await Promise.all([...peers].map(async ([name, peer]) => [name, [((await peer.ask("memory")) - memoryBefore.get(name)) / usersOf(name) / 1000]]));
    yield { title: title("memory for each user's token"), unit: "KB", ...against(new Map(grown)) };
  } finally {
    for (const peer of peers.values()) await peer.close();
    await provider.close();
  }
}

/** Requests sent, the slowest response, and who got no token. */
async function* atExpiry({ provider, peers, rounds, title }) {
  const taken = await takeTurns(PEERS, rounds, async (name) => {
    await peers.get(name).ask("tokenToExpire");
    provider.forgetRequests();
    const outcome = await peers.get(name).ask("atExpiry", CALLERS);
    return { ...outcome, sent: provider.tokenRequests() };
  });
  const subjects = { sent: ["requests sent", ""], slowest: ["the slowest response", "ms"], failed: ["callers without a token", ""] };
  for (const [kind, [words, unit]] of Object.entries(subjects)) {
    const samples = new Map([...taken].map(([name, values]) => [name, values.map((value) => value[kind])]));
    const isShare = kind !== "failed";
    yield {
      title: title(`${CALLERS} callers at the moment of expiry, ${words}`),
      unit,
      samples,
      comparisons: new Map(isShare ? [[OURS, [THEIRS]]] : []),
      budgets: isShare ? [{ name: OURS, other: THEIRS, limit: 1 }] : [],
    };
  }
}
