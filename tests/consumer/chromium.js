/** Chromium as the system has it, without traffic of its own. */
import { existsSync } from "node:fs";
import path from "node:path";
import process from "node:process";

import { chromium } from "playwright-core";

/** @param {import("playwright-core").LaunchOptions} [options] besides */
export function launchChromium(options) {
  return chromium.launch({ ...CHROMIUM, ...options });
}

function onPath(...names) {
  const directories = process.env.PATH.split(path.delimiter);
  return names.flatMap((name) => directories.map((directory) => path.join(directory, name))).find(existsSync);
}

export const CHROMIUM = {
  executablePath: onPath("chromium", "chromium-browser", "google-chrome"),
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
};
