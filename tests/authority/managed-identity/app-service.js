import { findIdentity, issueIdentityToken } from "./identities.js";

/**
 * The endpoint of App Service, Functions and Container Apps ("How to use managed identities for App Service and Azure
 * Functions", REST endpoint reference). The header keeps requests out that a server was talked into (SSRF).
 */
export function appServiceEndpoint(authority) {
  return async (c) => {
    const { "api-version": version, resource, client_id: clientId, object_id: objectId, principal_id: principalId, mi_res_id: resourceId } = c.req.query();
    const refuse = (statusCode, message) => c.json({ statusCode, message, correlationId: crypto.randomUUID() }, statusCode);
    if (c.req.header("x-identity-header") !== authority.identityHeader) return refuse(401, "The X-IDENTITY-HEADER header is missing or wrong.");
    if (version !== "2019-08-01") return refuse(400, "The api-version must be 2019-08-01.");
    if (!resource) return refuse(400, "The resource parameter is missing.");
    const identity = findIdentity(authority, { clientId, objectId: objectId ?? principalId, resourceId });
    if (!identity) return refuse(400, "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.");
    const token = await issueIdentityToken(authority, identity, resource);
    if (!token) return refuse(400, `The resource principal named ${resource} was not found.`);
    const { access_token, expires_on, token_type } = token;
    return c.json({ access_token, expires_on, resource, token_type, client_id: identity.clientId });
  };
}
