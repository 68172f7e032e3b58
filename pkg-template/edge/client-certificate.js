// The certificate that a client has connected with: RFC 8705 section 3.

import { AuthError } from "../auth-error.js";
import { fromBase64, toBase64url } from "./base64url.js";
import { headerOf } from "./headers.js";
import { invalid } from "./plain.js";

const PEM = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/;
/** RFC 9440 section 2.1: a byte sequence of structured fields. */
const CLIENT_CERT = /^:([\w+/]+=*):$/;
const FINGERPRINT = /^(?:[\da-f]{2}:?){32}$/i;
const THUMBPRINT = /^[\w-]{43}$/;

/** Whether the host is asked before a token is known to need it. In Workers the first look at `cf` takes its time. */
export const isAtHand = (request, given) => given !== undefined || socketOf(request)?.encrypted === true;

/**
 * @param given the option `certificate`
 * @returns {Promise<string | undefined>} the SHA-256 of the certificate, as base64url
 */
export async function certificateOf(request, given) {
  if (given === undefined) return ofConnection(request);
  if (typeof given !== "function") return thumbprintOf(headerOf(request.headers, given.header));
  let found;
  try {
    found = await given(request);
  } catch (cause) {
    throw new AuthError("invalid_option", { detail: "certificate failed; the cause says why" }, cause);
  }
  return thumbprintOf(found);
}

export function checkCertificate(given) {
  const isHeader = typeof given === "object" && given !== null && typeof given.header === "string" && Object.keys(given).length === 1;
  if (given !== undefined && typeof given !== "function" && !isHeader) throw invalid("certificate", "must be a function or name a header");
}

function ofConnection(request) {
  // Cloudflare has checked that the client has the key, also of a certificate that no authority vouches for.
  const { certPresented, certRevoked, certFingerprintSHA256 } = request?.cf?.tlsClientAuth ?? {};
  if (certPresented === "1") return certRevoked === "1" ? undefined : thumbprintOf(certFingerprintSHA256);
  return thumbprintOf(socketOf(request)?.getPeerCertificate?.()?.fingerprint256);
}

const socketOf = (request) => (request?.raw ?? request)?.socket;

/** Of PEM, also percent-encoded, of RFC 9440's header, of DER, or of the SHA-256 itself. What is none of these is no certificate. */
async function thumbprintOf(given) {
  if (given == null || given === "") return undefined;
  if (typeof given !== "string") return ArrayBuffer.isView(given) || given instanceof ArrayBuffer ? digest(given) : undefined;
  if (FINGERPRINT.test(given)) return toBase64url(Uint8Array.from(given.match(/[\da-f]{2}/gi), (digits) => parseInt(digits, 16)));
  if (THUMBPRINT.test(given)) return given;
  try {
    const text = given.startsWith("-----BEGIN%20") ? decodeURIComponent(given) : given;
    const [, body] = PEM.exec(text) ?? CLIENT_CERT.exec(text) ?? [];
    return body === undefined ? undefined : await digest(fromBase64(body.replace(/\s/g, "")));
  } catch {
    return undefined;
  }
}

const digest = async (der) => toBase64url(await crypto.subtle.digest("SHA-256", der));
