/** countersign/react where pages are rendered on a server. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

const SCRIPT = `
  import { createElement as h } from "react";
  import { renderToString } from "react-dom/server";
  import { CountersignProvider, SignedIn, SignedOut, SignInGuard, useAccount, useCountersign, useToken } from "countersign/react";

  const made = [];
  const client = async () => made.push("client");
  const Status = () => h("p", null, JSON.stringify([useCountersign().status, useAccount(), useToken()]));
  const page = h(
    CountersignProvider, { client }, h(Status), h(SignedIn, null, "in"), h(SignedOut, null, "out"), h(SignInGuard, { fallback: "wait" }, "guarded"),
  );
  const html = renderToString(page).replaceAll("&quot;", '"').replaceAll("<!-- -->", "");
  let outside;
  try {
    renderToString(h(Status));
  } catch (error) {
    outside = error.message;
  }
  console.log(JSON.stringify({ html, made, outside }));
`;

for (const [react, project] of Object.entries(JSON.parse(process.env.COUNTERSIGN_REACT))) {
  test(`React ${react}: a server renders a page that does not know yet who is signed in, and makes no client`, async () => {
    const script = path.join(project, "server.mjs");
    await writeFile(script, SCRIPT);
    const { stdout } = await run(process.execPath, [script], { cwd: project });
    const { html, made, outside } = JSON.parse(stdout);
    assert.equal(html, '<p>["loading",null,{"accessToken":null,"error":null}]</p>wait');
    assert.deepEqual(made, []);
    assert.match(outside, /put the provider around it/);
  });
}
