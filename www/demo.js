/** The demo: a provider, an API under workerd and a page, all on loopback. `cargo xtask demo` prepares what it needs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";

import { startApi } from "./api-server.js";
import { startPage } from "./page-server.js";
import { smoke } from "./smoke.js";

/** The first is the default: the local authority in the shape of Entra ID; then a plain OpenID provider. */
const PROVIDERS = ["authority", "oidc"];
const USAGE = `usage: cargo xtask demo [--smoke] [options]

  --smoke            drive the demo in headless Chromium and end
  --provider NAME    ${PROVIDERS.join(" or ")}; default: ${PROVIDERS[0]}
  --port N           the page's port; default: a free one
  --no-open          do not open a browser
  --help`;

/** Seconds that an access token lives: long enough to look at, short enough to wait for its refresh. */
const TOKEN_LIFE = { shown: 30, smoke: 12 };

process.exitCode = await run(parse());

async function run({ isSmoke, provider, port, open }) {
  const stopped = stopSignal();
  const stops = [];
  const keep = (part) => {
    stops.unshift(part.stop);
    return part;
  };
  try {
    const demo = await start({ provider, port, tokenLife: isSmoke ? TOKEN_LIFE.smoke : TOKEN_LIFE.shown }, keep);
    if (isSmoke) return (await smoke(demo, stopped)) ? 0 : 1;
    if (!stopped.aborted) {
      present(demo, open);
      await once(stopped, "abort");
    }
    console.log("\nStopping.");
    return 0;
  } catch (error) {
    if (error.code !== "EADDRINUSE") throw error;
    console.error(`Port ${error.port} is taken. Choose another, or leave --port out for a free one.`);
    return 1;
  } finally {
    for (const stop of stops) await stop();
  }
}

/** The page's URL comes first, because the provider has to know it; then the page is built with the provider's. */
async function start({ provider: name, port, tokenLife }, keep) {
  const page = keep(await startPage({ port }));
  const { start: startProvider } = await import(`./provider/${name}.js`);
  const provider = keep(await startProvider({ pageUrl: page.url, tokenLife }));
  const { issuer, audience, scope } = provider.api;
  const api = keep(
    await startApi({ ISSUER: issuer, AUDIENCE: audience, SCOPE: scope, PAGE_ORIGIN: new URL(page.url).origin }),
  );
  await page.build(
    {
      VITE_AUTHORITY: provider.authority,
      VITE_CLIENT_ID: provider.clientId,
      VITE_SCOPE: provider.scope,
      VITE_RESOURCE: provider.resource ?? "",
      VITE_API_URL: api.url,
    },
    [provider.authority, api.url],
  );
  return { page, provider, api, tokenLife };
}

function present({ page, provider, api, tokenLife }, open) {
  console.log(`
  Countersign: who goes there?

    page      ${page.url}
    provider  ${provider.authority}  (${provider.title})
    API       ${api.url}  (workerd)
    sign in   ${provider.users.join("\n              ")}

  An access token lives ${tokenLife} seconds here. Ctrl-C stops everything.
`);
  if (open) openInBrowser(page.url);
}

function openInBrowser(url) {
  const [program, ...before] = { darwin: ["open"], win32: ["cmd", "/c", "start", ""] }[process.platform] ?? ["xdg-open"];
  const browser = spawn(program, [...before, url], { stdio: "ignore", detached: true });
  // The URL is on the terminal already.
  browser.on("error", () => {});
  browser.unref();
}

/** Aborted at the first Ctrl-C or request to end; the second one ends the process at once. */
function stopSignal() {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(name, () => controller.abort());
  return controller.signal;
}

function parse() {
  try {
    const { values } = parseArgs({
      options: {
        smoke: { type: "boolean", default: false },
        provider: { type: "string", default: PROVIDERS[0] },
        port: { type: "string", default: "0" },
        open: { type: "boolean", default: hasDesktop() },
        help: { type: "boolean", default: false },
      },
      allowNegative: true,
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    if (!PROVIDERS.includes(values.provider)) throw new Error(`There is no provider "${values.provider}".`);
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`"${values.port}" is no port.`);
    return { isSmoke: values.smoke, provider: values.provider, port, open: values.open };
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

function hasDesktop() {
  const { CI, DISPLAY, WAYLAND_DISPLAY } = process.env;
  const screen = ["darwin", "win32"].includes(process.platform) || DISPLAY || WAYLAND_DISPLAY;
  return Boolean(screen && !CI && process.stdout.isTTY);
}
