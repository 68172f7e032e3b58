/** How much CPU time the refusal of a token costs. Sending one costs an attacker nothing. */
import { measureInNode, nameOfNode } from "../in-node.js";
import { makeHostileTokens } from "./tokens.js";

const PROGRAM = new URL("node-program.js", import.meta.url);
const OURS = "countersign";
const OTHER = "jose";
/** Each token comes to each candidate once in a round. */
const VARIANTS = 20;
/** The most that our time may be of jose's. */
const LIMIT = 2;

/** @returns {AsyncGenerator<import("../report.js").Measurement>} one for each kind of token */
export async function* measureRefusal({ project, isQuick, progress }) {
  const { kinds, ...keys } = await makeHostileTokens(VARIANTS);
  for (const [kind, tokens] of kinds) {
    progress(`measuring the refusal of ${kind}`);
    const material = { ...keys, tokens };
    const samples = await measureInNode({ program: PROGRAM, project, material, plan: { rounds: isQuick ? 15 : 45 } });
    yield {
      title: `${nameOfNode()}, refusal, ${kind}`,
      unit: "µs of the processor",
      samples,
      comparisons: new Map([[OURS, [OTHER]]]),
      budgets: [{ name: OURS, other: OTHER, limit: LIMIT }],
    };
  }
}
