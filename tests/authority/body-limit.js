/** More is not read: no request of these protocols needs it. */
const LONGEST_BODY = 256 * 1024;

/**
 * Refuses a longer body, whether its length is announced or not (RFC 9112 section 6.3). hono has a middleware for
 * this too, but it hands a request in chunks to the platform's `Request`, which does not take the server's.
 * @param {(c: import("hono").Context) => Response} tooLong
 */
export function limitBody(tooLong) {
  return async (c, next) => {
    const announced = c.req.header("content-length");
    if (Number(announced) > LONGEST_BODY) return tooLong(c);
    if (announced === undefined && c.req.header("transfer-encoding") !== undefined) {
      const body = await readUpTo(c.req.raw.body, LONGEST_BODY);
      if (!body) return tooLong(c);
      c.req.raw = new Request(c.req.url, { method: c.req.method, headers: c.req.raw.headers, body });
    }
    return next();
  };
}

/** The whole body, or undefined when it is longer. */
async function readUpTo(stream, limit) {
  const chunks = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
