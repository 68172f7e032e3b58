/** The documentation site, built: its links lead somewhere, and each task and each entry has its page. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { build, SITE } from "../../docs/site/build.js";

const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));
const pages = new Map();

before(async () => {
  await build();
  for (const file of await readdir(SITE, { recursive: true })) {
    if (file.endsWith(".html")) pages.set(file, await readFile(path.join(SITE, file), "utf8"));
  }
});

const ids = (html) => new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));

test("every link of the site leads to a page, and to a place on it", () => {
  assert.ok(pages.size > 50, `${pages.size} pages`);
  const broken = [];
  for (const [file, html] of pages) {
    for (const [, link] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      if (/^\w+:/.test(link) || link === "#") continue;
      const [to, anchor] = link.split("#");
      const target = to === "" ? file : path.join(path.dirname(file), decodeURI(to));
      const isThere = existsSync(path.join(SITE, target));
      if (!isThere || (anchor && pages.has(target) && !ids(pages.get(target)).has(decodeURIComponent(anchor)))) broken.push(`${file}: ${link}`);
    }
  }
  assert.deepEqual(broken, []);
});

test("each task has a page, which the first page names", async () => {
  const tasks = (await readdir(DOCS)).filter((file) => file.endsWith(".md") && file !== "index.md");
  assert.ok(tasks.length > 10);
  for (const task of tasks) {
    const page = `documents/docs_${path.basename(task, ".md")}.html`;
    assert.ok(pages.has(page), page);
    assert.ok(pages.get("index.html").includes(`href="${page}"`), `index.md does not name ${task}`);
  }
});

test("each entry of the package has a page", async () => {
  const { exports } = JSON.parse(await readFile(fileURLToPath(new URL("../../pkg-template/package.json", import.meta.url)), "utf8"));
  for (const [name, { types }] of Object.entries(exports)) {
    if (types === undefined) continue;
    const entry = path.basename(types, ".d.ts");
    assert.ok(pages.has(`modules/pkg-template${entry === "index" ? "" : `_${entry}`}.html`), name);
  }
});

test("pictures are readable on light and on dark", async () => {
  const pictures = (await readdir(path.join(DOCS, "picture"))).filter((file) => file.endsWith(".svg"));
  assert.ok(pictures.length > 1);
  for (const picture of pictures) {
    const text = await readFile(path.join(DOCS, "picture", picture), "utf8");
    assert.match(text, /aria-label="[^"]+"/, picture);
    const [light, dark] = text.split("@media (prefers-color-scheme: dark)");
    for (const [, name] of light.matchAll(/\.(\w+) \{ (?:fill|stroke)/g)) assert.match(dark ?? "", new RegExp(`\\.${name} \\{`), `${picture}: ${name}`);
  }
});
