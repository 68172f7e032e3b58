/** The browsers by name, as the system has them. The programs may be given by the environment. */
import { existsSync, globSync } from "node:fs";
import path from "node:path";
import process from "node:process";

const found = (variable, names) =>
  process.env[variable] ??
  names.flatMap((name) => process.env.PATH.split(path.delimiter).map((directory) => path.join(directory, name))).find(existsSync);

export const BROWSERS = {
  firefox: () => ({
    driver: found("GECKODRIVER", ["geckodriver"]),
    port: (port) => ["--port", String(port)],
    capabilities: { browserName: "firefox", "moz:firefoxOptions": { args: ["-headless"], binary: found("FIREFOX", ["firefox", "firefox-esr"]) } },
  }),
  webkit: () => ({
    // It has no mode without a display.
    driver: found("XVFB_RUN", ["xvfb-run"]),
    port: (port) => ["-a", found("WEBKITWEBDRIVER", ["WebKitWebDriver"]), `--port=${port}`],
    capabilities: {
      "webkitgtk:browserOptions": { binary: globSync("/usr/lib/*/webkit2gtk-4.*/MiniBrowser").at(-1), args: ["--automation"] },
    },
  }),
};
