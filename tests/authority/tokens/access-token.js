import { createHash, randomBytes, randomInt } from "node:crypto";
import { issuers } from "../issuers.js";
import { hasGuidAudience, OIDC_SCOPES } from "../scopes.js";
import { b2cAccessClaims } from "./b2c.js";
import { identityClaims, subject } from "./identity.js";

/** The template id of the directory role, the same in every tenant. */
const GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10";

/** More groups than this in a JWT are replaced by a pointer ("Access token claims reference", groups overage). */
const GROUPS_LIMIT = 200;

/**
 * Issues an access token in the version that the API accepts (`accessTokenAcceptedVersion`), whatever
 * endpoint was asked ("Access tokens: token formats").
 *
 * @param {object} authority
 * @param {object} grant
 * @param {string} grant.origin
 * @param {object} grant.tenant
 * @param {object} grant.client
 * @param {"0"|"1"|"2"} grant.clientAuthentication public, secret, certificate: `appidacr`, `azpacr`
 * @param {{ resource: object, audience: string }} grant.api
 * @param {object} [grant.session] of a user: `{ account, mfa, authTime, sid }`; absent for the app itself
 * @param {string[]} [grant.scopes] delegated
 * @param {string[]} [grant.roles] app roles of the client
 * @param {object} grant.claimsRequest
 * @param {number} [grant.lifetime] in seconds, where the kind of client decides it
 */
export async function issueAccessToken(authority, grant) {
  const { api, tenant } = grant;
  const version = api.resource.accessTokenAcceptedVersion === 2 ? 2 : 1;
  const continuous = Boolean(api.resource.continuousAccess) && grant.claimsRequest.capabilities.includes("cp1");
  const lifetime = grant.lifetime ?? lifetimeOf(api.resource, continuous);
  const claims = tenant.kind === "b2c" ? b2cAccessClaims(authority, { ...grant, lifetime }) : accessClaims(authority, { ...grant, lifetime }, { version, continuous });
  const token = await authority.keys.sign(claims, { tenantId: tenant.id, version, application: api.resource.clientId });
  return { token, claims, lifetime, continuous };
}

function accessClaims(authority, grant, { version, continuous }) {
  const { api, tenant, client, session, lifetime } = grant;
  const now = authority.clock.now();
  return {
    aud: version === 2 || hasGuidAudience(api.resource) ? api.resource.clientId : api.audience,
    iss: issuers(grant.origin, tenant)[`v${version}`],
    iat: now,
    nbf: now,
    exp: now + lifetime,
    aio: sealed({ place: authority.revocations.place(), mfa: session?.mfa ?? false, authTime: session?.authTime, sid: session?.sid, capabilities: grant.claimsRequest.capabilities }),
    ...(version === 2
      ? { azp: client.clientId, azpacr: grant.clientAuthentication }
      : { appid: client.clientId, appidacr: grant.clientAuthentication }),
    ...(session ? delegatedClaims(authority, grant, version) : applicationClaims(authority, grant, version)),
    ...(continuous && { xms_cc: ["cp1"] }),
    rh: `1.${randomBytes(24).toString("base64url")}.`,
    tid: tenant.id,
    uti: randomBytes(16).toString("base64url"),
    ver: `${version}.0`,
  };
}

/** Random, 60 to 90 minutes, or 20 to 28 hours under continuous access evaluation ("Access tokens: token lifetime"), unless the API's registration sets its own. */
function lifetimeOf({ accessTokenLifetime }, continuous) {
  if (accessTokenLifetime) return accessTokenLifetime;
  return continuous ? randomInt(20 * 3600, 28 * 3600) : randomInt(60 * 60, 90 * 60);
}

function delegatedClaims(authority, { origin, api, session, scopes, claimsRequest }, version) {
  const { account, mfa } = session;
  const roles = authority.directory.assignedRoles({ tenantId: account.tid, user: account.user, resource: api.resource });
  return {
    ...identityClaims(authority, { origin, account, version }),
    sub: subject(account.oid, api.resource.clientId),
    ...(version === 1 && { acr: "1", amr: mfa ? ["pwd", "mfa"] : ["pwd"], ipaddr: "127.0.0.1" }),
    ...(claimsRequest.authenticationContexts.length && mfa && { acrs: claimsRequest.authenticationContexts }),
    ...idtyp(api.resource, "user"),
    ...groupClaims(authority, { origin, account, resource: api.resource }),
    ...(roles.length && { roles }),
    scp: scopes.filter((scope) => scope !== "offline_access").join(" "),
    ...directoryRoles(api.resource, account),
  };
}

function applicationClaims(authority, { origin, tenant, client, api, roles }, version) {
  const id = authority.directory.servicePrincipalId(client, tenant.id);
  return {
    ...(version === 1 && { idp: issuers(origin, tenant).v1 }),
    ...idtyp(api.resource, "app"),
    oid: id,
    sub: id,
    ...(roles.length && { roles }),
    // The Azure resource that a managed identity belongs to.
    ...(client.managedIdentity && { xms_mirid: client.managedIdentity.resourceId }),
  };
}

/** `idtyp` is an optional claim of the API; tokens of a user have it at Microsoft's own APIs only ("Optional claims reference"). */
function idtyp(resource, kind) {
  return (resource.optionalClaims ?? []).includes("idtyp") && (kind === "app" || resource.firstParty) ? { idtyp: kind } : {};
}

/** `wids`, tenant-wide roles, where `groupMembershipClaims` of the API asks for them. */
function directoryRoles({ groupMembershipClaims }, account) {
  if (!["All", "DirectoryRole"].includes(groupMembershipClaims) || !account.user.administrator || account.guest) return {};
  return { wids: [GLOBAL_ADMINISTRATOR] };
}

function groupClaims({ directory }, { origin, account, resource }) {
  if (!resource.groupMembershipClaims) return {};
  const groups = directory.groups(account);
  if (groups.length <= GROUPS_LIMIT) return groups.length ? { groups } : {};
  return {
    _claim_names: { groups: "src1" },
    _claim_sources: { src1: { endpoint: `${origin}/v1.0/users/${account.oid}/getMemberObjects` } },
  };
}

/**
 * The response's `scope`: full names at v2.0, and `.default` after those that it stands for; bare names for Graph and
 * at v1.0. OpenID Connect's scopes are Graph's and come back with its tokens only; `offline_access` never does.
 */
export function grantedScopeText({ version, api, scopes, oidc }) {
  const granted = scopes.filter((s) => !OIDC_SCOPES.has(s));
  if (version === 1) return granted.join(" ");
  const { firstParty } = api.resource;
  const named = firstParty && !api.everything ? granted : granted.map((s) => `${api.audience}/${s}`);
  const open = firstParty ? [...oidc].filter((s) => s !== "offline_access") : [];
  return [...new Set([...open, ...named, ...(api.everything ? [api.everything] : [])])].join(" ");
}

// State of the sign-in that later requests need (on-behalf-of under Conditional Access), where Entra
// keeps such things too: the opaque `aio`. A client that reads it is wrong at both.
function sealed(state) {
  return Buffer.from(JSON.stringify({ ...state, salt: randomBytes(4).toString("hex") })).toString("base64url");
}

export function unsealed(aio) {
  return JSON.parse(Buffer.from(aio, "base64url").toString("utf8"));
}

/** The hash of a token as `c_hash` and `at_hash` carry it (OpenID Connect Core section 3.3.2.11). */
export function leftHalfHash(value) {
  return createHash("sha256").update(value).digest().subarray(0, 16).toString("base64url");
}
