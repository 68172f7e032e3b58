/** The benchmark's arithmetic and its judgement; nothing is timed here. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { judgements, record, table } from "../report.js";
import { ratio, spread } from "../statistics.js";
import { takeTurns } from "../turns.js";

const measurement = (ours, theirs, limit) => ({
  title: "runtime, subject",
  unit: "µs",
  samples: new Map([["ours", ours], ["theirs", theirs]]),
  comparisons: new Map([["ours", ["theirs"]]]),
  budgets: [{ name: "ours", other: "theirs", limit }],
});

test("the median and the quartiles lie between the samples", () => {
  assert.deepEqual(spread([4, 1, 3, 2]), { median: 2.5, low: 1.75, high: 3.25 });
  assert.deepEqual(spread([7]), { median: 7, low: 7, high: 7 });
});

test("a ratio is taken in each round first, so that a disturbed round disturbs neither side", () => {
  assert.equal(ratio([1, 10, 100], [2, 20, 200]).median, 0.5);
  assert.equal(ratio([1, 10, 100], [200, 20, 2]).median, 0.5);
  assert.equal(ratio([1, 1, 30], [2, 2, 60]).high, 0.5);
});

test("each candidate is measured once in a round, and another one begins each", async () => {
  const order = [];
  const samples = await takeTurns(["a", "b", "c"], 4, async (name, round) => {
    order.push(`${name}${round}`);
    return round;
  });
  assert.equal(order.join(" "), "a0 b0 c0 b1 c1 a1 c2 a2 b2 a3 b3 c3");
  assert.deepEqual([...samples], ["a", "b", "c"].map((name) => [name, [0, 1, 2, 3]]));
});

test("a budget is met up to its limit, and not past it", () => {
  const judged = (ours, limit) => judgements(measurement(ours, [10, 10, 10], limit)).map(({ isMet }) => isMet);
  assert.deepEqual(judged([13, 13, 13], 1.3), [true]);
  assert.deepEqual(judged([13, 13.1, 13.1], 1.3), [false]);
  assert.deepEqual(judged([1, 1, 99], 1), [true]);
});

test("a judgement says what was compared, by how much, and what was allowed", () => {
  const [{ text }] = judgements(measurement([5, 5, 5], [10, 10, 10], 0.4));
  assert.equal(text, "✗ runtime, subject: ours: 0.50 of theirs (0.50 to 0.50), at most 0.40");
});

test("the table has a line for each candidate, with its ratios", () => {
  const lines = table(measurement([1, 2, 3], [100, 100, 100], 1)).split("\n");
  assert.equal(lines[0], "runtime, subject: median and quartiles of 3 rounds");
  assert.match(lines[1], /^ {2}ours +2\.0 µs {2}1\.5 to 2\.5 +0\.020 of theirs$/);
  assert.match(lines[2], /^ {2}theirs +100\.0 µs {2}100\.0 to 100\.0$/);
});

test("the record has all samples, and the ratios of all pairs", () => {
  const { title, unit, candidates } = record(measurement([1], [4], 1));
  assert.deepEqual({ title, unit }, { title: "runtime, subject", unit: "µs" });
  assert.deepEqual(candidates.ours.samples, [1]);
  assert.equal(candidates.theirs.ratios.ours.median, 4);
});
