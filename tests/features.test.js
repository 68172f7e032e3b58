/** docs/features.md counts what it lists, gives a reason for each no, and names a test for each yes. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const read = (file) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const exists = (file) => existsSync(fileURLToPath(new URL(`../${file}`, import.meta.url)));
const text = read("docs/features.md");

const rows = text
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| feature |"))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")))
  .map(([feature, verdict, ...proof]) => ({ feature, verdict, proof: proof.join(" | ") }));

test("154 features are listed, each once, and the page says how many there are", () => {
  assert.equal(rows.length, 154);
  assert.equal(new Set(rows.map(({ feature }) => feature)).size, rows.length);
  const yes = rows.filter(({ verdict }) => verdict === "yes").length;
  assert.ok(text.includes(`**${yes} of ${rows.length}.**`), `it is ${yes} of ${rows.length}`);
});

test("a feature that is missing has its reason", () => {
  for (const { feature, verdict, proof } of rows.filter(({ verdict }) => verdict !== "yes")) {
    assert.deepEqual([verdict, proof.length > 5], ["no", true], feature);
  }
});

test("a feature that is there names a test that is there", () => {
  const missing = rows.filter(({ verdict, proof }) => verdict === "yes" && !isTest(proof));
  assert.deepEqual(missing.map(({ feature, proof }) => `${feature}: ${proof}`), []);
});

test("a test that is not there is noticed", () => {
  assert.ok(isTest("`tests/features.test.js`: a test that is … is noticed"));
  for (const proof of ["`tests/features.test.js`: a test that nobody wrote", "`tests/no.rs`: a_rule", "tests/features.test.js", "`tests/native/sign_in.rs`: a_reload"]) {
    assert.ok(!isTest(proof), proof);
  }
});

/** Whether a file has a test of that name: in JavaScript the text in quotes, in Rust the function. */
function isTest(proof) {
  const [, file, name] = /^`([^`]+)`: (.+)$/.exec(proof) ?? [];
  if (file === undefined || !exists(file)) return false;
  const parts = name.split("…").map((part) => RegExp.escape(part)).join(".*");
  const code = file.endsWith(".rs") ? `#\\[test\\]\\n *fn ${parts}\\(` : `["\`]${parts}["\`]`;
  return new RegExp(code).test(read(file));
}
