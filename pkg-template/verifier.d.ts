import type { FetchInit, HostResponse, WasmSource } from "./edge.js";
import type { CorsOptions, ResourceMetadata } from "./guard.js";
import type { Algorithm, KeySource, KeyStore } from "./key-store.js";
import type { LogoutToken } from "./logout.js";
import type { CertificateSource, DpopOptions } from "./proof.js";
import type { Requirement } from "./requirement.js";

/**
 * The format of an issuer's tokens, and how those of users and of applications are told apart:
 *
 * - `entra`: `idtyp` if it is configured, otherwise `scp` marks a user; an application needs a role
 * - `auth0`: an application is the subject `<client>@clients`, a user `<connection>|<id>`
 * - `okta`: `uid` marks a user
 * - `keycloak`: an application is `service-account-<client>`; `typ` in the claims, if it is there, must be `Bearer` or `DPoP`
 * - `cognito`: `username` marks a user; `token_use` must be `access`; `client_id` is the audience if there is no `aud`
 * - `rfc9068`: `typ` must be `at+jwt`; an application is its own subject (`sub` is `client_id`), and any other subject a user
 * - `generic`: an application is its own subject; any other token is `unknown`. An ID token is only recognised by `nonce`,
 *   `at_hash` and the like: if the issuer's access tokens have a `typ`, require it
 *
 * ```ts
 * const profile: Profile = "keycloak";
 * ```
 */
export type Profile = "entra" | "rfc9068" | "auth0" | "okta" | "keycloak" | "cognito" | "generic";

/**
 * One of several issuers. What is left out is as in the verifier's options.
 *
 * ```ts
 * const partner: IssuerOptions = { issuer: "https://login.partner.example", audience: "https://api.example", profile: "rfc9068" };
 * ```
 */
export interface IssuerOptions extends KeySource {
  /** The issuer, as in {@link VerifierOptions.issuer}. */
  issuer: string;
  /** Your API's identifier in this issuer's tokens. */
  audience?: string | readonly string[];
  /** The format of this issuer's tokens. */
  profile?: Profile;
  /** This issuer's accepted tenants. */
  tenants?: string[] | TenantCheck;
}

/**
 * Decides whether a tenant is accepted, after everything else was found to be right.
 *
 * ```ts
 * const isCustomer: TenantCheck = (tenant) => tenant !== undefined && customers.has(tenant);
 * ```
 */
export type TenantCheck = (tenant: string | undefined, verified: Verified) => boolean | PromiseLike<boolean>;

/**
 * Options of {@link createVerifier}, a plain object. A name that is not listed here is refused with `invalid_option`.
 * The rules of {@link Requirement} hold for every token.
 *
 * ```ts
 * const options: VerifierOptions = { issuer: "https://login.example", audience: "https://api.example" };
 * ```
 */
export type VerifierOptions = VerifierSettings & (WithAudience | WithAudiences);

interface WithAudience {
  /**
   * The issuer of the tokens, an https URL; http is accepted on localhost. For many tenants of Entra:
   * `https://login.microsoftonline.com/{tenantid}/v2.0`, with the placeholder in it. Or several issuers, as for an API that
   * takes v1.0 and v2.0 tokens; a token's `iss` chooses among them.
   */
  issuer: string | IssuerOptions | readonly (string | IssuerOptions)[];
  /**
   * Your API's identifier, which the tokens must name as their audience; or several, of which they must name one.
   */
  audience: string | readonly string[];
}

type IssuerWithAudience = IssuerOptions & { audience: string | readonly string[] };

interface WithAudiences {
  /** The issuers of the tokens, each with its own audience. */
  issuer: IssuerWithAudience | readonly IssuerWithAudience[];
  audience?: undefined;
}

/** What {@link VerifierOptions} have beside issuer and audience. */
interface VerifierSettings extends Requirement, KeySource {
  /** The accepted algorithms of public keys. Default: all of {@link Algorithm}. */
  algorithms?: Algorithm[];
  /** The format of the issuers' tokens. Default: that of each issuer's vendor, otherwise `generic`. */
  profile?: Profile;
  /** Entra: the accepted tenants, by their GUIDs, never empty; or a function that decides. Default: all. */
  tenants?: string[] | TenantCheck;
  /** The required `typ` of the token's header, as `at+jwt` (RFC 9068). Default: `JWT`, `at+jwt` or none. */
  typ?: string;
  /** By how many seconds this clock and the issuer's may differ: 0 to 600. Default: 60. */
  clockTolerance?: number;
  /**
   * Gives the groups of a token's user if a group is required and the token leaves them out because they are too many, by
   * asking Microsoft Graph for example. Without it such a token is refused with `groups_missing`.
   */
  resolveGroups?: (verified: Verified) => Iterable<string> | PromiseLike<Iterable<string>>;
  /** `realm` of every challenge: what your API is called. */
  realm?: string;
  /**
   * Your API's metadata (RFC 9728), by which clients find the issuer: {@link guard} and the other guards serve it at every URL
   * that clients try. Or its URL, if it is served elsewhere. Every challenge names it (`resource_metadata`).
   */
  resourceMetadata?: string | ResourceMetadata;
  /**
   * What is asked of DPoP proofs (RFC 9449). A token that is bound to a key needs one also without this option, and passes as a
   * bearer token never; with it, challenges name DPoP.
   */
  dpop?: DpopOptions;
  /**
   * Where the client's certificate is, for tokens that are bound to one (RFC 8705): a function, or a header that your proxy sets and
   * that no client can. Default: what Cloudflare tells in `request.cf`, or Node's connection.
   */
  certificate?: CertificateSource;
  /** Which pages the guards let call your API from other origins. Default: the guards send no CORS headers. */
  cors?: CorsOptions;
  /**
   * Where keys and metadata are kept for other isolates and processes: {@link cacheKeyStore}, {@link kvKeyStore},
   * {@link memoryKeyStore} or your own. Only your code may write there: what is stored decides which tokens are accepted.
   * Default: nowhere but in memory.
   */
  keyStore?: KeyStore;
  /**
   * How many verified tokens are remembered, in memory: a token that comes again with the same requirement is not verified
   * again until it expires or the keys are to be fetched again. 0 to 100000. Default: 1000.
   */
  remember?: number;
  /** What fetches metadata and keys. Default: the runtime's `fetch`. */
  fetch?: (url: string, init: FetchInit) => PromiseLike<HostResponse>;
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
 * What a good token says. It is frozen, because it may be remembered.
 *
 * ```ts
 * const { claims, kind }: Verified = await verifier.verify(token);
 * ```
 */
export interface Verified {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly header: Readonly<Record<string, unknown>>;
  readonly issuer: string;
  /** `tid`, if the token has one. */
  readonly tenant?: string;
  /** The client ID of the application that the token was issued to, if the token names it. */
  readonly client?: string;
  /** `user`: an application acts for a user. `app`: an application acts for itself. `unknown`: the token does not say. */
  readonly kind: "user" | "app" | "unknown";
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
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
  /** Needed to check a proof. */
  readonly method?: string | undefined;
  /** Whole, or with the header `Host`. Needed to check a proof. */
  readonly url?: string | undefined;
  readonly headers: { get(name: string): string | null } | { readonly [name: string]: string | readonly string[] | undefined };
}

/** Decides whether access tokens are good. Make one for each API, outside of the request handler. */
export interface Verifier {
  /**
   * Verifies a bearer token. Fetches the issuer's keys when that is due.
   *
   * ```ts
   * const { claims } = await verifier.verify(token, { scope: "notes.read" });
   * ```
   *
   * @throws {AuthError} the codes of tokens, as `token_expired` or `signature_invalid`; `insufficient_scope`,
   * `insufficient_role`, `insufficient_group`, `insufficient_claims`, `claims_unsupported`, `claim_refused`,
   * `client_not_allowed`, `token_kind_refused`, `tenant_refused`, `not_an_access_token`; `proof_missing`,
   * `certificate_mismatch`, `binding_unsupported`; `groups_missing`; `key_unknown`,
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
   * Verifies the token of a request, with the proof or the client's certificate that it is bound to. The error that it throws has
   * the response to send.
   *
   * ```ts
   * const { claims } = await verifier.authenticate(request, { scope: "notes.read" });
   * ```
   *
   * @throws {AuthError} as {@link verify}; `credentials_missing`, `credentials_malformed`; `proof_invalid`, `proof_expired`,
   * `proof_replayed`, `proof_nonce_required`, `proof_key_mismatch`, `token_unbound`, `replay_store_unavailable`
   */
  authenticate(request: RequestLike, requirement?: Requirement): Promise<Verified>;
  /**
   * Verifies a logout token of OpenID Connect Back-Channel Logout, each once; {@link backChannelLogout} does it for a whole request.
   *
   * ```ts
   * const { sub, sid } = await verifier.verifyLogoutToken(token);
   * ```
   *
   * @throws {AuthError} `not_a_logout_token`, `logout_token_replayed`, and the codes of a token's form, signature and claims
   */
  verifyLogoutToken(token: string): Promise<LogoutToken>;
  /**
   * Loads the WebAssembly and the issuers' keys, so that the first request need not wait for them. Keys at hand that are fresh
   * are not fetched again.
   *
   * ```ts
   * await verifier.prefetch();
   * ```
   *
   * @throws {AuthError} `keys_unavailable`
   */
  prefetch(): Promise<void>;
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
