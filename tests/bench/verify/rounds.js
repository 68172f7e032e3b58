// Rounds over tokens: each token comes to each candidate once.

import { takeTurns } from "../turns.js";

/** Engines compile in tiers, WebAssembly too: before this many calls a candidate is not itself. */
const WARM_UP = { calls: 16_000, slowCalls: 400 };

/**
 * @param {{ name: string, isSlow: boolean }[]} candidates
 * @param {string[]} tokens enough for all rounds
 * @param {{ batch: number, slowBatch: number }} plan
 * @param {(name: string, batch: string[]) => Promise<number>} measure
 * @returns {Promise<Map<string, number[]>>} the samples of each candidate
 */
export async function rounds(candidates, tokens, plan, measure) {
  const [first, ...batches] = inBatches(tokens, plan.batch);
  for (const { name, isSlow } of candidates) {
    const calls = isSlow ? WARM_UP.slowCalls : WARM_UP.calls;
    for (let done = 0; done < calls; done += first.length) await measure(name, isSlow ? first.slice(0, calls) : first);
  }
  const slow = new Set(candidates.filter(({ isSlow }) => isSlow).map(({ name }) => name));
  const names = candidates.map(({ name }) => name);
  return takeTurns(names, batches.length, (name, round) => measure(name, slow.has(name) ? batches[round].slice(0, plan.slowBatch) : batches[round]));
}

/** How many tokens a plan needs, those for the warm-up with them. */
export const tokensFor = (plan) => (plan.rounds + 1) * plan.batch;

function inBatches(tokens, size) {
  return Array.from({ length: tokens.length / size }, (_, place) => tokens.slice(place * size, (place + 1) * size));
}
