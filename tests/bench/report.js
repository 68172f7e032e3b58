/** What a person reads of the measurements, and the judgement over the budgets. */
import { ratio, spread } from "./statistics.js";

const OURS = "countersign, host";

/** The most that our time by host crypto may be of another's. */
const BUDGETS = [
  { runtime: "workerd", alg: "RS256", other: "jose", limit: 0.85 },
  { runtime: "workerd", alg: "ES256", other: "jose", limit: 1 },
  { runtime: "workerd", alg: "EdDSA", other: "jose", limit: 1 },
  { runtime: "Node", alg: "RS256", other: "fast-jwt", limit: 0.8 },
];

/** @param {{ runtime: string, alg: string, samples: Map<string, number[]> }} measurement */
export function table({ runtime, alg, samples }) {
  const others = [...samples.keys()].filter((name) => !name.startsWith("countersign"));
  const lines = [...samples].map(([name, values]) => {
    const { median, low, high } = spread(values);
    const ratios = name.startsWith("countersign")
      ? others.map((other) => `${two(ratio(values, samples.get(other)).median)} of ${other}`).join(", ")
      : "";
    return `  ${name.padEnd(18)} ${one(median).padStart(8)} µs  ${`${one(low)} to ${one(high)}`.padEnd(18)} ${ratios}`.trimEnd();
  });
  const [{ length }] = samples.values();
  return [`${runtime}, ${alg}: median and quartiles of ${length} rounds`, ...lines].join("\n");
}

/** @returns {{ text: string, isMet: boolean }[]} */
export function judgements(measurements) {
  return BUDGETS.flatMap(({ runtime, alg, other, limit }) =>
    measurements
      .filter((measured) => measured.alg === alg && measured.runtime.startsWith(runtime))
      .map((measured) => {
        const { median, low, high } = ratio(measured.samples.get(OURS), measured.samples.get(other));
        const isMet = median <= limit;
        const text = `${isMet ? "✓" : "✗"} ${measured.runtime}, ${alg}: ${two(median)} of ${other} (${two(low)} to ${two(high)}), at most ${two(limit)}`;
        return { text, isMet };
      }),
  );
}

/** The same as data. */
export function record(measurements) {
  return measurements.map(({ runtime, alg, samples }) => ({
    runtime,
    alg,
    candidates: Object.fromEntries(
      [...samples].map(([name, values]) => [
        name,
        {
          microseconds: spread(values),
          ratios: Object.fromEntries([...samples].map(([other, others]) => [other, ratio(values, others)])),
          samples: values,
        },
      ]),
    ),
  }));
}

const one = (number) => number.toFixed(1);
const two = (number) => number.toFixed(2);
