/**
 * The issuer of a tenant's tokens, in both versions. The cloud uses another host name for v1.0
 * (`https://sts.windows.net/{tid}/`); here both live at the authority's own address, and the v1.0
 * form keeps its trailing slash, so that discovery works for each from its issuer alone.
 */
export function issuers(origin, tenantId) {
  return { v1: `${origin}/${tenantId}/`, v2: `${origin}/${tenantId}/v2.0` };
}

/** `iss` or `idp` values name the tenant in the first path segment. */
export function tenantOfIssuer(issuer) {
  return new URL(issuer).pathname.split("/")[1];
}
