// One request, bounded in time and size. Redirects are not followed: the provider's metadata names
// the final URL.

const TIMEOUT_MS = 10_000;
const MAX_LENGTH = 1024 * 1024;

/** Carries out the core's command to send a request. */
export const send = sendBy((url, options) => fetch(url, options));

/** The same by another `fetch`. */
export function sendBy(fetch) {
  return (url, request) => exchange(fetch, url, request, AbortSignal.timeout(TIMEOUT_MS));
}

/** One request, which the signal bounds in time, also if `fetch` does not heed it. */
export async function exchange(fetch, url, { method, headers, body }, signal) {
  const request = async () => {
    const response = await fetch(url, { method, headers: [...new URLSearchParams(headers)], body, redirect: "manual", signal });
    return { status: String(response.status), ...headersOf(response), body: await boundedText(response) };
  };
  const end = new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  try {
    return await Promise.race([request(), end]);
  } catch (error) {
    return { failed: `${error?.name}: ${url.split("?")[0]}` };
  }
}

/** The headers that the core acts on. `Retry-After` as a date is a time from now (RFC 9110 section 10.2.3). */
function headersOf({ headers }) {
  const retryAfter = headers.get("retry-after") ?? "";
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return {
    etag: headers.get("etag"),
    cacheControl: headers.get("cache-control"),
    // The core reads numbers without an exponent.
    retryAfter: seconds >= 0 ? Math.min(seconds, 1e9) : undefined,
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
