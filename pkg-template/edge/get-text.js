// One GET, bounded in time and size. Redirects are not followed: the provider's metadata names
// the final address.

const TIMEOUT_MS = 10_000;
const MAX_LENGTH = 1024 * 1024;

/** @returns {Promise<{ status: number, text: string } | null>} null where no whole answer came */
export async function getText(url) {
  try {
    const response = await fetch(url, {
      headers: { accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, text: await boundedText(response) };
  } catch {
    return null;
  }
}

async function boundedText(response) {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_LENGTH) throw new RangeError("The answer is too long.");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
