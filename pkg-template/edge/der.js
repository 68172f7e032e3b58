// The little of DER (X.690) and PEM (RFC 7468) that keys and certificates are wrapped in.

import { AuthError } from "../auth-error.js";
import { fromBase64 } from "./base64url.js";

export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const OBJECT_IDENTIFIER = 0x06;
export const SEQUENCE = 0x30;

/**
 * The elements in these bytes, one after the other.
 *
 * @param {Uint8Array} bytes @returns {{ tag: number, content: Uint8Array, whole: Uint8Array }[]}
 */
export function elements(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at;
    const tag = bytes[at];
    let length = bytes[at + 1];
    at += 2;
    if (length > 0x80) {
      const end = at + (length & 0x7f);
      for (length = 0; at < end; at += 1) length = length * 256 + bytes[at];
    }
    // Not `length > …`: of bytes that are missing, `length` is no number.
    if (!(at + length <= bytes.length)) throw new RangeError("The DER is cut off.");
    found.push({ tag, content: bytes.subarray(at, at + length), whole: bytes.subarray(start, at + length) });
    at += length;
  }
  return found;
}

/** The elements of the sequence that these bytes are. */
export function sequence(bytes) {
  const [first] = elements(bytes);
  if (first?.tag !== SEQUENCE) throw new TypeError("The DER is no sequence.");
  return elements(first.content);
}

/** An element of these parts. */
export function element(tag, ...parts) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const digits = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  const header = length < 0x80 ? [tag, length] : [tag, 0x80 + digits.length, ...digits];
  return Uint8Array.from([...header, ...parts.flatMap((part) => [...part])]);
}

export function isSame(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/**
 * The blocks of a PEM text, whatever stands around them. Settings often hold the text with `\n` written out, or once more in base64.
 *
 * @returns {{ label: string, bytes: Uint8Array, headers: string }[]}
 */
export function pemBlocks(text) {
  const plain = text.includes("-----BEGIN") ? text : decoded(text);
  const blocks = plain.replaceAll("\\r", "").replaceAll("\\n", "\n").matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*(?:-(?!----END)[^-]*)*)-----END \1-----/g);
  return Array.from(blocks, ([, label, body]) => {
    // RFC 1421 headers, which an encrypted key of OpenSSL's old format has, end with an empty line.
    const headers = /^\s*([A-Za-z-]+: .*\r?\n)+/.exec(body)?.[0] ?? "";
    return { label, headers, bytes: bytesOf(body.slice(headers.length)) };
  });
}

function decoded(text) {
  try {
    return atob(text.trim());
  } catch {
    return "";
  }
}

function bytesOf(body) {
  try {
    return fromBase64(body.replace(/\s/g, ""));
  } catch (cause) {
    throw new AuthError("credential_invalid", { detail: "a PEM block is not base64" }, cause);
  }
}
