import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { GRAPH } from "./directory.js";
import { JsonError, JsonSource } from "./json-source.js";
import { checkReferences } from "./references.js";
import * as shape from "./shape.js";

const DEFAULT_FILE = fileURLToPath(new URL("./directory.json", import.meta.url));
const GRAPH_FILE = new URL("./microsoft-graph.json", import.meta.url);
/** More would not be read. */
const PROBLEMS_TOLD = 10;

/** A directory that cannot be used; the message says where it is wrong and how. */
export class DirectoryError extends Error {
  name = "DirectoryError";
}

/**
 * Reads and checks a directory, and gives each cloud in it Microsoft Graph, unless it has one of its own.
 *
 * @param {string | object} [source] a file, or what would be in one; default the directory of this package
 * @param {{ redirectUris?: string[] }} [options] more redirect URIs for the single-page apps
 */
export async function readDirectory(source = DEFAULT_FILE, { redirectUris = [] } = {}) {
  const { data, describe } = typeof source === "string" ? await parse(source) : { data: structuredClone(source), describe: describeObject };
  refuse(shape.directory(data, ""), describe);
  const { nationalClouds = [], $schema, ...main } = data;
  const graph = JSON.parse(await readFile(GRAPH_FILE, "utf8"));
  for (const cloud of [main, ...nationalClouds]) complete(cloud, graph);
  refuse([...checkReferences(main), ...nationalClouds.flatMap((cloud, i) => checkReferences(cloud, `nationalClouds[${i}]`))], describe);
  for (const registration of main.registrations) {
    if (registration.kind === "spa") ((registration.redirectUris ??= {}).spa ??= []).push(...redirectUris);
  }
  return {
    ...main,
    nationalClouds: nationalClouds.map(({ name, port, httpPort, controlPort, ...cloud }) => ({ ...cloud, cloud: { name, ports: { port, httpPort, controlPort } } })),
  };
}

/** The problems of one entry of a list, as a sentence each. */
export function checkEntry(list, entry) {
  const entries = { tenants: shape.tenant, users: shape.user, groups: shape.group, registrations: shape.registration };
  return entries[list](entry, "").map(({ path, problem }) => `${path || "The entry"} ${problem}.`);
}

async function parse(file) {
  let text;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new DirectoryError(`The directory file ${file} could not be read: ${error.message}`);
  }
  try {
    const source = new JsonSource(text);
    return { data: source.value, describe: ({ path, problem }) => `${file}:${source.lineOf(path)}: ${path || "The file"} ${problem}.` };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new DirectoryError(`${file}:${error.line}: This is not JSON: ${error.message}.`);
  }
}

function describeObject({ path, problem }) {
  return `The directory is not valid: ${path || "it"} ${problem}.`;
}

function refuse(problems, describe) {
  if (problems.length === 0) return;
  const lines = problems.slice(0, PROBLEMS_TOLD).map(describe);
  if (problems.length > PROBLEMS_TOLD) lines.push(`… and ${problems.length - PROBLEMS_TOLD} more.`);
  throw new DirectoryError(lines.join("\n"));
}

/** What a tenant may leave out. */
export function completeTenant(tenant) {
  tenant.kind ??= "organization";
  tenant.conditionalAccess ??= [];
}

/** What a file may leave out. */
function complete(cloud, graph) {
  for (const list of ["groups", "consents", "appRoleAssignments"]) cloud[list] ??= [];
  cloud.tenants.forEach(completeTenant);
  if (cloud.registrations.some(({ clientId }) => clientId === GRAPH) || cloud.tenants.length === 0) return;
  cloud.registrations.push({ ...structuredClone(graph), tenant: cloud.tenants[0].domain });
}
