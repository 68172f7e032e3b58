/** Measures in workerd, from outside: the time of a request with many verifications, less that of an empty one. */
import { startWorker } from "../../edge/runtimes/workerd.js";
import { rounds } from "./rounds.js";
import { median } from "../statistics.js";

export const NAME = "workerd";

/** @returns {Promise<Map<string, number[]>>} microseconds for a token, of each candidate in each round */
export async function measureInWorkerd({ project, material, plan }) {
  const { url, stop } = await startWorker(new URL("worker.js", import.meta.url), project);
  const ask = async (path, candidate = "", body = "") => {
    const response = await fetch(new URL(`${path}?candidate=${encodeURIComponent(candidate)}`, url), { method: "POST", body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} ${candidate}: ${text}`);
    return text;
  };
  const timed = async (...request) => {
    const before = process.hrtime.bigint();
    await ask(...request);
    return Number(process.hrtime.bigint() - before) / 1000;
  };
  try {
    const { tokens, ...keys } = material;
    const names = JSON.parse(await ask("/keys", "", JSON.stringify(keys)));
    return await rounds(names, tokens, plan, async (name, batch) => {
      await ask("/tokens", name, JSON.stringify(batch));
      // The first request after the large one finds the isolate busy with its garbage.
      await ask("/nothing");
      const empty = median([await timed("/nothing"), await timed("/nothing"), await timed("/nothing")]);
      return ((await timed("/verify", name)) - empty) / batch.length;
    });
  } finally {
    await stop();
  }
}
