import { GRAPH } from "./directory.js";
import { Refusal } from "./refusals.js";

/** Scopes of OpenID Connect; at Entra they are permissions of Microsoft Graph. */
export const OIDC_SCOPES = new Set(["openid", "profile", "email", "offline_access"]);

/**
 * What a request asks for.
 * @typedef {object} Wanted
 * @property {Set<string>} oidc
 * @property {{ resource: object, audience: string, scopes: string[], everything: boolean }[]} apis
 *   in the order of the request; `everything` is `/.default` or a v1.0 `resource`
 */

/** Reads `scope` of a v2.0 request: `<resource>/<permission>`, `<resource>/.default`, or a permission of Graph. */
export function readScope(scope, directory) {
  const oidc = new Set();
  const apis = new Map();
  const api = (resource, audience) => {
    const entry = apis.get(resource) ?? { resource, audience, scopes: [], everything: false };
    apis.set(resource, entry);
    return entry;
  };
  for (const value of (scope ?? "").split(/\s+/).filter(Boolean)) {
    if (OIDC_SCOPES.has(value)) {
      oidc.add(value);
      continue;
    }
    const slash = value.lastIndexOf("/");
    const permission = value.slice(slash + 1);
    const audience = slash < 0 ? "https://graph.microsoft.com" : value.slice(0, slash);
    const resource = slash < 0 ? directory.registration(GRAPH) : directory.resource(audience);
    if (!resource) throw new Refusal(500011, { resource: audience, tenant: "this authority" });
    if (permission === ".default") api(resource, audience).everything = true;
    else if (OIDC_SCOPES.has(permission) && resource.clientId === GRAPH) oidc.add(permission);
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
  const registration = directory.resource(resource);
  if (!registration) throw new Refusal(500011, { resource, tenant: "this authority" });
  return { oidc, apis: [{ resource: registration, audience: resource, scopes: [], everything: true }] };
}

/** The part of the request that one access token answers: the first API, or Graph when only OpenID scopes were asked for. */
export function firstApi(wanted, directory) {
  const graph = directory.registration(GRAPH);
  return wanted.apis[0] ?? { resource: graph, audience: graph.identifierUris[0], scopes: [], everything: false };
}

/** Refuses scopes that the API does not define. */
export function checkScopesExist(api, client) {
  const known = new Set((api.resource.scopes ?? []).map((s) => s.value));
  const unknown = api.scopes.find((value) => !known.has(value));
  if (unknown) throw new Refusal(650053, { name: client.name, scope: unknown, resource: api.resource.clientId });
}

/** Which delegated permissions a request for this API stands for: those named, or those of the registration. */
export function requestedPermissions(api, client) {
  if (!api.everything) return api.scopes;
  return (client.requiredResourceAccess ?? {})[api.resource.name] ?? [];
}
