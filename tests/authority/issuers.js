/** Stands for any organisation in metadata and keys that serve all of them. */
export const ANY_TENANT = { id: "{tenantid}" };

/**
 * The issuer of a tenant's tokens, in both versions. The cloud uses another host name for v1.0
 * (`https://sts.windows.net/{tid}/`); here both live at the authority's own URL, and the v1.0
 * form keeps its trailing slash, so that discovery works for each from its issuer alone.
 *
 * @param {string} origin the authority's
 * @param {{ id: string, kind?: string, issuerOrigin?: string }} tenant
 */
export function issuers(origin, tenant) {
  const v1 = `${origin}/${tenant.id}/`;
  switch (tenant.kind) {
    case "external":
      return { v1, v2: `${tenant.issuerOrigin ?? otherLoopbackName(origin)}/${tenant.id}/v2.0` };
    case "b2c":
      // B2C has one version only, and a slash at the end ("Azure AD B2C: token overview").
      return { v1: `${origin}/${tenant.id}/v2.0/`, v2: `${origin}/${tenant.id}/v2.0/` };
    default:
      return { v1, v2: `${origin}/${tenant.id}/v2.0` };
  }
}

/**
 * External ID publishes its metadata at `{name}.ciamlogin.com`, and the issuer in it is at
 * `{tenant id}.ciamlogin.com`. On loopback the second host is the other name of this machine.
 */
function otherLoopbackName(origin) {
  const url = new URL(origin);
  if (url.hostname === "localhost") url.hostname = "127.0.0.1";
  return url.origin;
}

/** `iss` or `idp` values name the tenant in the first path segment. */
export function tenantOfIssuer(issuer) {
  return new URL(issuer).pathname.split("/")[1];
}
