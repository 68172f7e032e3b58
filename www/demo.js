/**
 * The demo: a provider, two APIs under workerd, a page and a daemon, all on loopback. `cargo xtask demo` prepares what it
 * needs.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";

import { startDaemon } from "./daemon/daemon.js";
import { startPage } from "./page-server.js";
import { smoke } from "./smoke.js";
import { startWorker } from "./worker-server.js";

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
  let daemon;
  const page = keep(await startPage({ port, daemon: () => daemon?.responses ?? {} }));
  const { start: startProvider } = await import(`./provider/${name}.js`);
  const provider = keep(await step("the provider", startProvider({ pageUrl: page.url, tokenLife })));
  const archive = await startArchive(provider, keep);
  const api = await startApi(provider, { page, archive }, keep);
  const settings = {
    VITE_AUTHORITY: provider.authority,
    VITE_CLIENT_ID: provider.clientId,
    VITE_SCOPE: provider.scope,
    VITE_RESOURCE: provider.resource ?? "",
    VITE_API_URL: api.url,
    VITE_API_GAP: provider.api.gap ?? "",
  };
  await step("the page", page.build(settings, [provider.authority, api.url]));
  daemon = keep(startDaemon(provider.daemon, { api: api.url, archive: archive.url }));
  return { page, provider, api, archive, tokenLife };
}

async function startArchive({ archive: { verifier } }, keep) {
  const { origin } = keep(await step("the downstream API", startWorker("archive/worker.js", { VERIFIER: verifier })));
  return { url: `${origin}/records` };
}

async function startApi({ api: { verifier, client } }, { page, archive }, keep) {
  const bindings = { VERIFIER: verifier, PAGE_ORIGIN: new URL(page.url).origin, ARCHIVE_URL: archive.url };
  if (client !== undefined) {
    const { secret, ...settings } = client;
    Object.assign(bindings, { CLIENT: settings, CLIENT_SECRET: secret });
  }
  const { origin } = keep(await step("the API", startWorker("api/worker.js", bindings)));
  return { url: `${origin}/notes` };
}

/** Says what has started, and after how long. */
async function step(name, starting) {
  const startedAt = performance.now();
  const started = await starting;
  console.log(`  ${((performance.now() - startedAt) / 1000).toFixed(1).padStart(4)} s  ${name}`);
  return started;
}

function present({ page, provider, api, archive, tokenLife }, open) {
  console.log(`
  Countersign: who goes there?

    page            ${page.url}
    provider        ${provider.authority}  (${provider.title})
    API             ${api.url}  (workerd)
    downstream API  ${archive.url}  (workerd)
    daemon          calls both as itself, every few seconds
    sign in         ${provider.users.join("\n                    ")}

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
