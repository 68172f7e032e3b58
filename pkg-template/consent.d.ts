export { AuthError, isAuthError, type AuthErrorCode } from "./auth-error.js";

/**
 * What an application needs, as `application.json` declares it.
 *
 * ```ts
 * const application: Application = {
 *   clientId: "66666666-7777-8888-9999-000000000000",
 *   redirectUris: ["https://app.example/"],
 *   apis: [{ resource: "api://orders.example", scopes: { "Orders.Read": "user" }, roles: ["Orders.Read.All"] }],
 * };
 * ```
 */
export interface Application {
  clientId: string;
  redirectUris?: string[];
  apis?: {
    /** The API's identifier. */
    resource: string;
    /** On behalf of a user: who may consent to each scope. */
    scopes?: Record<string, "user" | "administrator">;
    /** As the application itself: an administrator consents to these. */
    roles?: string[];
  }[];
}

/** A permission that was declared and not granted. */
export interface MissingPermission {
  resource: string;
  permission: string;
  /** Who can grant it. */
  consent: "user" | "administrator";
}

/**
 * Checks what an `application.json` declares, as JSON or parsed.
 *
 * ```ts
 * const application = readApplication(text);
 * ```
 *
 * @throws {AuthError} `invalid_option`
 */
export function readApplication(application: Application | string): Required<Application>;

/**
 * What is asked for and not declared: scopes, the resource, the redirect URI.
 *
 * ```ts
 * const [unknown] = undeclared(text, { scope: "api://orders.example/Orders.Read", redirectUri: "https://app.example/" });
 * ```
 */
export function undeclared(
  application: Application | string,
  asked: { scope?: string | string[]; resource?: string; redirectUri?: string },
): string[];

/**
 * What is declared for an API and not in the application's own token for it.
 *
 * ```ts
 * const missing = missingPermissions(text, { resource: "api://orders.example", accessToken });
 * ```
 */
export function missingPermissions(application: Application | string, token: { resource: string; accessToken: string }): MissingPermission[];

/**
 * The same client, of a page or a service, which refuses with `invalid_option` what the application does not declare, by its name and
 * before anything is sent.
 *
 * ```ts
 * const client = withApplication(createConfidentialClient({ authority, clientId, credential: { secret: text } }), text);
 * ```
 */
export function withApplication<Client extends object>(client: Client, application: Application | string): Client;

/**
 * The declared roles that nobody has granted to a service: ask at the start, before a user meets it.
 *
 * ```ts
 * for (const { resource, permission } of await missingRoles(client, text)) console.warn(`${permission} of ${resource} is missing`);
 * ```
 */
export function missingRoles(
  client: { clientCredentials(options: { scope?: string; resource?: string; tenant?: string }): Promise<{ accessToken: string }> },
  application: Application | string,
  options?: {
    tenant?: string;
    /** `resource` if the authority is Entra's v1.0. Default: `scope`. */
    by?: "scope" | "resource";
  },
): Promise<MissingPermission[]>;

/**
 * Where an administrator of Entra consents for all users of a tenant: with `scope` if the authority is v2.0's, without if it is v1.0's.
 * Keep `state` until the response.
 *
 * ```ts
 * const url = adminConsentUrl({ authority, clientId, redirectUri, scope: "api://orders.example/.default", state: crypto.randomUUID() });
 * ```
 *
 * @throws {AuthError} `invalid_option`
 */
export function adminConsentUrl(options: {
  authority: string;
  clientId: string;
  redirectUri: string;
  scope?: string | string[];
  state: string;
}): string;

/**
 * Checks the response to it. It does not say in which tenant: anybody can write that into a link. Take the tenant from a token.
 *
 * ```ts
 * const { scopes } = readAdminConsent(location.href, { state });
 * ```
 *
 * @throws {AuthError} `authorization_refused` with the server's own words; `response_invalid`
 */
export function readAdminConsent(location: string, expected: { state: string }): { scopes: string[] };
