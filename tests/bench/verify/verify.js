/** How long the edge takes to verify a token that it has not seen before. */
import { measureInNode, nameOfNode } from "../in-node.js";
import { measureInWorkerd } from "./in-workerd.js";
import { tokensFor } from "./rounds.js";
import { ALGORITHMS, AUDIENCE, ISSUER, makeTokens } from "./tokens.js";

const NODE_PROGRAM = new URL("node-program.js", import.meta.url);
const OURS = "countersign, host";

/** The most that our time by host crypto may be of another's. */
const BUDGETS = [
  { runtime: "workerd", alg: "RS256", other: "jose", limit: 0.85 },
  { runtime: "workerd", alg: "ES256", other: "jose", limit: 1 },
  { runtime: "workerd", alg: "EdDSA", other: "jose", limit: 1 },
  { runtime: "Node", alg: "RS256", other: "fast-jwt", limit: 0.8 },
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
    const material = { issuer: ISSUER, audience: AUDIENCE, ...(await makeTokens(alg, tokensFor(plan))) };
    for (const { name, measure } of runtimes) {
      progress(`measuring ${alg} in ${name}`);
      const samples = await measure({ project, material, plan });
      yield { title: `${name}, ${alg}`, unit: "µs", samples, comparisons: comparisons([...samples.keys()]), budgets: budgets(name, alg) };
    }
  }
}

function comparisons(names) {
  const isOurs = (name) => name.startsWith("countersign");
  const others = names.filter((name) => !isOurs(name));
  return new Map(names.filter(isOurs).map((name) => [name, others]));
}

function budgets(runtime, alg) {
  const here = BUDGETS.filter((budget) => runtime.startsWith(budget.runtime) && budget.alg === alg);
  return here.map(({ other, limit }) => ({ name: OURS, other, limit }));
}
