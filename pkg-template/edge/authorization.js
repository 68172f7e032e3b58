// The Authorization header of a request, whatever the host's headers are.

/**
 * @param headers `Headers`, Node's `IncomingMessage.headers`, or a plain object whose names have any case (RFC 9110 section 5.1)
 * @returns {string | undefined} all of its values, as one
 */
export function authorizationOf(headers) {
  // A test event of AWS's API Gateway has null.
  if (headers == null) return undefined;
  if (typeof headers.get === "function") return text(headers.get("authorization"));
  const values = Object.keys(headers).flatMap((name) => (name.toLowerCase() === "authorization" ? (headers[name] ?? []) : []));
  return values.length === 0 ? undefined : values.join(", ");
}

/** Headers of a host's own may give what is no header. */
const text = (value) => (typeof value === "string" ? value : undefined);
