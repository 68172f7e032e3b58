// The options of a verifier, as the core takes them, and those that stay in JavaScript.

import { AuthError } from "../auth-error.js";
import { toBase64url } from "./base64url.js";
import { corsOf } from "./cors.js";
import { asText, invalid, plain } from "./plain.js";
import { inLists } from "./requirement.js";
import { resourceMetadata } from "./resource-metadata.js";
import { send, sendBy } from "./send.js";

const BACKENDS = ["auto", "host", "rust"];
/** What an entry of the list of issuers may say for itself. */
const KEYS = ["authority", "metadata", "jwksUri", "jwks", "secret"];
const OF_ISSUER = ["audience", "profile", "tenants", ...KEYS];
/** What is JSON or its text, and is not looked into here. */
const DOCUMENTS = ["metadata", "jwks"];
/** What is looked at further down. */
const OPAQUE = [...DOCUMENTS, "secret", "issuer", "wasm", "fetch", "resolveGroups", "keyStore", "cors"];
const OPAQUE_OF_JWS = ["jwks", "secret", "payload", "wasm", "fetch"];
const REMEMBERED = 1000;
const MAX_REMEMBERED = 100_000;

/**
 * @returns `options` for the core with their `name`, the same for equal options only; `tenants`, the functions that admit a tenant
 * by the issuer's place; `api`, what it responds by itself; and what is JavaScript's
 */
export function readOptions(given) {
  const { crypto = "auto", wasm, fetch, resolveGroups, keyStore, remember = REMEMBERED, cors, ...rest } = plain(given, "options", opaqueIn(given, OPAQUE));
  checkHost({ crypto, fetch, resolveGroups });
  if (keyStore !== undefined && !(typeof keyStore?.get === "function" && typeof keyStore.put === "function")) {
    throw invalid("keyStore", "must have the methods get and put");
  }
  if (!Number.isInteger(remember) || remember < 0 || remember > MAX_REMEMBERED) {
    throw invalid("remember", `must be a whole number up to ${MAX_REMEMBERED}; 0 remembers no token`);
  }
  const { issuers, tenants, options } = issuersOf(inLists(rest));
  const api = { metadata: metadataOf(options, issuers), cors: cors === undefined ? undefined : corsOf(cors) };
  const forCore = { ...options, ...(api.metadata !== undefined && { resourceMetadata: api.metadata.url }), issuers };
  return { crypto, wasm, fetch, resolveGroups, keyStore, tenants, remember, api, options: forCore, name: asText([forCore, remember]) };
}

/** Nothing if the metadata is served elsewhere, and the option is its URL. */
function metadataOf({ resourceMetadata: given, scope }, issuers) {
  if (typeof given !== "object" || given === null) return undefined;
  return resourceMetadata(given, { issuers: issuers.map(({ issuer }) => issuer), scope });
}

/** The options of `verifyJws`, apart from those of the core and their `name`. */
export function readJwsOptions(given) {
  const { payload: detached, crypto = "auto", wasm, fetch, ...options } = plain(given, "options", (name) => OPAQUE_OF_JWS.includes(name));
  // Not an undefined one: the body of a request that was not read would pass for one that is in the message.
  const payload = Object.hasOwn(given, "payload") ? payloadOf(detached) : undefined;
  checkHost({ crypto, fetch });
  if ("jwks" in options) options.jwks = textOf("jwks", options.jwks);
  if ("secret" in options) options.secret = secretOf(options.secret);
  return { payload, crypto, wasm, send: fetch === undefined ? send : sendBy(fetch), options, name: asText(options) };
}

function issuersOf({ issuer, ...given }) {
  const own = {};
  const options = {};
  for (const [name, value] of Object.entries(given)) (OF_ISSUER.includes(name) ? own : options)[name] = value;
  const entries = Array.isArray(issuer) ? [...issuer] : [issuer];
  const outside = KEYS.find((name) => own[name] !== undefined);
  if (entries.length > 1 && outside !== undefined) throw invalid(outside, "belongs to one issuer; give it in the issuer's entry");
  const tenants = [];
  const issuers = entries.map((entry, place) => {
    const { tenants: admitted, ...one } = { ...own, ...entryOf(entry) };
    for (const name of DOCUMENTS) {
      if (name in one) one[name] = textOf(name, one[name]);
    }
    if ("secret" in one) one.secret = secretOf(one.secret);
    if (typeof admitted === "function") tenants[place] = admitted;
    else if (admitted !== undefined || "tenants" in own) one.tenants = admitted;
    return one;
  });
  return { issuers, tenants, options };
}

function checkHost({ crypto, ...functions }) {
  if (!BACKENDS.includes(crypto)) throw invalid("crypto", `must be one of ${BACKENDS.join(", ")}`);
  for (const [name, value] of Object.entries(functions)) {
    if (value !== undefined && typeof value !== "function") throw invalid(name, "must be a function");
  }
}

function entryOf(entry) {
  if (entry === undefined) return {};
  if (typeof entry === "string") return { issuer: entry };
  const one = inLists(plain(entry, "issuer", opaqueIn(entry, [...DOCUMENTS, "secret"])));
  if (one.issuer === undefined) throw invalid("issuer", "is missing in an entry of the list");
  return one;
}

/** Which members are taken as they are. A list of tenants is data, a function is not. */
const opaqueIn = (object, names) => (name) => names.includes(name) || (name === "tenants" && typeof object.tenants === "function");

/** The key is bytes: a text could be a password, base64, base64url or hexadecimal digits. */
function secretOf(given) {
  const { algorithm, key, ...others } = plain(given, "secret", (name) => name === "key");
  const bytes = bytesOf(key);
  if (bytes === undefined) throw invalid("secret", "must have a key of bytes; those of a text are new TextEncoder().encode(text)");
  return { ...others, algorithm, key: toBase64url(bytes) };
}

function payloadOf(payload) {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : bytesOf(payload);
  if (bytes === undefined) throw invalid("payload", "must be bytes or a string");
  return bytes;
}

/** A copy of them, of whatever realm. */
function bytesOf(bytes) {
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice();
  return Object.prototype.toString.call(bytes) === "[object ArrayBuffer]" ? new Uint8Array(bytes).slice() : undefined;
}

function textOf(name, document) {
  if (typeof document === "string") return document;
  try {
    const text = typeof document === "object" && document !== null ? JSON.stringify(document) : undefined;
    if (text !== undefined) return text;
  } catch {
    // It is circular, or has a bigint.
  }
  throw new AuthError("invalid_option", { detail: `${name} must be a JSON object` });
}
