/** The measured package, as it is installed in the project. */
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** @returns {Promise<typeof import("countersign/edge").createVerifier>} */
export async function createVerifierOf(project) {
  const resolved = createRequire(path.join(project, "any.js")).resolve("countersign/edge");
  const { createVerifier } = await import(pathToFileURL(resolved));
  return createVerifier;
}
