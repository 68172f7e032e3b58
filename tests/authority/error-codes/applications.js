/** Errors of applications, resources, tenants and redirect URIs. */
export default {
  50011: {
    error: "invalid_request",
    text: (d) => `The redirect URI '${d.redirectUri}' specified in the request does not match the redirect URIs configured for the application '${d.client}'.`,
    remedy: "Send one of the registered redirect URIs, to both endpoints the same. The port of a loopback URI does not count; path and scheme do.",
  },
  50059: {
    error: "invalid_request",
    text: () => "No tenant-identifying information found in either the request or implied by any provided credentials.",
    remedy: "Use the endpoint of one tenant, not `common` or `organizations`.",
  },
  50194: {
    error: "invalid_request",
    text: (d) => `Application '${d.client}'(${d.name}) is not configured as a multi-tenant application. Use a tenant-specific endpoint or configure the application to be multi-tenant.`,
    remedy: "Use the tenant's own endpoint, or make the application multi-tenant (`signInAudience`).",
  },
  90002: {
    error: "invalid_request",
    text: (d) => `Tenant '${d.tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
    remedy: "Check the tenant in the URL, and the cloud: the tenants of a national cloud are at a host of their own.",
  },
  500011: {
    error: "invalid_resource",
    text: (d) => `The resource principal named ${d.resource} was not found in the tenant named ${d.tenant}. This can happen if no administrator of the tenant has installed the application and no user has consented to it, or if the request went to the wrong tenant.`,
    remedy: "Check the resource's identifier, and that the API is in this tenant: an administrator's consent puts it there.",
  },
  501051: {
    error: "invalid_grant",
    text: (d) => `Application '${d.client}'(${d.name}) is not assigned to a role for the application '${d.resource}'.`,
    remedy: "Give the client an app role on the API (`appRoleAssignments`): the API requires assignment.",
  },
  700016: {
    error: "unauthorized_client",
    text: (d) => `Application with identifier '${d.client}' was not found in the directory '${d.tenant}'.`,
    remedy: "Check client id and tenant. A multi-tenant application comes into a tenant by the first consent there.",
  },
  9002332: {
    error: "invalid_request",
    text: (d) => `Application '${d.client}'(${d.name}) is configured for use by Microsoft Entra users only. Do not use the /consumers endpoint for it.`,
    remedy: "Use `organizations` or the tenant: the application does not sign in personal accounts.",
  },
};
