/** The suite in workerd, Cloudflare's runtime. */
import { Log, LogLevel, Miniflare } from "miniflare";

import { bundleForWorkerd } from "../../consumer/bundle.js";

/** A Worker of this entry, in a fresh isolate, with `more` of miniflare's options. */
export async function startWorker(entry, project, bindings = {}, compatibilityDate = "2026-04-01", more = {}) {
  const worker = new Miniflare({
    modules: await bundleForWorkerd(entry, project),
    modulesRoot: project,
    bindings,
    compatibilityDate,
    host: "127.0.0.1",
    port: 0,
    cf: false,
    log: new Log(LogLevel.WARN),
    ...more,
  });
  const stop = () => worker.dispose();
  try {
    return { url: await worker.ready, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param {(result: { name: string, error?: string }) => void} report */
export async function runInWorkerd({ project, provider, only, worker = new URL("worker.js", import.meta.url) }, report) {
  const { url, stop } = await startWorker(worker, project, { PROVIDER: provider });
  try {
    const names = await (await fetch(url)).json();
    for (const name of names.filter((name) => name.includes(only))) {
      const response = await fetch(url, { method: "POST", body: name });
      report(response.ok ? await response.json() : { name, error: await response.text() });
    }
  } finally {
    await stop();
  }
}
