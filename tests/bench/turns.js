/**
 * Rounds in which the candidates take turns, so that what disturbs the machine disturbs all of them.
 *
 * @param {string[]} names
 * @param {number} rounds
 * @param {(name: string, round: number) => Promise<number>} measure
 * @returns {Promise<Map<string, number[]>>} the samples of each candidate
 */
export async function takeTurns(names, rounds, measure) {
  const samples = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Another one begins in each round.
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round + turn) % names.length];
      samples.get(name).push(await measure(name, round));
    }
  }
  return samples;
}
