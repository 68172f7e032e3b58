/** How long a cold Worker takes to its first response: workerd starts, compiles what the bundle has, and is asked once. */
import { readFile } from "node:fs/promises";
import path from "node:path";

import { bundleForWorkerd } from "../../consumer/bundle.js";
import { makeTokens, AUDIENCE, ISSUER } from "../verify/tokens.js";
import { takeTurns } from "../turns.js";
import { firstResponse } from "./workerd.js";

const EMPTY = "a Worker that does nothing";
const SERVICES = "only gets tokens";
const UNUSED = "only gets tokens, with the verifier's module in the bundle";
const VERIFIES = "only verifies";
const BOTH = "does both";
const KINDS = { wall: "", processor: ", processor time" };

/** @returns {AsyncGenerator<import("../report.js").Measurement>} by the clock, and by what it costs a busy machine */
export async function* measureStart({ project, isQuick, progress }) {
  progress("starting cold Workers");
  const { tokens, jwks } = await makeTokens("RS256", 1);
  const material = JSON.stringify({ token: tokens[0], options: { issuer: ISSUER, audience: AUDIENCE, jwks } });
  const bundle = (name) => bundleForWorkerd(new URL(`workers/${name}.js`, import.meta.url), project);
  const services = await bundle("services");
  const workers = new Map([
    [EMPTY, await bundle("nothing")],
    [SERVICES, services],
    [UNUSED, await withModule(services, path.join(project, "node_modules/countersign/wasm/edge_bg.wasm"))],
    [VERIFIES, await bundle("verifies")],
    [BOTH, await bundle("both")],
  ]);
  const times = await takeTurns([...workers.keys()], isQuick ? 8 : 25, (name) => firstResponse(workers.get(name), material));
  const others = [...workers.keys()].filter((name) => name !== EMPTY);
  const comparisons = new Map([...others.map((name) => [name, [EMPTY]]), [SERVICES, [EMPTY, UNUSED, BOTH]]]);
  for (const [kind, words] of Object.entries(KINDS)) {
    const samples = new Map([...times].map(([name, values]) => [name, values.map((value) => value[kind])]));
    const budgets = kind === "processor" ? [{ name: SERVICES, other: UNUSED, limit: 1 }] : [];
    yield { title: `workerd, cold start to the first response${words}`, unit: "ms", samples, comparisons, budgets };
  }
}

/** The same Worker with one more module, which it imports and does not use. */
async function withModule([entry, ...modules], file) {
  const name = "unused.wasm";
  const contents = Buffer.concat([Buffer.from(`import "./${name}";\n`), entry.contents]);
  const module = { type: "CompiledWasm", path: path.join(path.dirname(entry.path), name), contents: await readFile(file) };
  return [{ ...entry, contents }, ...modules, module];
}
