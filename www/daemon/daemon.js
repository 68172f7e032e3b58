/** The daemon: it has no user, and calls both APIs as itself every few seconds. */
import { createConfidentialClient } from "countersign/edge";

const PAUSE_MS = 3000;

/**
 * @param {{ authority: string, clientId: string, credential: object, targets: object }} options whose targets are for these URLs
 * @returns what each API responded last, and how to stop
 */
export function startDaemon({ targets, ...options }, urls) {
  const client = createConfidentialClient(options);
  const stopped = new AbortController();
  const responses = {};
  const round = async () => {
    const calls = Object.entries(targets).map(async ([name, token]) => {
      responses[name] = await call(client, urls[name], token, stopped.signal);
    });
    await Promise.all(calls);
  };
  // The next round begins a while after the last one has ended.
  let timer;
  const rounds = async () => {
    await round();
    if (!stopped.signal.aborted) timer = setTimeout(() => (going = rounds()), PAUSE_MS);
  };
  let going = rounds();
  return {
    responses,
    stop: async () => {
      stopped.abort();
      clearTimeout(timer);
      await going;
    },
  };
}

/** A failure is a response too: the daemon goes on. */
async function call(client, url, token, signal) {
  try {
    const response = await client.fetch(url, { token, signal });
    return { status: response.status, ...(await response.json()) };
  } catch (error) {
    return { status: 0, error: error.code ?? error.message };
  }
}
