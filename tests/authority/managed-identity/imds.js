import { findIdentity, issueIdentityToken } from "./identities.js";

/** The API versions that the identity endpoint of virtual machines has. */
const VERSIONS = ["2018-02-01", "2019-08-01", "2019-11-01", "2020-06-01", "2020-12-01", "2021-02-01"];

/**
 * The Azure Instance Metadata Service of virtual machines, scale sets and clusters ("How to use managed identities
 * for Azure resources on an Azure VM to acquire an access token", get a token using HTTP; error handling).
 */
export function imdsEndpoint(authority) {
  return async (c) => {
    const { "api-version": version, resource, client_id: clientId, object_id: objectId, msi_res_id: msiResourceId, mi_res_id: resourceId } = c.req.query();
    const refuse = (error, error_description) => c.json({ error, error_description }, 400);
    // Libraries send a request without it to see whether the service is there.
    if (c.req.header("metadata")?.toLowerCase() !== "true") return refuse("invalid_request", "Required metadata header not specified");
    // A proxy would pass the header on.
    if (c.req.header("x-forwarded-for") !== undefined) return refuse("invalid_request", "The X-Forwarded-For header must not be present");
    if (!VERSIONS.includes(version)) return refuse("invalid_request", "The api-version parameter is missing or not supported");
    if (!resource) return refuse("invalid_request", "Required query variable 'resource' is missing");
    const identity = findIdentity(authority, { clientId, objectId, resourceId: msiResourceId ?? resourceId });
    if (!identity) return refuse("invalid_request", "Identity not found");
    const token = await issueIdentityToken(authority, identity, resource);
    if (!token) {
      const { name } = authority.directory.homeTenant(identity);
      return refuse("invalid_resource", `AADSTS500011: The resource principal named ${resource} was not found in the tenant named ${name}.`);
    }
    return c.json({ access_token: token.access_token, client_id: identity.clientId, ...token.times, resource, token_type: token.token_type });
  };
}
