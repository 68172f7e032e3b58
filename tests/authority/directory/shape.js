import { CONTROL_NAMES } from "../conditional-access.js";
import { memberPath } from "./json-source.js";

/**
 * The shape of a directory file. A check is `(value, path) => problems`, each `{ path, problem }`.
 */
const text = (value, path) => (typeof value === "string" && value ? [] : [{ path, problem: "must be a string" }]);
const flag = (value, path) => (typeof value === "boolean" ? [] : [{ path, problem: "must be true or false" }]);
const number = (value, path) => (Number.isFinite(value) && value >= 0 ? [] : [{ path, problem: "must be a number that is not negative" }]);
const port = (value, path) => (Number.isInteger(value) && value >= 0 && value < 65536 ? [] : [{ path, problem: "must be a port number" }]);
const guid = matching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "a GUID, for example 5c0e1a8e-6f0b-4a3c-9d57-0a6f2b1c4d10");
const uri = (value, path) => (typeof value === "string" && URL.canParse(value) ? [] : [{ path, problem: "must be an absolute URI" }]);
const date = (value, path) => (typeof value === "string" && !Number.isNaN(Date.parse(value)) ? [] : [{ path, problem: "must be a date and time, for example 2030-01-01T00:00:00Z" }]);
const texts = list(text);

function matching(pattern, description) {
  return (value, path) => (typeof value === "string" && pattern.test(value) ? [] : [{ path, problem: `must be ${description}` }]);
}

function oneOf(...values) {
  return (value, path) => (values.includes(value) ? [] : [{ path, problem: `must be one of ${values.map((v) => JSON.stringify(v)).join(", ")}` }]);
}

function list(item) {
  return (value, path) => (Array.isArray(value) ? value.flatMap((entry, i) => item(entry, `${path}[${i}]`)) : [{ path, problem: "must be an array" }]);
}

/** Names, each with the same kind of value. */
function named(item) {
  return (value, path) =>
    isObject(value) ? Object.entries(value).flatMap(([name, entry]) => item(entry, memberPath(path, name))) : [{ path, problem: "must be an object" }];
}

/** Exactly these members; `required` of them must be there. */
function object(required, optional = {}) {
  const known = { ...required, ...optional };
  return (value, path) => {
    if (!isObject(value)) return [{ path, problem: "must be an object" }];
    const missing = Object.keys(required).filter((name) => value[name] === undefined);
    return [
      ...missing.map((name) => ({ path, problem: `has no "${name}"` })),
      ...Object.entries(value).flatMap(([name, entry]) => {
        if (!Object.hasOwn(known, name)) return [{ path: memberPath(path, name), problem: `is not known here; known are ${Object.keys(known).join(", ")}` }];
        return known[name](entry, memberPath(path, name));
      }),
    ];
  };
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const policy = object({ id: text, applications: texts, control: oneOf(...CONTROL_NAMES) }, { users: texts });

export const tenant = object(
  { id: guid, domain: text, name: text },
  { kind: oneOf("organization", "consumers", "external", "b2c"), conditionalAccess: list(policy), policies: texts, issuerOrigin: uri, region: text },
);

export const user = object(
  { name: text, password: text, tenant: text, id: guid, displayName: text },
  {
    givenName: text, surname: text, mail: text, memberOf: texts, furtherGroups: number, mfa: flag, administrator: flag,
    guestIn: list(object({ tenant: text, id: guid })),
  },
);

export const group = object({ id: guid, tenant: text, name: text });

const permission = { value: text, consentText: text };

export const registration = object(
  { name: text, tenant: text, clientId: guid },
  {
    kind: text, firstParty: flag,
    signInAudience: oneOf("AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"),
    redirectUris: object({}, { spa: list(uri), web: list(uri), native: list(uri) }),
    frontChannelLogoutUrl: uri, isFallbackPublicClient: flag, enableIdTokenIssuance: flag,
    identifierUris: list(uri), accessTokenAcceptedVersion: oneOf(1, 2, null), accessTokenLifetime: number, continuousAccess: flag,
    scopes: list(object(permission, { type: oneOf("User", "Admin") })),
    appRoles: list(object(permission, { members: list(oneOf("User", "Application")) })),
    appRoleAssignmentRequired: flag, optionalClaims: list(oneOf("idtyp", "aud")),
    groupMembershipClaims: oneOf("None", "SecurityGroup", "DirectoryRole", "ApplicationGroup", "All"),
    passwordCredentials: list(object({ secret: text }, { endDateTime: date })),
    certificate: flag,
    trustedCertificateSubjects: list(object({ subject: text, authority: text })),
    federatedIdentityCredentials: list(object({ issuer: text, subject: text, audiences: texts })),
    managedIdentity: object({ type: oneOf("SystemAssigned", "UserAssigned"), resourceId: text }),
    requiredResourceAccess: named(texts), requiredAppRoles: named(texts), knownClientApplications: texts,
    preAuthorizedApplications: list(object({ application: text, scopes: texts })),
    installedIn: texts,
  },
);

const consent = object({ tenant: text, client: text, resource: text, scopes: texts }, { user: text });

/** Of an application (`client`) or of a user (`user`). */
const appRoleAssignment = object({ tenant: text, resource: text, roles: texts }, { client: text, user: text });

const contents = {
  groups: list(group), consents: list(consent), appRoleAssignments: list(appRoleAssignment),
};
const people = { tenants: list(tenant), users: list(user), registrations: list(registration) };

const nationalCloud = object({ name: text, ...people }, { ...contents, port, httpPort: port, controlPort: port });

export const directory = object(people, { ...contents, nationalClouds: list(nationalCloud), $schema: text });
