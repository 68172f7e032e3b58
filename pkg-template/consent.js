// Consent and registration: what an application may ask for, who has to consent, and the administrator's consent. It needs no
// WebAssembly, and runs in pages and services.

import { AuthError } from "./auth-error.js";
import { knowCodes } from "./edge/know-codes.js";

const WHO = ["user", "administrator"];
const MANY_TENANTS = ["common", "consumers"];

/** What OpenID Connect has, and no API. */
const OPENID_SCOPES = ["openid", "profile", "email", "offline_access"];

/** Checks what an `application.json` declares. */
export function readApplication(given) {
  knowCodes();
  const application = typeof given === "string" ? parse(given) : given;
  const { clientId, redirectUris = [], apis = [] } = application ?? {};
  need(typeof clientId === "string" && clientId !== "", "clientId is missing");
  need(isTexts(redirectUris), "redirectUris must be a list of URLs");
  need(Array.isArray(apis), "apis must be a list");
  const read = apis.map(({ resource, scopes = {}, roles = [] } = {}, place) => {
    need(typeof resource === "string" && resource !== "", `apis[${place}].resource is missing`);
    need(Object.values(scopes).every((who) => WHO.includes(who)), `apis[${place}].scopes must say user or administrator for each scope`);
    need(isTexts(roles), `apis[${place}].roles must be a list of roles`);
    return { resource, scopes: { ...scopes }, roles: [...roles] };
  });
  return { clientId, redirectUris: [...redirectUris], apis: read };
}

/** @returns {string[]} what is asked for and not declared */
export function undeclared(application, { scope, resource, redirectUri } = {}) {
  const { redirectUris, apis } = readApplication(application);
  const missing = words(scope).filter((word) => !OPENID_SCOPES.includes(word) && !apis.some((api) => declares(api, word, resource)));
  if (resource !== undefined && !apis.some((api) => api.resource === resource)) missing.push(resource);
  if (redirectUri !== undefined && !redirectUris.includes(redirectUri)) missing.push(redirectUri);
  return missing;
}

/**
 * What is declared for an API and not in a token for it. Nobody checks the token here: it is the application's own.
 *
 * @returns {{ resource: string, permission: string, consent: "user" | "administrator" }[]}
 */
export function missingPermissions(application, { resource, accessToken }) {
  const api = readApplication(application).apis.find((api) => api.resource === resource);
  need(api !== undefined, `${resource} is not declared`);
  const { scp, roles = [] } = claimsOf(accessToken);
  const granted = words(scp);
  const declared = scp === undefined ? api.roles.map((role) => [role, "administrator"]) : Object.entries(api.scopes);
  const has = (permission) => (scp === undefined ? roles : granted).includes(permission);
  return declared.filter(([permission]) => !has(permission)).map(([permission, consent]) => ({ resource, permission, consent }));
}

/** The methods whose first argument says what is asked for. */
const ASKING = ["clientCredentials", "onBehalfOf", "exchange", "authorizationRequest", "refresh", "signIn", "getToken"];

/** The same client, of a page or a service, which refuses what the application does not declare before it is sent. */
export function withApplication(client, application) {
  const declared = readApplication(application);
  const check = ({ scope, resource, redirectUri } = {}) => {
    const [unknown] = undeclared(declared, { scope, resource, redirectUri });
    need(unknown === undefined, `application does not declare ${unknown}: declare it, and have it consented to`);
  };
  return new Proxy(client, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      if (ASKING.includes(name)) return async (options, ...others) => (check(options), member.call(target, options, ...others));
      if (name === "fetch") return async (input, init) => (check(init?.token ?? init), member.call(target, input, init));
      return member.bind(target);
    },
  });
}

/** The declared roles that nobody has granted to a service, in a tenant: `by` says how its authority is asked. */
export async function missingRoles(client, application, { tenant, by = "scope" } = {}) {
  const apis = readApplication(application).apis.filter(({ roles }) => roles.length > 0);
  const missing = await Promise.all(
    apis.map(async ({ resource, roles }) => {
      const target = by === "resource" ? { resource } : { scope: `${resource}/.default` };
      try {
        const { accessToken } = await client.clientCredentials({ ...target, tenant });
        return missingPermissions(application, { resource, accessToken });
      } catch (error) {
        // An API that requires an assignment gives an application without one no token at all.
        if (error.code !== "client_unauthorized") throw error;
        return roles.map((permission) => ({ resource, permission, consent: "administrator" }));
      }
    }),
  );
  return missing.flat();
}

/** Where an administrator consents for all users of a tenant, by Entra's v2.0 (with `scope`) or v1.0. */
export function adminConsentUrl({ authority, clientId, redirectUri, scope, state }) {
  knowCodes();
  const url = URL.canParse(authority) ? new URL(authority) : undefined;
  const [tenant, version, ...others] = url?.pathname.replace(/^\/|\/$/g, "").split("/") ?? [];
  need(tenant && others.length === 0 && [undefined, "v2.0"].includes(version), "authority must be Entra's, with a tenant");
  need(url.protocol === "https:" || ["localhost", "127.0.0.1"].includes(url.hostname), "authority must be an https URL");
  need(!MANY_TENANTS.includes(tenant), "authority must name a tenant or organizations: an administrator consents for one tenant");
  need(clientId, "clientId is missing");
  need(URL.canParse(redirectUri), "redirectUri must be a URL");
  need(typeof state === "string" && state !== "", "state is missing: it shows that the response belongs to this request");
  const isV2 = version === "v2.0";
  const asked = words(scope);
  need(isV2 === asked.length > 0, isV2 ? "scope is missing" : "scope is not for v1.0: the registration's permissions are asked for");
  const query = new URLSearchParams({ client_id: clientId, redirect_uri: redirectUri, state, ...(isV2 && { scope: asked.join(" ") }) });
  return `${url.origin}/${tenant}${isV2 ? "/v2.0" : ""}/adminconsent?${query}`;
}

/**
 * Checks the response to it. Whose consent it was it does not tell: anybody can write a `tenant` into a link, and the next token
 * says which tenant it is from.
 */
export function readAdminConsent(location, { state }) {
  knowCodes();
  need(typeof state === "string" && state !== "", "state is missing");
  const { searchParams } = new URL(location);
  for (const name of new Set(searchParams.keys())) {
    if (searchParams.getAll(name).length > 1) throw new AuthError("response_invalid", { detail: name });
  }
  if (searchParams.get("state") !== state) throw new AuthError("response_invalid", { detail: "state" });
  const said = (name) => searchParams.get(name) ?? undefined;
  // A refusal may say `admin_consent=True` as well.
  if (searchParams.has("error")) {
    const members = { error: said("error"), error_description: said("error_description"), error_uri: said("error_uri") };
    throw new AuthError("authorization_refused", Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)));
  }
  if (said("admin_consent")?.toLowerCase() !== "true") throw new AuthError("response_invalid", { detail: "admin_consent" });
  return { scopes: words(said("scope")) };
}

/** A scope names its API, or `resource` does. `/.default` stands for all that is declared. */
function declares({ resource: api, scopes }, word, resource) {
  if (resource !== undefined) return resource === api && Object.hasOwn(scopes, word);
  const name = word.startsWith(`${api}/`) ? word.slice(api.length + 1) : undefined;
  return name !== undefined && (name === ".default" || Object.hasOwn(scopes, name));
}

function claimsOf(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(payload), (character) => character.charCodeAt(0))));
  } catch (cause) {
    throw new AuthError("token_malformed", { detail: "the access token says nothing of its permissions" }, cause);
  }
}

const words = (scope) => [scope ?? []].flat().flatMap((text) => text.split(" ")).filter((word) => word !== "");

const isTexts = (list) => Array.isArray(list) && list.every((text) => typeof text === "string");

function parse(text) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AuthError("invalid_option", { detail: "application is not JSON" }, cause);
  }
}

function need(condition, rule) {
  if (!condition) throw new AuthError("invalid_option", { detail: rule });
}
