import { ERROR_CODES } from "./error-codes/error-codes.js";

/** A request refused for a reason that the caller is told. */
export class Refusal extends Error {
  /**
   * @param {number | string} code an AADSTS code, or the full name of an error of B2C
   * @param {object} [details] what the sentence names; never a secret
   * @param {{ error?: string, suberror?: string, claims?: string, status?: number }} [instead] what differs from the table here
   */
  constructor(code, details = {}, instead = {}) {
    const entry = { ...ERROR_CODES[code], ...instead };
    const name = nameOf(code);
    super(`${name}: ${entry.text(details).trim()}`);
    this.code = code;
    this.codeName = name;
    this.sentence = entry.text(details).trim();
    this.error = entry.error;
    this.suberror = entry.suberror;
    this.claims = instead.claims;
    this.status = entry.status ?? 400;
  }
}

/**
 * What an error code means, apart from any request; undefined for one that is not here.
 * @param {string} code with or without its `AADSTS`
 */
export function explain(code) {
  const key = code.replace(/^AADSTS/i, "");
  const entry = Object.hasOwn(ERROR_CODES, key) ? ERROR_CODES[key] : undefined;
  if (!entry) return undefined;
  // In place of what a request would have, the names of what goes there.
  const placeholders = new Proxy({}, { get: (_, name) => (name === "reason" ? "" : `{${name}}`) });
  return { name: nameOf(/^\d/.test(key) ? Number(key) : key), error: entry.error, status: entry.status ?? 400, sentence: entry.text(placeholders).trim(), remedy: entry.remedy };
}

function nameOf(code) {
  return typeof code === "number" ? `AADSTS${code}` : code;
}

/** The documented JSON of an error response ("Handling error codes in your application"). */
export function errorBody(refusal, { clock, origin, traceId, correlationId }) {
  const timestamp = clock.timestamp();
  return {
    error: refusal.error,
    error_description: describe(refusal, { timestamp, traceId, correlationId }),
    // B2C has names and no numbers.
    ...(typeof refusal.code === "number" && { error_codes: [refusal.code] }),
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `${origin}/error?code=${refusal.code}`,
    ...(refusal.suberror && { suberror: refusal.suberror }),
    ...(refusal.claims && { claims: refusal.claims }),
  };
}

/** The parameters of an error that travels on a redirect (RFC 6749 section 4.1.2.1). */
export function errorParameters(refusal, { clock, origin, traceId, correlationId }) {
  return {
    error: refusal.error,
    error_description: describe(refusal, { timestamp: clock.timestamp(), traceId, correlationId }),
    error_uri: `${origin}/error?code=${refusal.code}`,
    ...(refusal.suberror && { suberror: refusal.suberror }),
    ...(refusal.claims && { claims: refusal.claims }),
  };
}

function describe(refusal, { timestamp, traceId, correlationId }) {
  return `${refusal.message}\r\nTrace ID: ${traceId}\r\nCorrelation ID: ${correlationId}\r\nTimestamp: ${timestamp}`;
}
