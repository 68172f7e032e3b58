// The options of a verifier, as the core takes them, and those that stay in JavaScript.

import { AuthError } from "../auth-error.js";
import { asText, invalid, plain } from "./plain.js";
import { inLists } from "./requirement.js";

const BACKENDS = ["auto", "host", "rust"];
/** What an entry of the list of issuers may say for itself. */
const KEYS = ["authority", "metadata", "jwksUri", "jwks"];
const OF_ISSUER = ["audience", "profile", "tenants", ...KEYS];
/** What is JSON or its text, and is not looked into here. */
const DOCUMENTS = ["metadata", "jwks"];
/** What is looked at further down. */
const OPAQUE = [...DOCUMENTS, "issuer", "wasm", "fetch", "resolveGroups", "keyStore"];
const REMEMBERED = 1000;
const MAX_REMEMBERED = 100_000;

/**
 * @returns `options` for the core with their `name`, the same for equal options only; `tenants`, the functions that admit a tenant
 * by the issuer's place; and what is JavaScript's
 */
export function readOptions(given) {
  const { crypto = "auto", wasm, fetch, resolveGroups, keyStore, remember = REMEMBERED, ...rest } = plain(given, "options", opaqueIn(given, OPAQUE));
  if (!BACKENDS.includes(crypto)) throw invalid("crypto", `must be one of ${BACKENDS.join(", ")}`);
  for (const [name, value] of Object.entries({ fetch, resolveGroups })) {
    if (value !== undefined && typeof value !== "function") throw invalid(name, "must be a function");
  }
  if (keyStore !== undefined && !(typeof keyStore?.get === "function" && typeof keyStore.put === "function")) {
    throw invalid("keyStore", "must have the methods get and put");
  }
  if (!Number.isInteger(remember) || remember < 0 || remember > MAX_REMEMBERED) {
    throw invalid("remember", `must be a whole number up to ${MAX_REMEMBERED}; 0 remembers no token`);
  }
  const { issuers, tenants, options } = issuersOf(inLists(rest));
  const forCore = { ...options, issuers };
  return { crypto, wasm, fetch, resolveGroups, keyStore, tenants, remember, options: forCore, name: asText([forCore, remember]) };
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
    if (typeof admitted === "function") tenants[place] = admitted;
    else if (admitted !== undefined || "tenants" in own) one.tenants = admitted;
    return one;
  });
  return { issuers, tenants, options };
}

function entryOf(entry) {
  if (entry === undefined) return {};
  if (typeof entry === "string") return { issuer: entry };
  const one = inLists(plain(entry, "issuer", opaqueIn(entry, DOCUMENTS)));
  if (one.issuer === undefined) throw invalid("issuer", "is missing in an entry of the list");
  return one;
}

/** Which members are taken as they are. A list of tenants is data, a function is not. */
const opaqueIn = (object, names) => (name) => names.includes(name) || (name === "tenants" && typeof object.tenants === "function");

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
