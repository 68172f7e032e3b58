// The options of a verifier, as the core takes them, and those that stay in JavaScript.

import { AuthError } from "../auth-error.js";
import { toBase64url } from "./base64url.js";
import { checkCertificate } from "./client-certificate.js";
import { corsOf } from "./cors.js";
import { dpopOf, NONCE_KEY } from "./dpop.js";
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
const OPAQUE = [...DOCUMENTS, "secret", "issuer", "wasm", "fetch", "resolveGroups", "keyStore", "cors", "dpop", "certificate"];
const OPAQUE_OF_JWS = ["jwks", "secret", "payload", "wasm", "fetch", "keyStore"];
const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
const REMEMBERED = 1000;
const MAX_REMEMBERED = 100_000;

/**
 * @returns `options` for the core with their `name`, the same for equal options only; `tenants`, the functions that admit a tenant
 * by the issuer's place; `api`, what it responds by itself; and what is JavaScript's
 */
export function readOptions(given) {
  const { crypto = "auto", wasm, fetch, resolveGroups, keyStore, remember = REMEMBERED, cors, dpop: proofs, certificate, ...rest } = plain(given, "options", opaqueIn(given, OPAQUE));
  checkHost({ crypto, fetch, resolveGroups });
  checkKeyStore(keyStore);
  if (!Number.isInteger(remember) || remember < 0 || remember > MAX_REMEMBERED) {
    throw invalid("remember", `must be a whole number up to ${MAX_REMEMBERED}; 0 remembers no token`);
  }
  if (Object.hasOwn(rest, "issuers")) throw invalid("issuers", "is not an option; issuer takes a list");
  const { issuers, tenants, options } = issuersOf(inLists(rest));
  const api = { metadata: metadataOf(options, issuers), cors: cors === undefined ? undefined : corsOf(cors) };
  const dpop = "dpop" in given ? dpopOptions(proofs) : undefined;
  checkCertificate(certificate);
  const forCore = { ...options, ...(api.metadata !== undefined && { resourceMetadata: api.metadata.url }), ...dpop?.forCore, issuers };
  return { crypto, wasm, fetch, resolveGroups, keyStore, tenants, remember, api, dpop, certificate, options: forCore, name: asText([forCore, remember, nameOf(fetch), nameOf(keyStore)]) };
}

/** What the core is told has names of its own, and no members that are left out. */
function dpopOptions(given) {
  const { required, algorithms, maxAge, nonce, url, replay } = dpopOf(plain(given, "dpop", (name) => ["nonce", "url", "replay"].includes(name)));
  const nonceKey = typeof nonce === "object" ? toBase64url(bytesOf(nonce.key) ?? []) : nonce || undefined;
  const members = Object.entries({ dpop: true, "dpop.required": required, "dpop.algorithms": algorithms, "dpop.maxAge": maxAge, [NONCE_KEY]: nonceKey });
  return { forCore: Object.fromEntries(members.filter(([, value]) => value !== undefined)), url, replay };
}

// Verifiers share their keys only if they get them in the same way.
const named = new WeakMap();
let count = 0;

function nameOf(object) {
  if (object === undefined) return 0;
  if (!named.has(object)) named.set(object, (count += 1));
  return named.get(object);
}

/** Nothing if the metadata is served elsewhere, and the option is its URL. */
function metadataOf({ resourceMetadata: given, scope }, issuers) {
  if (typeof given !== "object" || given === null) return undefined;
  return resourceMetadata(given, { issuers: issuers.map(({ issuer }) => issuer), scope });
}

/** The options of `verifyJws`, apart from those of the core and their `name`. */
export function readJwsOptions(given) {
  const { payload: detached, crypto = "auto", wasm, fetch, keyStore, ...options } = plain(given, "options", (name) => OPAQUE_OF_JWS.includes(name));
  // Not an undefined one: the body of a request that was not read would pass for one that is in the message.
  const payload = Object.hasOwn(given, "payload") ? payloadOf(detached) : undefined;
  checkHost({ crypto, fetch });
  checkKeyStore(keyStore);
  // Its own members only: anybody may have put others into the prototype of all objects.
  if (Object.hasOwn(options, "jwks")) options.jwks = textOf("jwks", options.jwks);
  if (Object.hasOwn(options, "secret")) options.secret = secretOf(options.secret);
  const name = asText(keyStore === undefined ? options : [options, nameOf(keyStore)]);
  return { payload, crypto, wasm, send: fetch === undefined ? send : sendBy(fetch), keyStore, options, name };
}

function checkKeyStore(store) {
  if (store !== undefined && !(typeof store?.get === "function" && typeof store.put === "function")) {
    throw invalid("keyStore", "must have the methods get and put");
  }
}

function issuersOf({ issuer, ...given }) {
  const [own, options] = [Object.create(null), Object.create(null)];
  for (const [name, value] of Object.entries(given)) (OF_ISSUER.includes(name) ? own : options)[name] = value;
  const entries = Array.isArray(issuer) ? [...issuer] : [issuer];
  const outside = KEYS.find((name) => own[name] !== undefined);
  if (entries.length > 1 && outside !== undefined) throw invalid(outside, "belongs to one issuer; give it in the issuer's entry");
  const tenants = [];
  const issuers = entries.map((entry, place) => {
    const one = Object.assign(Object.create(null), own, entryOf(entry));
    const { tenants: admitted } = one;
    if (Array.isArray(admitted) && !admitted.every((tenant) => GUID.test(tenant))) throw invalid("tenants", "must be GUIDs, as tid has them");
    delete one.tenants;
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
