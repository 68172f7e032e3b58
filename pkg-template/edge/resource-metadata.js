// The metadata of an API as a protected resource: RFC 9728.

import { invalid } from "./plain.js";

const WELL_KNOWN = "/.well-known/oauth-protected-resource";
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
const LISTS = ["authorization_servers", "scopes_supported"];
/** Texts, which may also be given by language, as `resource_name#de`: RFC 9728 section 2.1. */
const TEXTS = ["resource_name", "resource_documentation", "resource_policy_uri", "resource_tos_uri"];
/** RFC 6749 section 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * @param given the option `resourceMetadata`, an object
 * @param {{ issuers: unknown[], scope?: string[] }} verifier what the verifier accepts
 * @returns {{ url: string, paths: string[], document: object }} the URL that challenges name, and every path that clients try
 */
export function resourceMetadata(given, { issuers, scope }) {
  const { resource, ...rest } = given;
  const { origin, pathname } = urlOf(resource);
  const path = pathname === "/" ? "" : pathname;
  const members = {
    authorization_servers: [...new Set(issuers)],
    ...(scope !== undefined && { scopes_supported: scope.flatMap((scopes) => String(scopes).split(" ")) }),
    ...rest,
  };
  for (const [name, value] of Object.entries(members)) check(name, value);
  if (members.authorization_servers.some((issuer) => issuer.includes("{"))) {
    throw invalid("resourceMetadata.authorization_servers", "must be given: an issuer with a placeholder is no server");
  }
  // The verifier takes the token from nowhere but the header.
  const document = { resource, ...members, bearer_methods_supported: ["header"] };
  // RFC 9728 section 3.1; some clients know the host alone.
  const paths = [`${WELL_KNOWN}${path}`, `${WELL_KNOWN}${path}/`, WELL_KNOWN, `${WELL_KNOWN}/`];
  return { url: `${origin}${WELL_KNOWN}${path}`, paths, document };
}

/** The scopes of a challenge under the names by which clients ask for them: at Entra a token has `Notes.Read`, and its URI stands before it in a request. */
export function inFull(wwwAuthenticate, { scopes_supported: supported = [] }) {
  const full = (scope) => (supported.includes(scope) ? scope : (supported.find((one) => one.endsWith(`/${scope}`)) ?? scope));
  return wwwAuthenticate.replace(/(?<=[ ,]scope=")[^"]*/, (scopes) => scopes.split(" ").map(full).join(" "));
}

/** RFC 9728 section 1.2, and the canonical form of RFC 8707 and the Model Context Protocol: clients compare it as text. */
function urlOf(resource) {
  const url = typeof resource === "string" && URL.canParse(resource) ? new URL(resource) : {};
  const isSecure = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.includes(url.hostname));
  const isCanonical = url.href === resource || url.href === `${resource}/`;
  if (!isSecure || !isCanonical || /[#?@]|\/$/.test(resource)) {
    throw invalid("resourceMetadata.resource", "must be an https URL in lower case, without query, fragment or slash at its end");
  }
  return url;
}

function check(name, value) {
  const [base] = name.split("#");
  const isList = LISTS.includes(name);
  if (!isList && !TEXTS.includes(base)) throw invalid(`resourceMetadata.${name}`, "is not known");
  const isGiven = (text) => typeof text === "string" && text !== "";
  if (isList ? !(Array.isArray(value) && value.length > 0 && value.every(isGiven)) : !isGiven(value)) {
    throw invalid(`resourceMetadata.${name}`, isList ? "must be a list of strings, not empty" : "must be a string, not empty");
  }
  if (name !== "scopes_supported") return;
  if (!value.every((scope) => SCOPE.test(scope))) throw invalid("resourceMetadata.scopes_supported", "must have a scope in each of its strings");
  // It is for the client to ask for a refresh token, and says nothing of the API.
  if (value.includes("offline_access")) throw invalid("resourceMetadata.scopes_supported", "must not have offline_access");
}
