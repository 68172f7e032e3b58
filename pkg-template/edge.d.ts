import { AuthError as PlainAuthError } from "./index.js";

export type { AuthErrorCode } from "./index.js";

/** A signature algorithm of RFC 7518, RFC 8037 or RFC 9864. */
export type Algorithm = "RS256" | "PS256" | "ES256" | "ES384" | "EdDSA" | "Ed25519";

/** What a request needs. */
export interface Requirement {
  /** All of these scopes. Where roles are required too, this is for users. */
  scope?: string | string[];
  /** One of these roles. Where scopes are required too, this is for applications. */
  roles?: string | string[];
}

/** Options of {@link createVerifier}; `scope` and `roles` are required of every token. */
export interface VerifierOptions extends Requirement {
  /** The issuer of the tokens, or Entra's template with `{tenantid}` in it. */
  issuer: string;
  /** The accepted audience, or several. */
  audience: string | string[];
  /** The accepted algorithms; all that are understood, if not given. */
  algorithms?: Algorithm[];
  /** The issuer's keys, where they shall not be fetched. */
  jwks?: { keys: object[] } | string;
  /** Entra: the admitted tenants; all, if not given. */
  tenants?: string[];
  /** The required `typ`, as `at+jwt` of RFC 9068. */
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
  /** Whether a user stands behind the token, or an application acts for itself. */
  kind: "user" | "app";
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
