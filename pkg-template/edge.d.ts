import { AuthError as PlainAuthError } from "./auth-error.js";

export type { AuthErrorCode } from "./auth-error.js";

/** A signature algorithm of RFC 7518, RFC 8037 or RFC 9864. */
export type Algorithm = "RS256" | "PS256" | "ES256" | "ES384" | "EdDSA" | "Ed25519";

/**
 * What a request needs.
 *
 * ```ts
 * const requirement: Requirement = { scope: "notes.read" };
 * ```
 */
export interface Requirement {
  /** The token must have all of these scopes. If roles are required too, this is for users only. */
  scope?: string | string[];
  /** The token must have one of these roles. If scopes are required too, this is for applications only. */
  roles?: string | string[];
}

/**
 * Options of {@link createVerifier}. A name that is not listed here is refused with `invalid_option`. `scope` and
 * `roles` are required of every token.
 *
 * ```ts
 * const options: VerifierOptions = { issuer: "https://login.example", audience: "https://api.example" };
 * ```
 */
export interface VerifierOptions extends Requirement {
  /**
   * The issuer of the tokens, an https URL; http is accepted on localhost. For many tenants of Entra:
   * `https://login.microsoftonline.com/{tenantid}/v2.0`, with the placeholder in it.
   */
  issuer: string;
  /** Your API's identifier, which the tokens must name as their audience; or several, of which they must name one. */
  audience: string | string[];
  /** The accepted algorithms. Default: all of {@link Algorithm}. */
  algorithms?: Algorithm[];
  /** The issuer's keys as a JWK Set, as JSON or parsed. Default: they are fetched from the issuer and kept up to date. */
  jwks?: { keys: object[] } | string;
  /** Entra: the accepted tenants, by their GUIDs. Default: all. */
  tenants?: string[];
  /** The required `typ` of the token's header, as `at+jwt` (RFC 9068). Default: any. */
  typ?: string;
  /** By how many seconds this clock and the issuer's may differ: 0 to 600. Default: 60. */
  clockTolerance?: number;
  /**
   * What checks signatures. `host`: the runtime's crypto. `rust`: WebAssembly. `auto`: the runtime's crypto, and
   * WebAssembly for the algorithms that it lacks. Default: `auto`.
   */
  crypto?: "auto" | "host" | "rust";
}

/**
 * What a good token says.
 *
 * ```ts
 * const { claims, kind }: Verified = await verifier.verify(token);
 * ```
 */
export interface Verified {
  claims: Record<string, unknown>;
  header: Record<string, unknown>;
  issuer: string;
  /** `tid`, if the token has one. */
  tenant?: string;
  /** `user`: an application acts for a user. `app`: an application acts for itself. */
  kind: "user" | "app";
  scopes: string[];
  roles: string[];
}

/** A request, or the part of one that carries the token: a `Request`, or Node's `IncomingMessage`. */
export interface RequestLike {
  readonly headers: { get(name: string): string | null } | { readonly authorization?: string | undefined };
}

/** Decides whether access tokens are good. Make one for each API, outside of the request handler. */
export interface Verifier {
  /**
   * Verifies a token. Fetches the issuer's keys when that is due.
   *
   * ```ts
   * const { claims } = await verifier.verify(token, { scope: "notes.read" });
   * ```
   *
   * @throws {AuthError} the codes of tokens, as `token_expired` or `signature_invalid`; `insufficient_scope`,
   * `insufficient_role`, `tenant_refused`; `key_unknown`, `keys_unavailable`; `invalid_option`
   */
  verify(token: string, requirement?: Requirement): Promise<Verified>;
  /**
   * Verifies a token at once, in WebAssembly, with the keys at hand: those of `jwks`, or those that an earlier `verify`
   * fetched.
   *
   * ```ts
   * const { claims } = verifier.verifySync(token);
   * ```
   *
   * @throws {AuthError} as {@link verify}; `keys_unavailable` if there are no keys yet, or the module is still loading
   */
  verifySync(token: string, requirement?: Requirement): Verified;
  /**
   * Verifies the bearer token of a request. The error that it throws has the response to send.
   *
   * ```ts
   * const { claims } = await verifier.authenticate(request, { scope: "notes.read" });
   * ```
   *
   * @throws {AuthError} as {@link verify}; `credentials_missing`, `credentials_malformed`
   */
  authenticate(request: RequestLike, requirement?: Requirement): Promise<Verified>;
}

/**
 * Makes a verifier. The WebAssembly is loaded at the first call.
 *
 * ```ts
 * const verifier = createVerifier({ issuer: "https://login.example", audience: "https://api.example" });
 * ```
 *
 * @throws {AuthError} `invalid_option`, here or at the first call
 */
export function createVerifier(options: VerifierOptions): Verifier;

/** The runtime's `Response`, by the declarations that the project has: of the DOM, of Node, of Workers. */
type HostResponse = typeof globalThis extends { Response: { prototype: infer R } }
  ? R
  : { readonly status: number; readonly headers: { get(name: string): string | null }; text(): Promise<string> };

/** Every failure of this build. */
export class AuthError extends PlainAuthError {
  /**
   * On an error of {@link Verifier.authenticate}: the response of RFC 6750, with its status and `WWW-Authenticate`.
   *
   * ```ts
   * if (isAuthError(error)) return error.toResponse();
   * ```
   */
  toResponse(): HostResponse;
}

/** Whether this is an {@link AuthError}, also one that another copy of the package threw. */
export function isAuthError(error: unknown): error is AuthError;
