/** The measured package, as it is installed in the project. */
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** @returns {Promise<typeof import("countersign/edge")>} */
export function edgeOf(project) {
  const resolved = createRequire(path.join(project, "any.js")).resolve("countersign/edge");
  return import(pathToFileURL(resolved));
}
