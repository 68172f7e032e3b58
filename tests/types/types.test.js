/** The type declarations in pkg/, and every example that readers copy, under tsc --strict. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { blocks, commentExamples } from "./examples.js";

const run = promisify(execFile);
const at = (file) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const TSC = at("tests/node_modules/typescript/bin/tsc");
const READMES = ["README.md", "pkg-template/README.md"];
const DECLARATIONS = [
  ...["index.d.ts", "callback.d.ts", "auth-error.d.ts", "react.d.ts", "testing.d.ts", "diagnose.d.ts", "native.d.ts", "service.d.ts", "consent.d.ts"],
  ...["edge.d.ts", "verifier.d.ts", "key-store.d.ts", "requirement.d.ts", "jws.d.ts", "logout.d.ts", "proof.d.ts", "guard.d.ts"],
];

/** What tsc has to say about a project. */
const complaints = (project) => run(process.execPath, [TSC, "--project", project]).then(() => "", ({ stdout }) => stdout);

/** The code blocks of the pages of docs/, those with JSX by themselves. */
const DOCS = [];
for (const page of (await readdir(at("docs"))).filter((file) => file.endsWith(".md"))) {
  const text = await readFile(at(`docs/${page}`), "utf8");
  for (const extension of ["ts", "tsx"]) DOCS.push({ page, extension, modules: blocks(text, extension) });
}

const temporary = await mkdtemp(path.join(tmpdir(), "countersign-types-"));
after(() => rm(temporary, { recursive: true }));
// The frameworks that examples import.
await symlink(at("tests/node_modules"), path.join(temporary, "node_modules"));

/** As `npm create vite` has it. */
const VITE = { verbatimModuleSyntax: true, noUnusedLocals: true, noUnusedParameters: true, exactOptionalPropertyTypes: false, noPropertyAccessFromIndexSignature: false };

/** A project of these modules, compiled as those of the tests but for these options. @returns {Promise<string>} where it is */
async function project(name, modules, compilerOptions = {}) {
  const directory = path.join(temporary, name);
  const extension = name.startsWith("react") ? "tsx" : "ts";
  await mkdir(directory, { recursive: true });
  await Promise.all(modules.map((code, place) => writeFile(path.join(directory, `${place}.${extension}`), code)));
  await writeFile(path.join(directory, "package.json"), '{"type":"module"}');
  const config = { extends: at("tests/types/tsconfig.json"), compilerOptions, include: [`${directory}/*.${extension}`] };
  await writeFile(path.join(directory, "tsconfig.json"), JSON.stringify(config));
  return directory;
}

test("every public name compiles as users use it, and mistakes do not", async () => {
  assert.equal(await complaints(at("tests/types")), "");
});

test("countersign/edge needs the declarations of ECMAScript 2022 and no others", async () => {
  assert.equal(await complaints(at("tests/types/without-dom")), "");
});

for (const readme of READMES) {
  test(`the code blocks of ${readme} compile under tsc --strict`, async () => {
    const text = await readFile(at(readme), "utf8");
    const modules = [...blocks(text, "js"), ...blocks(text, "ts")];
    assert.ok(modules.length > 1);
    assert.equal(await complaints(await project(path.dirname(readme), modules, VITE)), "");
  });

  test(`the JavaScript of ${readme} is JavaScript`, async () => {
    for (const code of blocks(await readFile(at(readme), "utf8"), "js")) {
      const file = path.join(temporary, "block.mjs");
      await writeFile(file, code);
      await run(process.execPath, ["--check", file]);
    }
  });
}

for (const { page, extension, modules } of DOCS.filter(({ modules }) => modules.length > 0)) {
  test(`the code blocks of docs/${page} compile under tsc --strict (${extension})`, async () => {
    assert.equal(await complaints(await project(`${extension === "tsx" ? "react-" : ""}${page}`, modules, VITE)), "");
  });
}

test("the package's README has the same code as the project's", async () => {
  const [all, some] = await Promise.all(READMES.map((readme) => readFile(at(readme), "utf8")));
  for (const language of ["js", "ts"]) {
    const known = blocks(all, language);
    assert.deepEqual(blocks(some, language).filter((code) => !known.includes(code)), []);
  }
});

for (const name of DECLARATIONS) {
  test(`the examples in ${name} compile under tsc --strict`, async () => {
    const modules = commentExamples(await readFile(at(`pkg/${name}`), "utf8"), name);
    assert.ok(modules.length > 1);
    assert.equal(await complaints(await project(name, modules)), "");
  });
}

test("an example that does not compile is noticed", async () => {
  const broken = [...commentExamples(" * ```ts\n * client.account = null;\n * ```\n", "index.d.ts"), ...blocks("```js\nconst a = (b) => b;\n```\n", "js")];
  assert.equal(broken.length, 2);
  const said = await complaints(await project("broken", broken));
  assert.match(said, /0\.ts.*TS2540/);
  assert.match(said, /1\.ts.*TS7006/);
});
