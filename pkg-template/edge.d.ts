import { AuthError as PlainAuthError } from "./auth-error.js";

export type { AuthErrorCode } from "./auth-error.js";
export * from "./service.js";

/** A signature algorithm with a public key: RFC 7518, RFC 8037, RFC 8812, RFC 9864. */
export type Algorithm =
  | "RS256"
  | "RS384"
  | "RS512"
  | "PS256"
  | "PS384"
  | "PS512"
  | "ES256"
  | "ES384"
  | "ES512"
  | "ES256K"
  | "EdDSA"
  | "Ed25519";

/** An algorithm with a shared secret: HMAC, RFC 7518 section 3.2. */
export type SecretAlgorithm = "HS256" | "HS384" | "HS512";

/**
 * The format of an issuer's tokens, and how those of users and of applications are told apart:
 *
 * - `entra`: `idtyp` if it is configured, otherwise `scp` marks a user; an application needs a role
 * - `auth0`: an application is the subject `<client>@clients`, a user `<connection>|<id>`
 * - `okta`: `uid` marks a user
 * - `keycloak`: an application is `service-account-<client>`; `typ` in the claims must be `Bearer`
 * - `cognito`: `username` marks a user; `token_use` must be `access`; `client_id` is the audience if there is no `aud`
 * - `rfc9068`: `typ` must be `at+jwt`; an application is its own subject (`sub` is `client_id`), and any other subject a user
 * - `generic`: an application is its own subject; any other token is `unknown`
 *
 * ```ts
 * const profile: Profile = "keycloak";
 * ```
 */
export type Profile = "entra" | "rfc9068" | "auth0" | "okta" | "keycloak" | "cognito" | "generic";

/**
 * Scopes and roles. If both are given, both are required.
 *
 * ```ts
 * const permissions: Permissions = { scope: "notes.read notes.write", roles: ["Editor", "Owner"] };
 * ```
 */
export interface Permissions {
  /** All of these scopes; never empty. */
  scope?: string | string[];
  /** One of these roles; never empty. */
  roles?: string | string[];
}

/**
 * What a request needs: a plain object, whose `scope` and `roles` are required of every token. If `user` or `app` is
 * given, tokens of the other kind are refused unless that is given too, and so are those of unknown kind.
 *
 * ```ts
 * const requirement: Requirement = { user: { scope: "notes.read" }, app: { roles: "Notes.Read.All" } };
 * ```
 */
export interface Requirement extends Permissions {
  /** What is required of a user's token. */
  user?: Permissions;
  /** What is required of an application's token. */
  app?: Permissions;
}

/**
 * Options of {@link createVerifier}, a plain object. A name that is not listed here is refused with `invalid_option`.
 * `scope`, `roles`, `user` and `app` are required of every token.
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
  /** Never beside public keys: see {@link SecretVerifierOptions}. */
  secret?: never;
  /** The format of the issuer's tokens. Default: that of the issuer's vendor, otherwise `generic`. */
  profile?: Profile;
  /** Entra: the accepted tenants, by their GUIDs; never empty. Default: all. */
  tenants?: string[];
  /** The required `typ` of the token's header, as `at+jwt` (RFC 9068). Default: `JWT`, `at+jwt` or none. */
  typ?: string;
  /** By how many seconds this clock and the issuer's may differ: 0 to 600. Default: 60. */
  clockTolerance?: number;
  /**
   * What checks signatures. `host`: the runtime's crypto. `rust`: WebAssembly. `auto`: the runtime's crypto, and
   * WebAssembly for the algorithms that it lacks, as WebCrypto lacks ES256K. Default: `auto`.
   */
  crypto?: "auto" | "host" | "rust";
  /**
   * Where the WebAssembly comes from: the compiled module or its bytes; a URL, a response, or a promise of any of these,
   * but on Workers and other runtimes that do not compile. The first verifier decides for all. The package has it as
   * `wasm/edge_bg.wasm`. Default: each runtime's own way.
   */
  wasm?: WasmSource | PromiseLike<WasmSource>;
}

/**
 * Options of {@link createVerifier} for an issuer that signs by HMAC with a secret that it shares with your API.
 *
 * ```ts
 * const secret = new TextEncoder().encode("a secret of 32 bytes at least: 0");
 * const options: SecretVerifierOptions = { issuer: "https://login.example", audience: "https://api.example", secret };
 * ```
 */
export interface SecretVerifierOptions extends Omit<VerifierOptions, "algorithms" | "jwks" | "secret"> {
  /**
   * The secret: 32 bytes at least for HS256, 48 for HS384, 64 for HS512. Anybody who has it can sign tokens, your API too;
   * public keys are better.
   */
  secret: ArrayBuffer | ArrayBufferView;
  /** The algorithm, of which a secret has one. Default: `HS256`. */
  algorithms?: [SecretAlgorithm];
}

/**
 * What {@link VerifierOptions.wasm} takes.
 *
 * ```ts
 * const wasm: WasmSource = new Uint8Array(await (await fetch("https://app.example/countersign.wasm")).arrayBuffer());
 * ```
 */
export type WasmSource = string | { readonly href: string } | ArrayBuffer | ArrayBufferView | HostModule | HostResponse;

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
  /** `user`: an application acts for a user. `app`: an application acts for itself. `unknown`: the token does not say. */
  kind: "user" | "app" | "unknown";
  scopes: string[];
  roles: string[];
}

/**
 * A request, or the part of one that carries the token: a `Request`, Node's `IncomingMessage`, the event of a Lambda
 * function. Names of headers may have any case.
 *
 * ```ts
 * const request: RequestLike = { headers: { Authorization: "Bearer …" } };
 * ```
 */
export interface RequestLike {
  readonly headers: { get(name: string): string | null } | { readonly [name: string]: string | readonly string[] | undefined };
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
   * `insufficient_role`, `token_kind_refused`, `tenant_refused`, `not_an_access_token`; `key_unknown`,
   * `keys_unavailable`; `invalid_option`
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
export function createVerifier(options: VerifierOptions | SecretVerifierOptions): Verifier;

/**
 * A response as data.
 *
 * ```ts
 * const refusal: RefusalResponse = { status: 401, headers: { "www-authenticate": "Bearer" }, body: "{}" };
 * ```
 */
export interface RefusalResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The runtime's `WebAssembly.Module`, by the declarations that the project has. */
type HostModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : object;

/** The runtime's `Response`, by the declarations that the project has: of the DOM, of Node, of Workers. */
type HostResponse = typeof globalThis extends { Response: { prototype: infer R } }
  ? R
  : { readonly status: number; readonly headers: { get(name: string): string | null }; text(): Promise<string> };

/** Every failure of this build. */
export class AuthError extends PlainAuthError {
  /**
   * The response to the request whose token was refused (RFC 6750), with its status and `WWW-Authenticate`; with status 503
   * and `Retry-After` if the key of the token is not known now. On an
   * error of a `ConfidentialClient`: the response to the caller of your API.
   *
   * ```ts
   * if (isAuthError(error)) return error.toResponse();
   * ```
   */
  toResponse(): HostResponse;
  /**
   * The same as data, for hosts that have no `Response`.
   *
   * ```ts
   * if (isAuthError(error)) outgoing.writeHead(error.response.status, error.response.headers).end(error.response.body);
   * ```
   */
  readonly response: RefusalResponse;
}

/** Whether this is an {@link AuthError}, also one that another copy of the package threw. */
export function isAuthError(error: unknown): error is AuthError;
