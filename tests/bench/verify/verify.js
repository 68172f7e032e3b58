/** How long the edge takes to verify tokens: such as it has not seen before, one by one and many at once, and such as it has. */
import { measureInNode, nameOfNode } from "../in-node.js";
import { measureInWorkerd } from "./in-workerd.js";
import { WAYS } from "./candidates.js";
import { tokensFor } from "./rounds.js";
import { ALGORITHMS, AUDIENCE, ISSUER, makeTokens } from "./tokens.js";

const NODE_PROGRAM = new URL("node-program.js", import.meta.url);
const OURS = "countersign, host";

/** The most that our time by host crypto may be of another's. */
const BUDGETS = [
  { runtime: "workerd", way: "one by one", alg: "RS256", other: "jose", limit: 0.85 },
  { runtime: "workerd", way: "one by one", alg: "ES256", other: "jose", limit: 1 },
  { runtime: "workerd", way: "one by one", alg: "EdDSA", other: "jose", limit: 1 },
  { runtime: "Node", way: "one by one", alg: "RS256", other: "fast-jwt", limit: 0.8 },
  ...ALGORITHMS.map((alg) => ({ runtime: "Node", way: "100 at once", alg, other: "jose", limit: 1.03 })),
  ...ALGORITHMS.map((alg) => ({ runtime: "Node", way: "seen before", alg, other: "fast-jwt", limit: 1 / 3 })),
];

/** @returns {AsyncGenerator<import("../report.js").Measurement>} one for each algorithm in each runtime */
export async function* measureVerification({ project, isQuick, runtime = "", algorithm = "", progress }) {
  // Samples long enough that each holds its share of garbage collection, which in short ones falls on a few and then out
  // of the median; and many of them, because a busy machine disturbs some.
  const plan = { rounds: isQuick ? 15 : 45, batch: 500, slowBatch: 10 };
  const runtimes = [
    { name: "workerd", measure: measureInWorkerd },
    { name: nameOfNode(), measure: (options) => measureInNode({ program: NODE_PROGRAM, ...options }) },
  ].filter(({ name }) => name.startsWith(runtime));
  for (const alg of ALGORITHMS.filter((name) => name.startsWith(algorithm))) {
    progress(`signing ${tokensFor(plan)} ${alg} tokens`);
    const made = { issuer: ISSUER, audience: AUDIENCE, ...(await makeTokens(alg, tokensFor(plan))) };
    for (const { name, measure } of runtimes) {
      for (const way of WAYS) {
        progress(`measuring ${alg} in ${name}, ${way}`);
        const samples = await measure({ project, material: { ...made, way }, plan });
        const compared = comparisons([...samples.keys()]);
        yield { title: `${name}, ${alg}, ${way}`, unit: "µs", samples, comparisons: compared, budgets: budgets(name, alg, way) };
      }
    }
  }
}

function comparisons(names) {
  const isOurs = (name) => name.startsWith("countersign");
  const others = names.filter((name) => !isOurs(name));
  return new Map(names.filter(isOurs).map((name) => [name, others]));
}

function budgets(runtime, alg, way) {
  const here = BUDGETS.filter((budget) => runtime.startsWith(budget.runtime) && budget.alg === alg && budget.way === way);
  return here.map(({ other, limit }) => ({ name: OURS, other, limit }));
}
