// What an API responds by itself, before it looks at a token, and what its other responses need for pages to read them.

/** By the verifier. */
const apis = new WeakMap();

/** The metadata is public, and nobody's credentials count. Pages send headers of their own with the request. */
const TO_ALL = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*",
  "access-control-allow-methods": "GET, HEAD",
};

/** @param {{ metadata?: ReturnType<typeof import("./resource-metadata.js").resourceMetadata>, cors?: object }} api */
export function setApi(verifier, api) {
  apis.set(verifier, api);
}

/**
 * @param {{ method: string, path: string, header(name: string): string | undefined }} request
 * @returns {Promise<{ response?: { status: number, headers: Record<string, string>, body?: string }, headers: Record<string, string> }>}
 * the response, if no token is needed for it; otherwise the headers of whatever response is sent
 */
export async function before(verifier, { method, path, header }) {
  const { metadata, cors } = apis.get(verifier) ?? {};
  if (metadata?.paths.includes(path)) return { response: metadataResponse(metadata.document, method), headers: {} };
  if (cors === undefined) return { headers: {} };
  const isPreflight = method === "OPTIONS" && header("origin") !== undefined && header("access-control-request-method") !== undefined;
  const headers = await cors.headersFor(header("origin"), isPreflight);
  return isPreflight ? { response: { status: 204, headers }, headers } : { headers };
}

function metadataResponse(document, method) {
  if (method === "OPTIONS") return { status: 204, headers: TO_ALL };
  if (method !== "GET" && method !== "HEAD") return { status: 405, headers: { ...TO_ALL, allow: "GET, HEAD, OPTIONS" } };
  const headers = { ...TO_ALL, "content-type": "application/json", "cache-control": "public, max-age=600" };
  return { status: 200, headers, ...(method === "GET" && { body: JSON.stringify(document) }) };
}
