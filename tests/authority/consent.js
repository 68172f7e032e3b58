import { GRAPH } from "./directory/directory.js";
import { Refusal } from "./refusals.js";
import { requestedPermissions } from "./scopes.js";

/**
 * The permissions of a request that nobody has consented to yet.
 * @returns {{ resource: object, scopes: object[] }[]} scope definitions by API, only APIs with something missing
 */
export function missingConsent({ directory, tenantId, client, user, wanted }) {
  const missing = [];
  for (const api of consentedTogether(wanted, client, directory)) {
    const granted = directory.grantedScopes({ tenantId, client: api.client, resource: api.resource, userId: user.id });
    const scopes = api.permissions.filter((value) => !granted.has(value));
    if (scopes.length) missing.push({ client: api.client, resource: api.resource, scopes: definitions(api.resource, scopes) });
  }
  if (directory.hasConsented({ tenantId, client, userId: user.id })) return missing;
  return missing.length || wanted.oidc.size ? withInitialConsent(missing, { client, wanted, directory }) : missing;
}

/**
 * The first consent to an application brings the scopes of OpenID Connect that were asked for, and always
 * `offline_access` and `User.Read` ("Overview of permissions and consent in the Microsoft identity platform").
 */
function withInitialConsent(missing, { client, wanted, directory }) {
  const graph = directory.registration(GRAPH);
  const other = missing.filter(({ client: holder, resource }) => holder !== client || resource !== graph);
  const asked = missing.find((entry) => !other.includes(entry))?.scopes.map((scope) => scope.value) ?? [];
  const scopes = definitions(graph, [...wanted.oidc, "offline_access", "User.Read", ...asked]);
  return scopes.length ? [{ client, resource: graph, scopes }, ...other] : other;
}

/**
 * What a request brings to the consent page. `/.default` of a middle-tier API that lists the client
 * in `knownClientApplications` brings the API's own downstream permissions too (On-Behalf-Of flow,
 * ".default and combined consent").
 */
function consentedTogether(wanted, client, directory) {
  const list = [];
  for (const api of wanted.apis) {
    list.push({ client, resource: api.resource, permissions: requestedPermissions(api, client) });
    if (!api.everything || !(api.resource.knownClientApplications ?? []).includes(client.name)) continue;
    for (const [name, permissions] of Object.entries(api.resource.requiredResourceAccess ?? {})) {
      list.push({ client: api.resource, resource: directory.registrationByName(name), permissions });
    }
  }
  return list;
}

export function needsAdministrator(missing) {
  return missing.some(({ scopes }) => scopes.some((scope) => scope.type === "Admin"));
}

/** Writes consent down, for one user or, with `forEverybody`, as the administrator's for the tenant. */
export function recordConsent({ directory, tenantId, user, missing, forEverybody }) {
  for (const { client, resource, scopes } of missing) {
    directory.install(client, tenantId);
    directory.install(resource, tenantId);
    directory.consent({ tenantId, client, resource, userId: forEverybody ? undefined : user.id, scopes: scopes.map((s) => s.value) });
  }
}

/**
 * The delegated scopes for an access token: all that are consented to for this API, as Entra puts
 * them in, provided that those asked for are among them.
 */
export function scopesForToken({ directory, tenantId, client, user, api }) {
  const granted = directory.grantedScopes({ tenantId, client, resource: api.resource, userId: user.id });
  const lacking = requestedPermissions(api, client).some((value) => !granted.has(value));
  const oidcOnly = api.scopes.length === 0 && !api.everything;
  // A token for itself needs nobody's consent.
  const forItself = api.resource === client && api.everything;
  if (lacking || (granted.size === 0 && !oidcOnly && !forItself)) {
    throw new Refusal(65001, { client: client.clientId, name: client.name });
  }
  return [...granted];
}

/** Everything the registration asks for statically: what an administrator consents to for all. */
export function staticPermissions(client, directory) {
  const delegated = Object.entries(client.requiredResourceAccess ?? {}).map(([name, values]) => {
    const resource = directory.registrationByName(name);
    return { client, resource, scopes: definitions(resource, values) };
  });
  const roles = Object.entries(client.requiredAppRoles ?? {}).map(([name, values]) => {
    const resource = directory.registrationByName(name);
    return { resource, roles: (resource.appRoles ?? []).filter((role) => values.includes(role.value)) };
  });
  return { delegated, roles };
}

function definitions(resource, values) {
  return (resource.scopes ?? []).filter((scope) => values.includes(scope.value));
}
