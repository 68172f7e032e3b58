import { CONSUMERS } from "../directory/directory.js";
import { ANY_TENANT, issuers } from "../issuers.js";
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
      // Recorded responses call it `invalid_tenant` here.
      if (error instanceof Refusal) error.error = "invalid_tenant";
      throw error;
    }
    return c.json(request.tenant?.kind === "b2c" ? b2cMetadata(request) : metadata(request), 200, CACHED);
  };
}

function metadata({ origin, tenant, tenantSegment, version, parameters }) {
  // A domain gives way to the tenant's id; `consumers` stays as it is.
  const path = `${origin}/${!tenant || tenantSegment === "consumers" ? tenantSegment : tenant.id}`;
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
    // `common` and `organizations` have a template for an issuer.
    issuer: issuers(origin, tenant ?? ANY_TENANT)[`v${version}`],
    request_uri_parameter_supported: false,
    userinfo_endpoint: version === 2 ? `${origin}/oidc/userinfo` : `${path}/openid/userinfo`,
    authorization_endpoint: `${path}/oauth2${v}/authorize`,
    device_authorization_endpoint: `${path}/oauth2${v}/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${path}/oauth2${v}/logout`,
    claims_supported: ["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "c_hash", "email"],
    tenant_region_scope: tenant && tenant.id !== CONSUMERS ? (tenant.region ?? "EU") : null,
    cloud_instance_name: new URL(origin).host,
    msgraph_host: new URL(origin).host,
  };
}

/** The smaller document of B2C: one for each policy, which its endpoints name in the path. */
function b2cMetadata({ origin, tenant, policy }) {
  const path = `${origin}/${tenant.domain}/${policy.toLowerCase()}`;
  return {
    issuer: issuers(origin, tenant).v2,
    authorization_endpoint: `${path}/oauth2/v2.0/authorize`,
    token_endpoint: `${path}/oauth2/v2.0/token`,
    end_session_endpoint: `${path}/oauth2/v2.0/logout`,
    jwks_uri: `${path}/discovery/v2.0/keys`,
    response_modes_supported: ["query", "fragment", "form_post"],
    response_types_supported: ["code", "code id_token", "id_token"],
    scopes_supported: ["openid"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
    claims_supported: ["name", "given_name", "family_name", "emails", "tfp", "sub", "iss", "iat", "exp", "aud", "nonce", "auth_time"],
  };
}

/** `/{tenant}/discovery/keys` and `/{tenant}/discovery/v2.0/keys`. */
export function keysEndpoint(authority, version) {
  return async (c) => {
    const request = await readRequest(authority, c, version);
    requireKnownTenant(request);
    const { tenant, tenantSegment, origin, parameters } = request;
    const named = isShared(request) ? undefined : tenant;
    return c.json(authority.keys.jwks({ version, tenant: named, tenantSegment, origin, clientId: parameters.appid }), 200, CACHED);
  };
}

/** `/common/discovery/instance`: which clouds there are, and which hosts are names of the same one. */
export function instanceDiscoveryEndpoint(authority) {
  return async (c) => {
    const request = await readRequest(authority, c, 1);
    const asked = parse(request.parameters.authorization_endpoint);
    const cloud = asked && cloudOf(authority, asked);
    if (!cloud) return refusalResponse(c, request, new Refusal(50049));
    const origin = cloud === authority ? request.origin : cloud.mainOrigin;
    const tenant = asked.pathname.split("/")[1];
    return c.json({
      tenant_discovery_endpoint: `${origin}/${tenant}/${asked.pathname.includes("/v2.0/") ? "v2.0/" : ""}.well-known/openid-configuration`,
      "api-version": request.parameters["api-version"] ?? "1.1",
      metadata: authority.clouds.map((entry) => names(entry, entry === cloud ? [new URL(origin).host, asked.host] : [])),
    }, 200, CACHED);
  };
}

function names(cloud, first) {
  const aliases = [...new Set([...first, ...cloud.hosts()])];
  return { preferred_network: aliases[0], preferred_cache: aliases[0], aliases };
}

/** By host and port; without a port, which Python's msal leaves out, any name of this machine is the cloud that was asked. */
function cloudOf(authority, { host, hostname, port }) {
  const named = authority.clouds.find((cloud) => cloud.hosts().includes(host));
  if (named) return named;
  const own = new Set([...authority.allOrigins().map((origin) => new URL(origin).hostname), "localhost", "127.0.0.1"]);
  const ports = authority.allOrigins().map((origin) => new URL(origin).port);
  return own.has(hostname) && (!port || ports.includes(port)) ? authority : undefined;
}

function parse(url) {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

/**
 * `/common/userrealm/{user}`, which libraries ask before they send a password: whether the user signs in
 * here ("Managed") or at another server. Nobody here signs in elsewhere.
 */
export function userRealmEndpoint(authority) {
  return async (c) => {
    const user = authority.directory.user(c.req.param("user"));
    const domain = c.req.param("user").split("@")[1] ?? "";
    return c.json({
      ver: "1.0",
      account_type: user ? "Managed" : "Unknown",
      domain_name: domain,
      cloud_instance_name: new URL(authority.originOf(c)).host,
      cloud_audience_urn: "urn:federation:MicrosoftOnline",
    });
  };
}
