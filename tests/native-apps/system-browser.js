/**
 * The system's browser: Chromium, and an `xdg-open` that hands it URLs. A person in it signs in, and enters the codes of devices.
 */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";

import { launchChromium } from "../consumer/chromium.js";

export async function startSystemBrowser() {
  const chromium = await launchChromium();
  const visits = [];
  const server = createServer(async (request, response) => {
    if (request.method === "GET") return response.end(JSON.stringify(visits));
    const { url, userCode } = JSON.parse(await text(request));
    // An opener does not wait for the browser.
    response.end();
    const visit = { asked: url };
    visits.push(visit);
    try {
      Object.assign(visit, await open(chromium, url, userCode));
    } catch (error) {
      visit.error = String(error);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}/`;
  const directory = await mkdtemp(path.join(tmpdir(), "countersign-opener-"));
  const opener = path.join(directory, "xdg-open");
  const program = `fetch(${JSON.stringify(url)}, { method: "POST", body: JSON.stringify({ url: process.argv[1] }) })`;
  await writeFile(opener, `#!/bin/sh\nexec '${process.execPath}' -e '${program}' "$1"\n`);
  await chmod(opener, 0o755);
  return {
    url,
    directory,
    async close() {
      server.close();
      server.closeAllConnections();
      await chromium.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** What a person sees in the end. */
async function open(chromium, url, userCode) {
  const context = await chromium.newContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const requested = [];
    page.on("request", (request) => requested.push(request.url()));
    await page.goto(url);
    for (let steps = 0; steps < 8 && (await step(page, userCode)); steps += 1);
    return { url: page.url(), title: await page.title(), html: await page.content(), requested };
  } finally {
    await context.close();
  }
}

/** Does what the page asks of a person. @returns whether it asked for anything */
async function step(page, userCode) {
  const [code, login, button] = [page.locator("input[name=otc], input[name=user_code]:not([type=hidden])"), page.locator("input[name=login]"), page.locator("button[type=submit], button.main, button[autofocus], form button")];
  if ((await code.count()) > 0) await code.fill(userCode);
  if ((await login.count()) > 0) {
    await login.fill("ada");
    await page.locator("input[type=password]").fill("any");
  }
  if ((await button.count()) === 0) return false;
  await Promise.all([page.waitForEvent("load"), button.first().click()]);
  return true;
}
