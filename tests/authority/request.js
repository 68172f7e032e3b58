import { randomUUID } from "node:crypto";
import { CONSUMERS } from "./directory/directory.js";
import { NotFound } from "./not-found.js";
import { errorBody, Refusal } from "./refusals.js";

/**
 * What every endpoint needs to know of a request.
 * @param {1|2} version of the endpoint
 */
export async function readRequest(authority, c, version) {
  const url = new URL(c.req.url);
  const posted = c.req.method === "POST" && (c.req.header("content-type") ?? "").includes("application/x-www-form-urlencoded");
  const body = posted ? new URLSearchParams(await c.req.text()) : new URLSearchParams();
  const parameters = { ...Object.fromEntries(url.searchParams), ...Object.fromEntries(body) };
  const tenantSegment = c.req.param("tenant")?.toLowerCase();
  const tenant = tenantSegment && authority.directory.tenant(tenantSegment === "consumers" ? CONSUMERS : tenantSegment);
  const request = {
    version,
    method: c.req.method,
    origin: authority.originOf(c),
    headers: c.req.raw.headers,
    parameters,
    repeated: [...new Set([...body.keys()].filter((name) => body.getAll(name).length > 1))],
    tenantSegment,
    tenant,
    policy: readPolicy(tenant, { inPath: c.req.param("policy"), inQuery: url.searchParams.get("p") }),
    traceId: randomUUID(),
    correlationId: parameters["client-request-id"] ?? c.req.header("client-request-id") ?? randomUUID(),
    clock: authority.clock,
  };
  c.set("request", request);
  request.basic = readBasic(c.req.header("authorization"));
  return request;
}

/**
 * The policy (user flow) of a B2C tenant, which is part of the path or the parameter `p`: such a tenant has
 * no endpoint without one, and other tenants have none with one in the path.
 */
function readPolicy(tenant, { inPath, inQuery }) {
  const named = (inPath ?? inQuery)?.toLowerCase();
  const policy = tenant?.kind === "b2c" ? tenant.policies.find((name) => name.toLowerCase() === named) : undefined;
  if (!policy && (inPath !== undefined || tenant?.kind === "b2c")) throw new NotFound();
  return policy;
}

/** Client id and secret of HTTP Basic, form-decoded (RFC 6749 section 2.3.1). */
function readBasic(header) {
  const match = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? "");
  if (!match) return undefined;
  const [id, ...secret] = Buffer.from(match[1], "base64").toString("utf8").split(":");
  const decode = (text) => {
    try {
      return decodeURIComponent(text.replace(/\+/g, " "));
    } catch {
      throw new Refusal(90023, { reason: "The Basic credentials are not form-encoded." });
    }
  };
  return { clientId: decode(id), secret: decode(secret.join(":")) };
}

/** `common`, `organizations`: the tenant is that of the user who signs in. */
export function isShared(request) {
  return request.tenantSegment === "common" || request.tenantSegment === "organizations";
}

export function requireKnownTenant(request) {
  if (!request.tenant && !isShared(request)) throw new Refusal(90002, { tenant: request.tenantSegment });
}

/** Personal accounts get tokens by version 2.0 of the protocol only. */
export function requireVersionFor(tenant, { version }) {
  if (version === 1 && tenant?.id === CONSUMERS) throw new Refusal(90027);
}

/** The registration that a request names, as far as it may be used at this tenant's URL. */
export function requireClient(authority, request, { installed = false } = {}) {
  const { directory } = authority;
  const clientId = request.parameters.client_id ?? request.basic?.clientId;
  if (!clientId) throw new Refusal(900144, { parameter: "client_id" });
  const client = directory.registration(clientId);
  const details = { client: clientId, name: client?.name, tenant: request.tenant?.name ?? request.tenantSegment };
  if (!client) throw new Refusal(700016, details);
  if (isShared(request)) {
    if (client.signInAudience === "AzureADMyOrg") throw new Refusal(50194, details);
  } else if (!directory.admits(client, request.tenant)) {
    throw request.tenant.id === CONSUMERS ? new Refusal(9002332, details) : new Refusal(700016, details);
  } else if (installed && !directory.isInstalled(client, request.tenant.id)) {
    throw new Refusal(700016, details);
  }
  return client;
}

/** Refuses an API that is not here, or has no service principal in the tenant and cannot get one. */
export function requireResource({ directory }, api, tenant) {
  if (!api.resource || (!directory.isInstalled(api.resource, tenant.id) && !directory.admits(api.resource, tenant))) {
    throw new Refusal(500011, { resource: api.audience, tenant: tenant.name });
  }
}

/** A user without an account in the tenant: 50020 names a personal account, 90072 one of another organisation. */
export function notInTenant(home, user, tenant, client) {
  const code = home.id === CONSUMERS ? 50020 : 90072;
  const idp = home.id === CONSUMERS ? "live.com" : `https://sts.windows.net/${home.id}/`;
  return new Refusal(code, { user: user.name, idp, tenant: tenant.name, client: client.clientId });
}

/** Headers of every response that may hold a token (RFC 6749 section 5.1), and those by which Entra's responses are traced. */
export function tokenHeaders(request) {
  return {
    "Cache-Control": "no-store, no-cache",
    Pragma: "no-cache",
    "x-ms-request-id": request.traceId,
    "client-request-id": request.correlationId,
  };
}

/** A refusal as JSON. */
export function refusalResponse(c, request, refusal) {
  return c.json(errorBody(refusal, request), refusal.status, tokenHeaders(request));
}
