/** What the Markdown files name exists: the files and headings that they link to, and the paths in SECURITY.md and CONTRIBUTING.md. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file) => readFileSync(path.join(root, file), "utf8");
const files = execFileSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" }).trim().split("\n");

/** A heading's anchor, as GitHub makes it. */
const anchor = (heading) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
const anchors = (text) => [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchor(heading));

for (const file of files) {
  test(`the links of ${file} lead to files and headings`, () => {
    const text = read(file);
    const links = [...text.matchAll(/\]\((?!\w+:)([^)\s]*)\)|(?:src|srcset)="(?!\w+:)([^"]+)"/g)].map(([, link, source]) => link ?? source);
    const broken = links.filter((link) => {
      const [to, heading] = link.split("#");
      const target = to === "" ? file : path.join(path.dirname(file), to);
      if (!existsSync(path.join(root, target))) return true;
      return heading !== undefined && !anchors(read(target)).includes(heading);
    });
    assert.deepEqual(broken, []);
  });
}

for (const file of ["SECURITY.md", "CONTRIBUTING.md"]) {
  test(`the paths in ${file} exist`, () => {
    const paths = [...read(file).matchAll(/`((?:src|tests|pkg-template|www|xtask|examples)\/[\w./-]*)`/g)].map(([, name]) => name);
    assert.ok(paths.length > 5);
    assert.deepEqual(paths.filter((name) => !existsSync(path.join(root, name))), []);
  });
}
