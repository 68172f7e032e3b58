/**
 * Builds the documentation site into target/site: a page for each task, from docs/, and one for each public name, from the
 * package's declarations.
 *
 *     cargo xtask docs
 */
import { execFile } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { installed } from "../../tests/tools/installed.js";

const run = promisify(execFile);
const at = (file) => fileURLToPath(new URL(`../../${file}`, import.meta.url));

export const SITE = at("target/site");

/** The pages in the order in which a reader needs them; those of docs/ that are not named here follow. */
const ORDER = ["sign-in.md", "call-an-api.md", "session.md", "sign-out.md", "react.md", "when-it-fails.md", "test-your-page.md", "protect-an-api.md", "services.md", "native-apps.md"];

/** The entries of the package by their declarations. */
const ENTRIES = ["index", "callback", "react", "diagnose", "testing", "edge", "native", "consent"];

/** @returns {Promise<string>} what TypeDoc had to say */
export async function build() {
  const folder = await installed("typedoc");
  const pages = (await readdir(at("docs"))).filter((file) => file.endsWith(".md") && file !== "index.md");
  const known = ORDER.filter((file) => pages.includes(file));
  const documents = [...known, ...pages.filter((file) => !known.includes(file)).toSorted()];
  const { version } = JSON.parse(await readFile(at("pkg-template/package.json"), "utf8"));
  const options = {
    name: `Countersign ${version}`,
    entryPoints: ENTRIES.map((name) => at(`pkg-template/${name}.d.ts`)),
    tsconfig: at("docs/site/tsconfig.json"),
    projectDocuments: documents.map((file) => at(`docs/${file}`)),
    readme: at("docs/index.md"),
    out: SITE,
    basePath: at("."),
    customCss: at("docs/site/style.css"),
    disableSources: true,
    disableGit: true,
    hideGenerator: true,
    includeVersion: false,
    sort: ["documents-first", "source-order"],
    sortEntryPoints: false,
    validation: { notExported: false, invalidLink: true, invalidPath: true, rewrittenLink: true },
    // What VerifierOptions is made of has no page of its own.
    externalSymbolLinkMappings: { countersign: { "*": "#" } },
    treatWarningsAsErrors: true,
    treatValidationWarningsAsErrors: true,
  };
  const file = path.join(folder, "options.json");
  await writeFile(file, JSON.stringify(options));
  await rm(SITE, { recursive: true, force: true });
  const { stdout, stderr } = await run(process.execPath, [path.join(folder, "node_modules/typedoc/bin/typedoc"), "--options", file], { cwd: at(".") }).catch((error) => {
    throw new Error(`${error.stdout}${error.stderr}`);
  });
  return stdout + stderr;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build();
  console.log(`The documentation is at ${path.relative(process.cwd(), SITE)}/index.html`);
}
