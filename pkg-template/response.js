// A response as the core takes it.

/** @param {Response} response @param {string} body what was read of it */
export function whole({ headers, status }, body) {
  const date = Date.parse(headers.get("date"));
  return {
    // Numbers cross in thousandths.
    status: String(status),
    date: Number.isNaN(date) ? undefined : date / 1000,
    retryAfter: seconds(headers.get("retry-after")),
    dpopNonce: headers.get("dpop-nonce"),
    body,
  };
}

/** `Retry-After` in seconds from now: it is a number, or a date (RFC 9110 section 10.2.3). */
function seconds(retryAfter) {
  if (!retryAfter) return undefined;
  const delay = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return delay > 0 ? delay : undefined;
}
