/** The page of README.md, in a new project of Vite with TypeScript, as its reader makes it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { blocks } from "../types/examples.js";
import { html } from "./program.js";

/** So many lines, at most, until the user is signed in. */
const LINES = 15;
const [EXAMPLE] = blocks(await readFile(new URL("../../README.md", import.meta.url), "utf8"), "js");

/** The example with what is the reader's own. */
function example({ authority, clientId, scope, apis: [api] }) {
  let text = EXAMPLE;
  for (const [from, to] of [
    ['"https://login.example"', JSON.stringify(authority)],
    ['"my-page"', JSON.stringify(clientId)],
    [/"openid [^"]*"/, JSON.stringify(scope)],
    // As the example says: left out if the scope names the API.
    [/^ *resource: .*\n/m, ""],
    ['"https://api.example/notes"', JSON.stringify(api)],
  ]) {
    const changed = text.replace(from, to);
    assert.notEqual(changed, text, `README.md has no ${from}`);
    text = changed;
  }
  return text;
}

/** The lines up to the one that knows whether somebody is signed in. */
function checkLines() {
  const lines = EXAMPLE.split("\n").filter((line) => line.trim() !== "");
  const signedIn = lines.findIndex((line) => line.includes("client.account === null")) + 1;
  assert.ok(signedIn > 0 && signedIn <= LINES, `The user is signed in after ${signedIn} lines.`);
}

export const README = {
  tool: "Vite 8",
  packages: "vite-8",
  version: "vite",
  use: "the page of this README, under `tsc --strict`",
  files: (settings) => ({
    "index.html": html('<script type="module" src="/src/main.ts"></script>'),
    "src/main.ts": example(settings),
    // As `npm create vite` has it.
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        target: "es2023",
        module: "esnext",
        lib: ["ES2023", "DOM"],
        types: ["vite/client"],
        skipLibCheck: false,
        moduleResolution: "bundler",
        allowImportingTsExtensions: true,
        verbatimModuleSyntax: true,
        moduleDetection: "force",
        noEmit: true,
        strict: true,
        noUnusedLocals: true,
        noUnusedParameters: true,
        erasableSyntaxOnly: true,
        noFallthroughCasesInSwitch: true,
      },
      include: ["src"],
    }),
  }),
  build: [["tsc"], ["vite", "build"]],
  output: "dist",
  async visit(page, { user, name }) {
    checkLines();
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: `Sign out ${name}` }).waitFor();
    await page.locator("pre").getByText(JSON.stringify({ user })).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
  },
};
