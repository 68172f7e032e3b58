/** A local server that behaves as Microsoft Entra ID does. */

/**
 * Starts an authority in this process. It keeps nothing but its certificate authority: all else ends with `close`.
 *
 * @throws {DirectoryError} a directory that cannot be used, with the place of each mistake
 */
export function startAuthority(options?: StartOptions): Promise<RunningAuthority>;

export interface StartOptions {
  /** Listen with TLS. Default: true. */
  https?: boolean | undefined;
  /** Listen without TLS, for clients that cannot be told to trust a certificate. Default: true. */
  http?: boolean | undefined;
  /** The address to listen at. Default: `127.0.0.1`; `0.0.0.0` in a container. */
  host?: string | undefined;
  /** The origin by which clients reach the authority when that is not its listener: behind a proxy, in a container. */
  publicUrl?: string | undefined;
  /** Of the https listener, or of http if that is alone. Default: a free one, as for the other ports. */
  port?: number | undefined;
  /** Of the http listener beside https. */
  httpPort?: number | undefined;
  controlPort?: number | undefined;
  identityPort?: number | undefined;
  /** Tenants, users and registrations: a file, or what would be in one. Default: the directory of this package. */
  directory?: string | Directory | undefined;
  /** More redirect URIs for every registration of kind `spa`. */
  redirectUris?: readonly string[] | undefined;
  /** No pages: the hinted user, or this one, signs in and consents. Default: null, people use the pages. */
  automatic?: { user: string } | null | undefined;
  /** Seconds between the polls of a device. Default: 5. */
  deviceCodeInterval?: number | undefined;
  /** The same signing keys and credentials after every start. Everybody who knows the seed has the keys: for tests only. */
  seed?: string | undefined;
  /** Where the certificate authority is kept. Default: `entra-local` in the user's cache directory. */
  certificateDirectory?: string | undefined;
}

/** What runs in one cloud. */
export interface CloudDescription {
  /** The origin for clients with TLS, or null. An authority is `<https>/<tenant>` or `<https>/<tenant>/v2.0`. */
  https: string | null;
  http: string | null;
  /** The origin of the control endpoints, which move the clock, provoke faults and change the directory. */
  control: string;
  /** Where the listeners are, which differs from the above with `publicUrl`. */
  listening: { https?: string; http?: string; control: string; identity?: string };
  /** The file that clients are told to trust, or null without TLS. */
  certificate: string | null;
  tenants: { id: string; domain: string }[];
  users: { name: string; password: string; tenant: string }[];
  registrations: RegistrationDescription[];
}

export interface RegistrationDescription {
  name: string;
  kind?: string;
  clientId: string;
  /** The id of its home tenant. */
  tenant: string;
  appIdUri?: string;
  secret?: string;
  /** The file of the certificate that is its credential, in PEM. */
  certificate?: string;
  /** The file of the private key, in PEM. */
  privateKey?: string;
  redirectUris?: string[];
}

/** What `--json` prints. */
export interface AuthorityDescription extends CloudDescription {
  /** Environment variables for a program under test that has a managed identity, in the two shapes of Azure. */
  managedIdentity: {
    appService: { IDENTITY_ENDPOINT: string; IDENTITY_HEADER: string };
    imds: { AZURE_POD_IDENTITY_AUTHORITY_HOST: string };
  };
  nationalClouds?: ({ name: string } & CloudDescription)[];
}

export interface RunningAuthority extends AuthorityDescription {
  close(): Promise<void>;
}

export class DirectoryError extends Error {
  name: "DirectoryError";
}

/** The content of a directory file. */
export interface Directory extends Cloud {
  $schema?: string;
  /** Further clouds, each with an authority of its own; instance discovery names all. */
  nationalClouds?: (Cloud & { name: string; port?: number; httpPort?: number; controlPort?: number })[];
}

export interface Cloud {
  tenants: Tenant[];
  users: User[];
  registrations: Registration[];
  groups?: { id: string; tenant: string; name: string }[];
  consents?: Consent[];
  appRoleAssignments?: AppRoleAssignment[];
}

export interface Tenant {
  id: string;
  domain: string;
  name: string;
  /** Default: `organization`. `external` is External ID, `b2c` needs `policies`. */
  kind?: "organization" | "consumers" | "external" | "b2c";
  conditionalAccess?: ConditionalAccessPolicy[];
  /** The user flows of a B2C tenant. */
  policies?: string[];
  /** The host of an external tenant's issuer, which is another one than that of its metadata. */
  issuerOrigin?: string;
  region?: string;
}

export interface ConditionalAccessPolicy {
  id: string;
  /** Names of registrations, or `all`. */
  applications: string[];
  users?: string[];
  control: "mfa" | "compliantDevice" | "domainJoinedDevice" | "approvedApplication" | "block" | "registrationBlockedByRisk";
}

export interface User {
  name: string;
  password: string;
  tenant: string;
  id: string;
  displayName: string;
  givenName?: string;
  surname?: string;
  mail?: string;
  /** Names of groups. */
  memberOf?: string[];
  /** That many groups more, for a groups overage. */
  furtherGroups?: number;
  /** Whether the user can approve a second factor. */
  mfa?: boolean;
  administrator?: boolean;
  guestIn?: { tenant: string; id: string }[];
}

export interface Registration {
  name: string;
  tenant: string;
  clientId: string;
  /** For people, except `spa`: those get `redirectUris` of the start too. */
  kind?: string;
  firstParty?: boolean;
  /** Default: `AzureADMyOrg`. */
  signInAudience?: "AzureADMyOrg" | "AzureADMultipleOrgs" | "AzureADandPersonalMicrosoftAccount" | "PersonalMicrosoftAccount";
  redirectUris?: { spa?: string[]; web?: string[]; native?: string[] };
  frontChannelLogoutUrl?: string;
  isFallbackPublicClient?: boolean;
  enableIdTokenIssuance?: boolean;
  identifierUris?: string[];
  accessTokenAcceptedVersion?: 1 | 2 | null;
  /** In seconds. */
  accessTokenLifetime?: number;
  /** Whether the API takes part in continuous access evaluation. */
  continuousAccess?: boolean;
  scopes?: { value: string; type: "User" | "Admin"; consentText: string }[];
  appRoles?: { value: string; members: ("User" | "Application")[]; consentText: string }[];
  appRoleAssignmentRequired?: boolean;
  /** `aud`: the audience of v1.0 tokens is the client id. */
  optionalClaims?: ("idtyp" | "aud")[];
  groupMembershipClaims?: "None" | "SecurityGroup" | "DirectoryRole" | "ApplicationGroup" | "All";
  passwordCredentials?: { secret: string; endDateTime?: string }[];
  /** Whether a certificate is made for it at start. */
  certificate?: boolean;
  /** Credentials by subject name and issuer (`x5c`); `authority` is a PEM. */
  trustedCertificateSubjects?: { subject: string; authority: string }[];
  /** `{control}` in an issuer stands for the origin of the control endpoints. */
  federatedIdentityCredentials?: { issuer: string; subject: string; audiences: string[] }[];
  managedIdentity?: { type: "SystemAssigned" | "UserAssigned"; resourceId: string };
  /** Scopes by the name of the API's registration. */
  requiredResourceAccess?: Record<string, string[]>;
  /** App roles by the name of the API's registration. */
  requiredAppRoles?: Record<string, string[]>;
  knownClientApplications?: string[];
  preAuthorizedApplications?: { application: string; scopes: string[] }[];
  /** Tenants beside its own in which a multi-tenant application has been consented to. */
  installedIn?: string[];
}

/** Without `user` it is an administrator's, for everybody in the tenant. */
export interface Consent {
  tenant: string;
  client: string;
  resource: string;
  scopes: string[];
  user?: string;
}

/** Of an application (`client`) or of a user (`user`). */
export interface AppRoleAssignment {
  tenant: string;
  resource: string;
  roles: string[];
  client?: string;
  user?: string;
}
