/**
 * The examples of pages, each built as its reader builds it: its page signs in at the local authority, shows what the API
 * responds, and signs out. Next and Angular, which take minutes, are built in a long run only.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { launchChromium } from "../consumer/chromium.js";
import { PACKAGE } from "../consumer/install.js";
import { startBackend } from "../tools/authority.js";
import { freshProject } from "../tools/installed.js";
import { serveBy, serveFolder } from "../tools/serve.js";
import { open } from "../tools/sign-in.js";

const run = promisify(execFile);
const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));
/** As the other suites know a long run. */
const isLong = process.env.COUNTERSIGN_MINUTES !== undefined;

const VITE = { build: ["vite", "build"], output: "dist" };
const PAGES = [
  { name: "html", packages: "esbuild", output: "" },
  { name: "service-worker", packages: "esbuild", output: "" },
  { name: "vite", packages: "vite-8", ...VITE, check: ["tsc"] },
  { name: "react", packages: "react", ...VITE },
  { name: "vue", packages: "vue", ...VITE },
  { name: "svelte", packages: "svelte", ...VITE },
  { name: "angular", packages: "angular", build: ["ng", "build"], output: "dist/browser", isSlow: true },
  { name: "next", packages: "next", build: ["next", "build"], serve: (port) => ["next", "start", "--hostname", "localhost", "--port", port], isSlow: true },
];

const scratch = await mkdtemp(path.join(tmpdir(), "countersign-"));
const [backend, browser] = await Promise.all([startBackend(path.resolve(PACKAGE)), launchChromium()]);
after(() => Promise.all([backend.stop(), browser.close(), rm(scratch, { recursive: true, force: true })]));
await run("npm", ["pack", path.resolve(PACKAGE), "--pack-destination", scratch, "--ignore-scripts"], { cwd: scratch });
const archive = path.join(scratch, (await readdir(scratch))[0]);

/** What is the reader's own in an example. */
const OWN = [
  ['"https://login.example"', JSON.stringify(backend.page.authority)],
  ['"my-page"', JSON.stringify(backend.page.clientId)],
  ['"openid profile offline_access notes.read"', JSON.stringify(backend.page.scope)],
  ['"https://api.example/notes"', JSON.stringify(backend.page.apis[0])],
];

/** The files of an example, with these values in place of the reader's. */
async function filesOf(name) {
  const folder = path.join(EXAMPLES, name);
  const files = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === "package.json") continue;
    const file = path.join(entry.parentPath, entry.name);
    files[path.relative(folder, file)] = await readFile(file, "utf8");
  }
  for (const [from, to] of OWN) {
    const holding = Object.keys(files).filter((file) => files[file].includes(from));
    assert.ok(holding.length > 0, `No file of examples/${name} has ${from}.`);
    for (const file of holding) files[file] = files[file].replaceAll(from, to);
  }
  return files;
}

for (const { name, packages, build, check, serve, output, isSlow } of PAGES) {
  const skip = isSlow && !isLong && "it is built in a long run";
  test(`examples/${name}: a user signs in, the API responds, and the user signs out`, { skip, timeout: 600_000 }, async () => {
    const folder = await freshProject(packages, archive, await filesOf(name));
    const PATH = [path.join(folder, "node_modules", ".bin"), path.dirname(process.execPath), process.env.PATH].join(path.delimiter);
    const env = { ...process.env, PATH, CI: "1", NO_COLOR: "1", FORCE_COLOR: "0", NEXT_TELEMETRY_DISABLED: "1" };
    for (const [program, ...words] of [check, build].filter(Boolean)) {
      await run(program, words, { cwd: folder, env }).catch(({ stdout, stderr }) => assert.fail(`${program}: ${stdout}${stderr}`));
    }
    const site = await (serve ? serveBy((port) => serve(String(port)), { cwd: folder, env }) : serveFolder(path.join(folder, output)));
    try {
      await open(browser, site.url, async (page) => {
        const wrong = [];
        page.on("pageerror", (error) => wrong.push(String(error)));
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByRole("button", { name: `Sign out ${backend.page.name}` }).waitFor();
        await page.locator("pre").getByText(JSON.stringify({ user: backend.page.user })).waitFor();
        assert.equal(page.url(), site.url);
        await page.getByRole("button", { name: "Sign out" }).click();
        await page.waitForURL((url) => url.origin !== new URL(site.url).origin || url.search !== "");
        assert.deepEqual(wrong, []);
      });
    } finally {
      await site.stop();
    }
  });
}

test("the package.json of each example names what it is built with", async () => {
  const versions = JSON.parse(await readFile(new URL("../tools/packages.json", import.meta.url), "utf8"));
  for (const { name, packages, build } of PAGES) {
    const { dependencies, devDependencies } = JSON.parse(await readFile(path.join(EXAMPLES, name, "package.json"), "utf8"));
    const { countersign, ...others } = { ...dependencies, ...devDependencies };
    assert.equal(countersign, "^0.1.0");
    const built = build === undefined ? {} : versions[packages];
    assert.deepEqual(Object.keys(others).toSorted(), Object.keys(built).toSorted(), name);
    for (const [other, range] of Object.entries(others)) {
      const [major] = built[other].split(".");
      assert.ok(range.startsWith(`^${major}.`) || range.startsWith(`~${major}.`), `examples/${name}: ${other} is ${range}, and ${built[other]} is tested`);
    }
  }
});

test("every folder of examples/ is built", async () => {
  const folders = (await readdir(EXAMPLES, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  assert.deepEqual(folders.toSorted(), PAGES.map(({ name }) => name).toSorted());
});
