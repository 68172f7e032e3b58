import { readClaimsRequest } from "../claims-request.js";
import { staticPermissions } from "../consent.js";
import { errorPage } from "../pages/error.js";
import { isRegistered } from "../redirects.js";
import { Refusal } from "../refusals.js";
import { isShared, readRequest, requireClient, requireKnownTenant } from "../request.js";
import { checkScopesExist, readScope } from "../scopes.js";
import { proceed } from "../sign-in/proceed.js";
import { refuse } from "../sign-in/refuse.js";

/**
 * `/{tenant}/adminconsent` and `/{tenant}/v2.0/adminconsent` ("Admin consent on the Microsoft identity
 * platform"): an administrator grants an application's permissions for everybody in the tenant.
 */
export function adminConsentEndpoint(authority, version) {
  return async (c) => {
    const request = await readRequest(authority, c, version);
    let transaction;
    try {
      requireKnownTenant(request);
      const client = requireClient(authority, request);
      const redirectUri = request.parameters.redirect_uri;
      if (!isRegistered(client, redirectUri)) throw new Refusal(50011, { redirectUri: redirectUri ?? "", client: client.clientId });
      transaction = open(authority, request, client, redirectUri);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return errorPage(c, { refusal: error, request });
    }
    try {
      if (version === 2) transaction.adminPermissions = readAdminScopes(authority, request, transaction.client);
      return await proceed(authority, c, transaction);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return refuse(authority, c, transaction, error);
    }
  };
}

function open(authority, request, client, redirectUri) {
  return authority.transactions.open({
    kind: "adminconsent",
    request,
    client,
    wanted: { oidc: new Set(), apis: [] },
    claimsRequest: readClaimsRequest(undefined),
    // The tenant is that of the administrator; personal accounts have none.
    tenantSegment: isShared(request) ? "organizations" : request.tenantSegment,
    tenant: request.tenant,
    // An earlier sign-in counts, a choice between accounts is the person's.
    prompt: undefined,
    loginHint: request.parameters.login_hint,
    respond: (c, transaction, response) => respond(c, redirectUri, request, response),
    complete(c, transaction) {
      const { delegated } = transaction.adminPermissions ?? { delegated: [] };
      return respond(c, redirectUri, request, {
        admin_consent: "True",
        tenant: transaction.signedInTenant.id,
        ...(request.version === 2 && { scope: scopeText(delegated, request) }),
      });
    },
  });
}

/** v2.0 names the permissions in `scope`; `/.default` stands for all of the registration, app roles included. */
function readAdminScopes(authority, request, client) {
  const { scope } = request.parameters;
  if (!scope) throw new Refusal(900144, { parameter: "scope" });
  const { apis } = readScope(scope, authority.directory);
  for (const api of apis) checkScopesExist(api, client);
  if (apis.some((api) => api.everything)) return staticPermissions(client, authority.directory);
  const delegated = apis.map(({ resource, scopes }) => ({ client, resource, scopes: resource.scopes.filter((s) => scopes.includes(s.value)) }));
  return { delegated, roles: [] };
}

function scopeText(delegated, request) {
  const named = delegated.flatMap(({ resource, scopes }) => scopes.map((s) => `${resource.identifierUris[0]}/${s.value}`));
  return named.length ? named.join(" ") : request.parameters.scope;
}

function respond(c, redirectUri, { parameters }, response) {
  const url = new URL(redirectUri);
  // A refusal says so by `error` alone: `admin_consent=True` comes along, and declining is `consent_required`.
  const declined = response.error && { admin_consent: "True", error: response.error === "access_denied" ? "consent_required" : response.error };
  const all = { ...response, ...declined, ...(parameters.state !== undefined && { state: parameters.state }) };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  return c.redirect(url.href);
}
