/** One project with the package for all tests of this run. */
import path from "node:path";
import { after } from "node:test";
import { parseArgs } from "node:util";

import { projectWithPackage } from "./install.js";

const { values: given } = parseArgs({ options: { package: { type: "string" } } });

export const project = await projectWithPackage(given.package);
export const installed = path.join(project.directory, "node_modules", "countersign");

after(project.remove);
