// Rounds in which the candidates take turns, so that what disturbs the machine disturbs all of
// them; each token comes to each candidate once.

/** Engines compile in tiers, WebAssembly too: before this many calls a candidate is not itself. */
const WARM_UP = { calls: 16_000, slowCalls: 400 };

/**
 * @param {{ name: string, isSlow: boolean }[]} candidates
 * @param {string[]} tokens enough for all rounds
 * @param {{ rounds: number, batch: number, slowBatch: number }} plan
 * @param {(name: string, batch: string[]) => Promise<number>} measure
 * @returns {Promise<Map<string, number[]>>} the samples of each candidate
 */
export async function rounds(candidates, tokens, plan, measure) {
  const [first, ...batches] = inBatches(tokens, plan.batch);
  for (const { name, isSlow } of candidates) {
    const calls = isSlow ? WARM_UP.slowCalls : WARM_UP.calls;
    for (let done = 0; done < calls; done += first.length) await measure(name, isSlow ? first.slice(0, calls) : first);
  }
  const samples = new Map(candidates.map(({ name }) => [name, []]));
  for (const [round, batch] of batches.entries()) {
    // Another one begins in each round.
    for (let turn = 0; turn < candidates.length; turn += 1) {
      const { name, isSlow } = candidates[(round + turn) % candidates.length];
      samples.get(name).push(await measure(name, isSlow ? batch.slice(0, plan.slowBatch) : batch));
    }
  }
  return samples;
}

/** How many tokens a plan needs, those for the warm-up with them. */
export const tokensFor = (plan) => (plan.rounds + 1) * plan.batch;

function inBatches(tokens, size) {
  return Array.from({ length: tokens.length / size }, (_, place) => tokens.slice(place * size, (place + 1) * size));
}
