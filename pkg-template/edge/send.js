// One request, bounded in time and size. Redirects are not followed: the provider's metadata names
// the final URL.

import { whole } from "../response.js";

const TIMEOUT_MS = 10_000;
const MAX_LENGTH = 1024 * 1024;

/** Carries out the core's command to send a request. */
export const send = sendBy((url, options) => fetch(url, options));

/** The same by another `fetch`. */
export function sendBy(fetch) {
  return async (url, { method, headers, body }) => {
    try {
      const response = await fetch(url, {
        method,
        headers: [...new URLSearchParams(headers)],
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return whole(response, await boundedText(response));
    } catch (error) {
      return { failed: `${error?.name}: ${url.split("?")[0]}` };
    }
  };
}

async function boundedText(response) {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_LENGTH) throw new RangeError("The response is too long.");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
