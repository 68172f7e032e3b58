import { GRAPH } from "./directory/directory.js";
import { Refusal } from "./refusals.js";

/** Scopes of OpenID Connect; at Entra they are permissions of Microsoft Graph. */
export const OIDC_SCOPES = new Set(["openid", "profile", "email", "offline_access"]);
const GRAPH_URI = "https://graph.microsoft.com";

/**
 * What a request asks for.
 * @typedef {object} Wanted
 * @property {Set<string>} oidc
 * @property {{ resource?: object, audience: string, scopes: string[], everything?: string }[]} apis
 *   in the order of the request; `everything` is the scope that asks for all there is, `/.default`, for which a v1.0
 *   `resource` stands too. An API that is not here has no `resource`: `requireResource` refuses it as soon as the
 *   tenant is known, which the error names.
 */

/**
 * Reads what an authorization or a device request asks for.
 * @returns {Wanted}
 */
export function readWanted({ version, parameters, tenant }, directory) {
  if (version === 2) {
    if (!parameters.scope) throw new Refusal(900144, { parameter: "scope" });
    const wanted = readScope(parameters.scope, directory, tenant);
    checkResourceParameter(parameters.resource, wanted.apis);
    return wanted;
  }
  const wanted = readResource(parameters.resource, parameters.scope, directory);
  // v1.0 signs in with each code and each device code, whatever `scope` says.
  wanted.oidc.add("openid");
  return wanted;
}

/** Reads `scope` of a v2.0 request: `<resource>/<permission>`, `<resource>/.default`, or a permission of Graph. */
export function readScope(scope, directory, tenant) {
  const oidc = new Set();
  const apis = new Map();
  const api = (resource, audience) => {
    const key = resource ?? audience;
    const entry = apis.get(key) ?? { resource, audience, scopes: [] };
    apis.set(key, entry);
    return entry;
  };
  for (const value of (scope ?? "").split(/\s+/).filter(Boolean)) {
    if (OIDC_SCOPES.has(value)) {
      oidc.add(value);
      continue;
    }
    const slash = value.lastIndexOf("/");
    const permission = value.slice(slash + 1);
    const audience = slash < 0 ? GRAPH_URI : value.slice(0, slash);
    const resource = slash < 0 ? directory.registration(GRAPH) : directory.resource(audience);
    if (tenant?.kind === "b2c" && slash < 0 && directory.registration(value)) {
      // At B2C the client id stands for the application as its own API.
      api(directory.registration(value), value).everything = value;
    } else if (permission === ".default") api(resource, audience).everything = value;
    else if (OIDC_SCOPES.has(permission) && resource?.clientId === GRAPH) oidc.add(permission);
    else api(resource, audience).scopes.push(permission);
  }
  const list = [...apis.values()];
  if (list.some((entry) => entry.everything) && list.some((entry) => entry.scopes.length)) {
    throw new Refusal(70011, { reason: "The .default scope can't be combined with resource-specific scopes." });
  }
  return { oidc, apis: list };
}

/** Reads `resource` of a v1.0 request; `scope` counts only for `openid` and its kin (v1.0 has no incremental consent). */
export function readResource(resource, scope, directory) {
  const oidc = new Set((scope ?? "").split(/\s+/).filter((value) => OIDC_SCOPES.has(value)));
  if (!resource) return { oidc, apis: [] };
  return { oidc, apis: [{ resource: directory.resource(resource), audience: resource, scopes: [], everything: `${resource}/.default` }] };
}

/**
 * `resource` beside `scope` at v2.0 (RFC 8707): an Application ID URI of the API that the scopes are of,
 * character for character, and that API accepts v2.0 tokens, or v1.0 tokens with its client id as the
 * audience ("Secure a Model Context Protocol (MCP) server with Microsoft Entra ID").
 */
export function checkResourceParameter(resource, apis) {
  if (resource === undefined) return;
  const [api] = apis;
  const matches =
    apis.length === 1 &&
    (api.resource?.identifierUris ?? []).includes(resource) &&
    (api.resource.accessTokenAcceptedVersion === 2 || hasGuidAudience(api.resource));
  if (!matches) throw new Refusal(9010010);
}

/** The optional claim `aud` with `use_guid`: the audience of v1.0 tokens is the API's client id. */
export function hasGuidAudience({ optionalClaims }) {
  return (optionalClaims ?? []).includes("aud");
}

/** The part of the request that one access token serves: the first API, or Graph if only OpenID scopes were asked for. */
export function firstApi(wanted, directory) {
  return wanted.apis[0] ?? { resource: directory.registration(GRAPH), audience: GRAPH_URI, scopes: [] };
}

/** Refuses scopes that the API does not define. */
export function checkScopesExist(api, client) {
  if (!api.resource) return;
  const known = new Set((api.resource.scopes ?? []).map((s) => s.value));
  const unknown = api.scopes.find((value) => !known.has(value));
  if (unknown) throw new Refusal(650053, { name: client.name, scope: unknown, resource: api.resource.clientId });
}

/** Which delegated permissions a request for this API stands for: those named, or those of the registration. */
export function requestedPermissions(api, client) {
  if (!api.everything) return api.scopes;
  return (client.requiredResourceAccess ?? {})[api.resource.name] ?? [];
}
