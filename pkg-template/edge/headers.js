// The headers of a request, whatever holds them.

/**
 * @param headers `Headers`, Node's `IncomingMessage.headers`, or a plain object whose names have any case (RFC 9110 section 5.1)
 * @param {string} wanted in lower case
 * @returns {string | undefined} all values of the header, as one
 */
export function headerOf(headers, wanted) {
  // A test event of AWS's API Gateway has null.
  if (headers == null) return undefined;
  if (typeof headers.get === "function") return text(headers.get(wanted));
  const values = Object.keys(headers).flatMap((name) => (name.toLowerCase() === wanted ? (headers[name] ?? []) : []));
  return values.length === 0 ? undefined : values.join(", ");
}

/** Headers of a host's own may give what is no header. */
const text = (value) => (typeof value === "string" ? value : undefined);
