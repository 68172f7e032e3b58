/** A peer in a process of its own: it trusts the authority, and its memory is its own. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("program.js", import.meta.url));

/** @returns {Promise<{ ask: (measurement: string, input?: unknown) => Promise<number>, close: () => Promise<void> }>} */
export async function startPeer(name, { project, settings, certificate }) {
  const child = fork(PROGRAM, [name, project, JSON.stringify(settings)], {
    execArgv: ["--expose-gc"],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate },
  });
  const ended = once(child, "exit");
  return {
    async ask(measurement, input) {
      child.send({ measurement, input });
      const [{ result, error }] = await Promise.race([once(child, "message"), ended.then(([code]) => [{ error: `it ended with ${code}` }])]);
      if (error !== undefined) throw new Error(`${name}, ${measurement}: ${error}`);
      return result;
    },
    async close() {
      child.disconnect();
      await ended;
    },
  };
}
