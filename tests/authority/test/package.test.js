import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { decodeJwt } from "jose";
import { azureIdentityTokens } from "./python/acquire.js";
import { pythonWithPackages } from "./python/environment.js";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MODULES = fileURLToPath(new URL("../../node_modules", import.meta.url));
const TSC = join(MODULES, "typescript", "bin", "tsc");

/** What a user writes, checked by the compiler and run by Node, which takes the types off. */
const PROGRAM = `
import { DirectoryError, startAuthority, type RunningAuthority, type StartOptions } from "entra-local";
const options: StartOptions = { https: false, host: "127.0.0.1", automatic: { user: "alice@contoso.onmicrosoft.com" }, seed: "tests", redirectUris: ["http://localhost:5173/"] };
const authority: RunningAuthority = await startAuthority(options);
const issuer: string = authority.http + "/" + authority.tenants[0]?.id + "/v2.0";
const found = (await (await fetch(issuer + "/.well-known/openid-configuration")).json()) as { issuer: string };
if (found.issuer !== issuer) throw new Error(found.issuer);
await authority.close();
const refused: DirectoryError | undefined = await startAuthority({ directory: { tenants: [], users: [], registrations: [{ name: "", tenant: "t", clientId: "c" }] } })
  .then(() => undefined, (error: unknown) => (error instanceof DirectoryError ? error : undefined));
if (refused?.name !== "DirectoryError") throw new Error("A directory that is not valid was accepted.");
// @ts-expect-error: there is no such option
export const wrong: StartOptions = { colour: "red" };
`;

/** The package as its users get it: packed by npm and unpacked elsewhere, with what it declares as dependencies and no more. */
describe("the npm package", () => {
  let project, manifest;
  const installed = () => join(project, "node_modules", "entra-local");

  before(async () => {
    project = await mkdtemp(join(tmpdir(), "entra-local-package-"));
    await writeFile(join(project, "package.json"), '{"name":"consumer","private":true,"type":"module"}');
    const { stdout } = await run("npm", ["pack", ROOT, "--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", project], { cwd: project });
    const [{ filename }] = JSON.parse(stdout);
    await mkdir(installed(), { recursive: true });
    await run("tar", ["-xzf", join(project, filename), "-C", installed(), "--strip-components=1"]);
    manifest = JSON.parse(await readFile(join(installed(), "package.json"), "utf8"));
    await mkdir(join(project, "node_modules", ".bin"));
    await symlink(join(installed(), manifest.bin), join(project, "node_modules", ".bin", manifest.name));
    for (const name of Object.keys(manifest.dependencies)) {
      const link = join(project, "node_modules", name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(MODULES, name), link);
    }
  });
  after(() => rm(project, { recursive: true, force: true }));

  /** By `npx`, which finds what is installed; it starts a process of its own, and the two are stopped together. */
  async function start(t, ...words) {
    const child = spawn("npx", ["--no", "--offline", "--", manifest.name, "--json", "--certificates", join(project, "certificates"), ...words], { cwd: project, stdio: ["ignore", "pipe", "inherit"], detached: true });
    const ended = once(child.stdout, "close");
    t.after(() => (process.kill(-child.pid, "SIGTERM"), ended));
    const [line] = await once(createInterface(child.stdout), "line");
    return JSON.parse(line);
  }

  async function tokenOf({ http }, { tenant, ...client }, form) {
    const body = new URLSearchParams({ client_id: client.clientId, ...(client.secret && { client_secret: client.secret }), ...form });
    const response = await fetch(`${http}/${tenant}/oauth2/v2.0/token`, { method: "POST", body });
    return (await response.json()).access_token;
  }

  test("it starts from its own files and declared dependencies alone, and gives a token", async (t) => {
    const about = await start(t);
    const daemon = about.registrations.find(({ kind, secret }) => kind === "daemon" && secret);
    assert.ok(await tokenOf(about, daemon, { grant_type: "client_credentials", scope: "api://orders.contoso.example/.default" }));
  });

  test("azure-identity gets tokens from it: by a secret, by a certificate and on behalf of a user", async (t) => {
    const [python, about] = await Promise.all([pythonWithPackages(), start(t)]);
    const desktop = about.registrations.find(({ name }) => name === "Orders desktop");
    const [{ name: username, password }] = about.users;
    const assertion = await tokenOf(about, desktop, { grant_type: "password", username, password, scope: "api://shop.contoso.example/access_as_user" });
    const tokens = await azureIdentityTokens(python, about, { assertion, folder: project });
    for (const name of ["secret", "certificate", "onBehalfOf"]) {
      assert.equal(tokens[name].error, undefined, `${name}: ${tokens[name].error}`);
      const { iss, azpacr, preferred_username: user } = decodeJwt(tokens[name][0]);
      const expected = { secret: ["1", undefined], certificate: ["2", undefined], onBehalfOf: ["1", username] }[name];
      assert.deepEqual([iss, azpacr, user], [`${about.https}/${desktop.tenant}/v2.0`, ...expected], name);
    }
  });

  test("the types are those of what --json prints, of the directory files and of a program, no more and no less", async (t) => {
    const national = join(installed(), "directory", "national-cloud.json");
    const printed = await Promise.all([start(t), start(t, "--directory", national), start(t, "--http-only")]);
    const directories = await Promise.all(["directory", "customers", "national-cloud"].map((name) => readFile(join(installed(), "directory", `${name}.json`), "utf8")));
    const values = [
      'import type { AuthorityDescription, Directory } from "entra-local";',
      ...printed.map((about, i) => `export const about${i}: AuthorityDescription = ${JSON.stringify(about)};`),
      ...directories.map((text, i) => `export const directory${i}: Directory = ${text};`),
      "// @ts-expect-error: there is no such member",
      'export const wrong: Directory = { tenants: [], users: [], registrations: [{ name: "x", tenant: "t", clientId: "c", colour: "red" }] };',
    ];
    await writeFile(join(project, "values.ts"), values.join("\n"));
    await writeFile(join(project, "program.ts"), PROGRAM);
    const compilerOptions = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, target: "es2022", module: "nodenext", moduleResolution: "nodenext", types: [], skipLibCheck: false };
    await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["values.ts", "program.ts"] }));
    const { stdout } = await run(process.execPath, [TSC, "--project", project]).catch((error) => error);
    assert.equal(stdout, "");
  });

  test("a user's program starts and stops it", async () => {
    await writeFile(join(project, "run.ts"), PROGRAM);
    const { stderr } = await run(process.execPath, ["--disable-warning=ExperimentalWarning", "run.ts"], { cwd: project });
    assert.equal(stderr, "");
  });

  test("every member that the reader of directories knows is in the types", async () => {
    const shape = await readFile(join(installed(), "directory", "shape.js"), "utf8");
    const types = await readFile(join(installed(), "index.d.ts"), "utf8");
    const names = [...shape.matchAll(/\b(\w+): (?:text|flag|number|port|guid|uri|date|texts|list|named|oneOf|object|policy)\b/g)].map(([, name]) => name);
    assert.ok(names.length > 40);
    assert.deepEqual([...new Set(names)].filter((name) => !new RegExp(`\\b${name}\\??:`).test(types)), []);
  });

  test("tests, the benchmark and what they need stay out of it", async () => {
    const names = await readdir(installed(), { recursive: true });
    assert.deepEqual(names.filter((name) => /(^|\/)(test|bench)|\.test\.|\.py$/.test(name)), []);
    for (const name of ["README.md", "index.js", "index.d.ts", "main.js"]) assert.ok(names.includes(name), name);
  });

  test("its dependencies are those that this repository tests it with", async () => {
    const tested = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")).dependencies;
    for (const [name, version] of Object.entries(manifest.dependencies)) assert.equal(version, tested[name], name);
  });

  test("publint finds nothing wrong with it", async () => {
    const { stdout } = await run(process.execPath, [join(MODULES, "publint", "src", "cli.js"), installed(), "--strict"]).catch((error) => error);
    assert.match(stdout, /All good!/);
  });
});
