/** The table of tools in README.md: each row of it is a row of the matrix. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";

import { PACKAGES } from "./installed.js";

const README = new URL("../../README.md", import.meta.url);
const BEGIN = "<!-- Written by `node tests/tools/run.js --all --record`. -->\n";
const END = "<!-- The end of what it writes. -->\n";
const PASSED = "passed";

/** @param {Map<object, boolean>} [results] of all rows; without them, what the table says of results is let stand */
export async function checkTable(rows, results) {
  const { table } = await readme();
  const wanted = await tableOf(rows, results);
  const known = results === undefined ? table.replaceAll("| failed |", `| ${PASSED} |`) : table;
  assert.equal(known, wanted, "The table in README.md is not the one of these rows. `node tests/tools/run.js --all --record` writes it.");
}

export async function recordTable(rows, results) {
  const { before, after } = await readme();
  await writeFile(README, before + BEGIN + (await tableOf(rows, results)) + END + after);
}

async function readme() {
  const [before, rest] = (await readFile(README, "utf8")).split(BEGIN);
  const [table, after] = rest?.split(END) ?? [];
  assert.ok(after !== undefined, "README.md lacks the marks of the table.");
  return { before, table, after };
}

/** A line for each tool and what it needs, with all that was tried. */
async function tableOf(rows, results) {
  const lines = new Map();
  for (const row of rows) {
    const about = `| ${row.tool} | ${await versionOf(row)}`;
    const needs = row.needs ?? "nothing";
    const line = lines.get(about + needs) ?? { about, needs, uses: [], passed: true };
    line.uses.push(row.use);
    line.passed &&= results?.get(row) ?? true;
    lines.set(about + needs, line);
  }
  const texts = [...lines.values()].map(({ about, needs, uses, passed }) => `${about} | ${uses.join("; ")} | ${needs} | ${passed ? PASSED : "failed"} |\n`);
  return `\n| tool | version | tested | needs | |\n|---|---|---|---|---|\n${texts.join("")}\n`;
}

async function versionOf({ packages, version }) {
  if (version !== undefined) return PACKAGES[packages][version];
  const { version: installed } = JSON.parse(await readFile(new URL("../node_modules/workerd/package.json", import.meta.url), "utf8"));
  return installed;
}
