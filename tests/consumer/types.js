/** The type declarations, found through the export map. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { installed, project } from "./project.js";

const run = promisify(execFile);
const TSC = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
const types = (name) => fileURLToPath(new URL(`../types/${name}`, import.meta.url));
/** The other entry has the same names. */
const INLINED = `import type { Client, ClientOptions } from "countersign";
import { AuthError, createClient, isAuthError } from "countersign/inlined";

export const start = (options: ClientOptions): Promise<Client> => createClient(options);
export const codeOf = (error: unknown): string => (isAuthError(error) && error instanceof AuthError ? error.code : "none");
`;
const SOURCES = ["page.ts", "edge.ts", "guard.ts", "service.ts"];

for (const [moduleResolution, module] of [
  ["bundler", "esnext"],
  ["nodenext", "nodenext"],
]) {
  test(`tsc finds the declarations by ${moduleResolution}`, async () => {
    const directory = path.join(project.directory, moduleResolution);
    await mkdir(directory);
    for (const source of SOURCES) await copyFile(types(source), path.join(directory, source));
    await writeFile(path.join(directory, "inlined.ts"), INLINED);
    await writeFile(path.join(directory, "package.json"), '{"type":"module"}');
    const { compilerOptions } = JSON.parse((await readFile(types("tsconfig.json"), "utf8")).replaceAll(/^\s*\/\/.*$/gm, ""));
    delete compilerOptions.paths;
    await writeFile(path.join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions: { ...compilerOptions, module, moduleResolution }, include: ["*.ts"] }));
    const { stdout } = await run(process.execPath, [TSC, "--project", directory, "--listFiles"]).catch((error) => error);
    assert.doesNotMatch(stdout, /error TS/);
    for (const file of ["index.d.ts", "edge.d.ts"]) assert.ok(stdout.includes(path.join(installed, file)), stdout);
  });
}

test("what the tests of the declarations use is all that they export", async () => {
  for (const [declarations, source] of [
    ["index.d.ts", "page.ts"],
    ["edge.d.ts", "edge.ts"],
    ["guard.d.ts", "guard.ts"],
    ["service.d.ts", "service.ts"],
    ["react.d.ts", "react.tsx"],
    ["testing.d.ts", "testing.ts"],
  ]) {
    const text = await readFile(path.join(installed, declarations), "utf8");
    const used = await readFile(types(source), "utf8");
    const names = [...text.matchAll(/^export (?:declare )?(?:class|function|interface|type|const) (\w+)/gm)].map(([, name]) => name);
    assert.ok(names.length > 5);
    assert.deepEqual(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(used)), []);
  }
});
