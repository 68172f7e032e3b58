/** The codes of errors, as the core has them and as the type declarations have them. */
import { readFile } from "node:fs/promises";

const CORE = new URL("../../src/core/error.rs", import.meta.url);
const DECLARATIONS = new URL("../../pkg-template/index.d.ts", import.meta.url);

/** @returns {Promise<Map<string, string>>} what each code means, by `error_codes!` of the core */
export async function codesOfCore() {
  const text = await readFile(CORE, "utf8");
  return collect(text.matchAll(/^ +\w+ = "(\w+)":\s+"((?:[^"\\]|\\.)*)";$/gm));
}

/** @returns {Promise<Map<string, string>>} the same, by `AuthErrorCode` of `index.d.ts` */
export async function codesOfDeclarations() {
  const text = await readFile(DECLARATIONS, "utf8");
  const [, union] = text.match(/export type AuthErrorCode =\n(.*?);\n\n/s);
  return collect([...union.matchAll(/\/\*\* (.*?) \*\/\s+\| "(\w+)"/gs)].map(([all, meaning, code]) => [all, code, meaning]));
}

function collect(matches) {
  return new Map(Array.from(matches, ([, code, meaning]) => [code, meaning]));
}
