/** What a person reads of the measurements, and the judgement over the budgets. */
import { ratio, spread } from "./statistics.js";

/**
 * @typedef {object} Measurement
 * @property {string} title
 * @property {string} unit
 * @property {Map<string, number[]>} samples of each candidate, one a round
 * @property {Map<string, string[]>} comparisons the candidates that a candidate is compared with
 * @property {{ name: string, other: string, limit: number }[]} budgets the most that a candidate's time may be of another's
 */

/** @param {Measurement} measurement */
export function table({ title, unit, samples, comparisons }) {
  const [{ length }] = samples.values();
  const width = Math.max(...[...samples.keys()].map((name) => name.length));
  const lines = [...samples].map(([name, values]) => {
    const { median, low, high } = spread(values);
    const ratios = (comparisons.get(name) ?? []).map((other) => `${share(ratio(values, samples.get(other)).median)} of ${other}`);
    return `  ${name.padEnd(width)} ${one(median).padStart(8)} ${unit}  ${`${one(low)} to ${one(high)}`.padEnd(18)} ${ratios.join("; ")}`.trimEnd();
  });
  return [`${title}: median and quartiles of ${length} rounds`, ...lines].join("\n");
}

/** @param {Measurement} measurement @returns {{ text: string, isMet: boolean }[]} */
export function judgements({ title, samples, budgets }) {
  return budgets.map(({ name, other, limit }) => {
    const { median, low, high } = ratio(samples.get(name), samples.get(other));
    const isMet = median <= limit;
    const text = `${isMet ? "✓" : "✗"} ${title}: ${name}: ${share(median)} of ${other} (${share(low)} to ${share(high)}), at most ${share(limit)}`;
    return { text, isMet };
  });
}

/** The same as data. @param {Measurement} measurement */
export function record({ title, unit, samples }) {
  const candidates = [...samples].map(([name, values]) => {
    const ratios = Object.fromEntries([...samples].map(([other, others]) => [other, ratio(values, others)]));
    return [name, { spread: spread(values), ratios, samples: values }];
  });
  return { title, unit, candidates: Object.fromEntries(candidates) };
}

const one = (number) => number.toFixed(1);
const share = (number) => number.toFixed(number < 0.1 ? 3 : 2);
