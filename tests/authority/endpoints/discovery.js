import { CONSUMERS } from "../directory.js";
import { issuers } from "../issuers.js";
import { Refusal } from "../refusals.js";
import { isShared, readRequest, refusalResponse, requireKnownTenant } from "../request.js";

const CACHED = { "Cache-Control": "max-age=86400, private" };

/** `/{tenant}/.well-known/openid-configuration` and `/{tenant}/v2.0/.well-known/openid-configuration`. */
export function discoveryEndpoint(authority, version) {
  return async (c) => {
    const request = await readRequest(authority, c, version);
    try {
      requireKnownTenant(request);
    } catch (error) {
      // Recorded answers call it `invalid_tenant` here.
      if (error instanceof Refusal) error.error = "invalid_tenant";
      throw error;
    }
    return c.json(document(request), 200, CACHED);
  };
}

function document({ origin, tenant, tenantSegment, version, parameters }) {
  // `common` and `organizations` have a template for an issuer; `consumers` and domains give way to the tenant's id.
  const name = tenant ? tenant.id : tenantSegment;
  const issuerName = tenant ? tenant.id : "{tenantid}";
  const path = `${origin}/${tenantSegment === "consumers" ? "consumers" : name}`;
  const v = version === 2 ? "/v2.0" : "";
  // "Access tokens: validate tokens": an app with its own signing keys is asked for by `appid`.
  const appid = parameters.appid ? `?appid=${encodeURIComponent(parameters.appid)}` : "";
  return {
    token_endpoint: `${path}/oauth2${v}/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    jwks_uri: `${path}/discovery${v}/keys${appid}`,
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code", "id_token", "code id_token"],
    scopes_supported: version === 2 ? ["openid", "profile", "email", "offline_access"] : ["openid"],
    issuer: version === 2 ? issuers(origin, issuerName).v2 : issuers(origin, issuerName).v1,
    request_uri_parameter_supported: false,
    userinfo_endpoint: `${origin}/oidc/userinfo`,
    authorization_endpoint: `${path}/oauth2${v}/authorize`,
    device_authorization_endpoint: `${path}/oauth2${v}/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${path}/oauth2${v}/logout`,
    claims_supported: ["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "c_hash", "email"],
    tenant_region_scope: tenant && tenant.id !== CONSUMERS ? "EU" : null,
    cloud_instance_name: new URL(origin).host,
    msgraph_host: new URL(origin).host,
  };
}

/** `/{tenant}/discovery/keys` and `/{tenant}/discovery/v2.0/keys`. */
export function keysEndpoint(authority, version) {
  return async (c) => {
    const request = await readRequest(authority, c, version);
    requireKnownTenant(request);
    const tenantSegment = isShared(request) ? request.tenantSegment : request.tenant.id;
    return c.json(
      authority.keys.jwks({ version, tenantSegment, origin: request.origin, clientId: request.parameters.appid }),
      200,
      CACHED,
    );
  };
}

/** `/common/discovery/instance`: which hosts are names of this one cloud. */
export function instanceDiscoveryEndpoint(authority) {
  return async (c) => {
    const request = await readRequest(authority, c, 1);
    const asked = parse(request.parameters.authorization_endpoint);
    // Python's msal leaves the port out of the host that it asks about.
    if (!asked || !authority.hostNames().has(asked.hostname)) return refusalResponse(c, request, new Refusal(50049));
    const tenant = asked.pathname.split("/")[1];
    const host = new URL(request.origin).host;
    const body = {
      tenant_discovery_endpoint: `${request.origin}/${tenant}/${asked.pathname.includes("/v2.0/") ? "v2.0/" : ""}.well-known/openid-configuration`,
      "api-version": request.parameters["api-version"] ?? "1.1",
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [...new Set([host, asked.host, ...authority.hosts()])] }],
    };
    return c.json(body, 200, CACHED);
  };
}

function parse(url) {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}
