/** Measures in Node, in a process of its own, which can be told to collect its garbage between samples. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import path from "node:path";
import process from "node:process";
import { writeFile } from "node:fs/promises";

export const nameOfNode = (node = process.execPath) =>
  `Node ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim().slice(1)}`;

/**
 * @param {{ program: URL, project: string, material: object, plan: object }} options
 * @returns {Promise<Map<string, number[]>>} microseconds for a token, of each candidate in each round
 */
export async function measureInNode({ program, project, material, plan, node = process.execPath, flags = [] }) {
  const input = path.join(project, "material.json");
  await writeFile(input, JSON.stringify({ project, material, plan }));
  const child = spawn(node, ["--expose-gc", ...flags, fileURLToPath(program), input], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  let output = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) output += chunk;
  const [code] = await closed;
  if (code !== 0) throw new Error(`The measurement in ${nameOfNode(node)} ended with ${code}.`);
  return new Map(JSON.parse(output));
}
