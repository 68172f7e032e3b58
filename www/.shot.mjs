import { chromium } from "playwright-core";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
const provider = process.argv[2] ?? "authority";
const demo = spawn(process.execPath, ["demo.js", "--no-open", "--provider", provider], { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "inherit"] });
const lines = createInterface({ input: demo.stdout });
let url;
for await (const line of lines) { console.log(line); const m = /page +(http\S+)/.exec(line); if (m) { url = m[1]; } if (/Ctrl-C/.test(line)) break; }
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const [name, width, scheme] of [["desk-light", 1280, "light"], ["desk-dark", 1280, "dark"], ["phone-light", 390, "light"], ["phone-dark", 390, "dark"], ["tablet-light", 900, "light"]]) {
  const page = await (await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, deviceScaleFactor: name.startsWith("desk") ? 1 : 1 })).newPage();
  page.on("console", (m) => m.type() === "error" && console.log(name, m.text()));
  await page.goto(url);
  if (name === "phone-dark") { await page.waitForTimeout(2500); await page.screenshot({ path: `/tmp/shots/${provider}-idle.png`, fullPage: true }); }
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((u) => u.port !== new URL(url).port); if (provider === "oidc") { await page.getByLabel("User").fill("ada"); await page.getByLabel("Password").fill("any"); await page.getByRole("button", { name: "Sign in" }).click(); }
  else { await page.getByLabel("User name").fill("ada@engine.onmicrosoft.com"); await page.getByRole("button", { name: "Next" }).click(); await page.getByLabel("Password").fill("ada-password"); await page.getByRole("button", { name: "Sign in" }).click(); }
  await page.getByText("Pass, Ada.").waitFor();
  await page.getByRole("button", { name: "Call the API" }).click();
  await page.locator(".verdict").waitFor();
  await page.waitForTimeout(2500);
  await page.screenshot({ path: `/tmp/shots/${provider}-${name}.png`, fullPage: true }); await page.locator(".route").screenshot({ path: `/tmp/shots/${provider}-${name}-route.png` });
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  console.log(name, "overflow", over);
  await page.close();
}
await browser.close();
demo.kill("SIGINT");
console.log("demo ended with", await new Promise((r) => demo.on("exit", r)));
