import { AuthError as PlainAuthError } from "./index.js";

export type { AuthErrorCode } from "./index.js";

/** A signature algorithm of RFC 7518, RFC 8037 or RFC 9864. */
export type Algorithm = "RS256" | "PS256" | "ES256" | "ES384" | "EdDSA" | "Ed25519";

/**
 * How the tokens of an issuer look, and how those of users and of applications are told apart:
 *
 * - `entra`: `idtyp` if it is configured, otherwise `scp` marks a user; an application needs a role
 * - `auth0`: an application is the subject `<client>@clients`, a user `<connection>|<id>`
 * - `okta`: `uid` marks a user
 * - `keycloak`: an application is `service-account-<client>`; `typ` in the claims must be `Bearer`
 * - `cognito`: `username` marks a user; `token_use` must be `access`; `client_id` is the audience if there is no `aud`
 * - `rfc9068`: `typ` must be `at+jwt`; an application is its own subject (`sub` is `client_id`), and any other subject a user
 * - `generic`: an application is its own subject; any other token is `unknown`
 */
export type Profile = "entra" | "rfc9068" | "auth0" | "okta" | "keycloak" | "cognito" | "generic";

/** Scopes and roles. If both are given, both are required. */
export interface Permissions {
  /** All of these scopes; never empty. */
  scope?: string | string[];
  /** One of these roles; never empty. */
  roles?: string | string[];
}

/**
 * What a request needs: a plain object, whose `scope` and `roles` are required of every token. If `user` or `app` is given, a token of
 * the other kind is refused unless that is given too, and so is one of unknown kind.
 */
export interface Requirement extends Permissions {
  /** What is required of a user's token. */
  user?: Permissions;
  /** What is required of an application's token. */
  app?: Permissions;
}

/** Options of {@link createVerifier}, a plain object; `scope`, `roles`, `user` and `app` are required of every token. */
export interface VerifierOptions extends Requirement {
  /** The issuer of the tokens, or Entra's template with `{tenantid}` in it. */
  issuer: string;
  /** The accepted audience, or several. */
  audience: string | string[];
  /** The accepted algorithms; all that are understood, if not given. */
  algorithms?: Algorithm[];
  /** The issuer's keys, where they shall not be fetched. */
  jwks?: { keys: object[] } | string;
  /** The format of the issuer's tokens; what the issuer's URL tells, if not given, and `generic` if it does not. */
  profile?: Profile;
  /** Entra: the admitted tenants, one at least; all, if not given. */
  tenants?: string[];
  /** The required `typ`, as `at+jwt` of RFC 9068. If not given, `typ` must be `JWT`, `at+jwt` or absent. */
  typ?: string;
  /** Seconds by which this clock and the issuer's may differ; 60, if not given, and 600 at most. */
  clockTolerance?: number;
  /** What checks signatures: the host's crypto, pure Rust, or the host with Rust where it cannot (the default). */
  crypto?: "auto" | "host" | "rust";
}

/** A token that is good. */
export interface Verified {
  claims: Record<string, unknown>;
  header: Record<string, unknown>;
  issuer: string;
  /** `tid`. */
  tenant?: string;
  /** Whether a user stands behind the token, an application acts for itself, or the token does not say. */
  kind: "user" | "app" | "unknown";
  scopes: string[];
  roles: string[];
}

/** A request, or what of one carries the token: a `Request`, or Node's `IncomingMessage`. */
export type RequestLike = { headers: Headers | { authorization?: string } };

/** Decides whether access tokens are good. Make one for each API, outside of the request handler. */
export interface Verifier {
  /** Decides; fetches the issuer's keys when that is due. */
  verify(token: string, requirement?: Requirement): Promise<Verified>;
  /** Decides at once, in pure Rust, with the keys at hand. */
  verifySync(token: string, requirement?: Requirement): Verified;
  /** Decides about a request by its bearer token. The error it throws has the answer to send. */
  authenticate(request: RequestLike, requirement?: Requirement): Promise<Verified>;
}

/** @throws {AuthError} `invalid_option`, here or at the first call */
export function createVerifier(options: VerifierOptions): Verifier;

/** The one error of both builds. */
export class AuthError extends PlainAuthError {
  /** On an error of `authenticate`: the answer of RFC 6750, with its `WWW-Authenticate`. */
  toResponse(): Response;
}

/** Whether this is an {@link AuthError}, also one of another copy of the package. */
export function isAuthError(error: unknown): error is AuthError;
