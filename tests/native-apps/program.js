// The suite as a program of Node, Deno or Bun: a line of JSON for each case.

import process from "node:process";

import { cases, runCase } from "./suite.js";

const [, , provider, only = ""] = process.argv;
for (const name of cases.keys()) {
  if (name.includes(only)) console.log(JSON.stringify(await runCase(name, provider)));
}
// A runtime may keep connections open for a while.
process.exit();
