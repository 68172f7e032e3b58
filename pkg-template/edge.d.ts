import { AuthError as PlainAuthError } from "./auth-error.js";
import type { CorsOptions, ResourceMetadata } from "./guard.js";

export type { AuthErrorCode } from "./auth-error.js";
export * from "./guard.js";
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

/**
 * A secret that an issuer shares with your API, to sign by HMAC (RFC 7518 section 3.2). Anybody who has it can sign tokens,
 * your API too; public keys are better.
 *
 * ```ts
 * const secret: SharedSecret = { algorithm: "HS256", key: new TextEncoder().encode("a secret of 32 bytes at least: 0") };
 * ```
 */
export interface SharedSecret {
  /** The only algorithm of the secret. */
  algorithm: "HS256" | "HS384" | "HS512";
  /** 32 bytes at least for HS256, 48 for HS384, 64 for HS512. */
  key: ArrayBuffer | ArrayBufferView;
}

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

/** One or several, but not none: an empty list would require nothing. */
type OneOrMore<T> = T | readonly [T, ...T[]];

/**
 * What a token has to permit. Everything that is given is required.
 *
 * ```ts
 * const permissions: Permissions = { scope: "notes.read notes.write", roles: ["Editor", "Owner"] };
 * ```
 */
export interface Permissions {
  /** All of these scopes; never empty. */
  scope?: OneOrMore<string>;
  /** One of these scopes. */
  anyScope?: OneOrMore<string>;
  /** One of these roles; never empty. */
  roles?: OneOrMore<string>;
  /** All of these roles. */
  allRoles?: OneOrMore<string>;
  /** The token was issued to one of these applications, by their client IDs (`azp`, `appid`, `client_id` or `cid`). */
  clients?: OneOrMore<string>;
  /** The user is in one of these groups (`groups`). If the token leaves them out, {@link VerifierOptions.resolveGroups} is asked. */
  groups?: OneOrMore<string>;
  /** Entra: one of these directory roles, by the GUIDs of their templates (`wids`). */
  wids?: OneOrMore<string>;
  /**
   * Entra: all of these authentication contexts (`acrs`), as `c1`. A client that declared the capability `cp1` is sent a claims
   * challenge, by which it signs the user in again as the context asks.
   */
  acrs?: OneOrMore<string>;
  /** Each of these claims has this value, or one of these values; of a claim that is a list of strings, one element has. */
  claims?: { readonly [claim: string]: OneOrMore<string | number | boolean> };
}

/**
 * What a request needs: a plain object, whose own rules hold for every token. If `user` or `app` is given, tokens of the
 * other kind are refused unless that is given too, and so are those of unknown kind.
 *
 * ```ts
 * const requirement: Requirement = { user: { scope: "notes.read" }, app: { roles: "Notes.Read.All", clients: ["<client id>"] } };
 * ```
 */
export interface Requirement extends Permissions {
  /** What is required of a user's token. */
  user?: Permissions;
  /** What is required of an application's token. */
  app?: Permissions;
}

/**
 * Where an issuer's keys come from. Give one of these at most; otherwise the metadata at the issuer's own URL names them,
 * and they are fetched and kept up to date.
 *
 * ```ts
 * const source: KeySource = { jwksUri: "https://login.example/keys" };
 * ```
 */
export interface KeySource {
  /**
   * The authority whose metadata names the keys, if it is not the issuer, as in Entra's External ID and B2C; or the URL of
   * the metadata itself. It may have a query, as Entra's `?appid=`.
   */
  authority?: string;
  /** The issuer's metadata, as JSON or parsed; only the keys are fetched then. */
  metadata?: object | string;
  /** The URL of the keys; no metadata is fetched then. */
  jwksUri?: string;
  /** The keys as a JWK Set, as JSON or parsed; nothing is fetched then. */
  jwks?: { keys: object[] } | string;
  /** A secret in place of public keys. No other algorithm is accepted of the issuer then. */
  secret?: SharedSecret;
}

/**
 * A store for keys and metadata. If it fails, the issuer is asked.
 *
 * ```ts
 * const kept = new Map<string, StoredResponse>();
 * const keyStore: KeyStore = { get: (url) => kept.get(url), put: (url, entry) => void kept.set(url, entry) };
 * ```
 */
export interface KeyStore {
  /** What was stored last for this URL. */
  get(url: string): StoredResponse | null | undefined | PromiseLike<StoredResponse | null | undefined>;
  /** Stores for a day. */
  put(url: string, entry: StoredResponse): unknown;
}

/**
 * What a {@link KeyStore} keeps: plain data.
 *
 * ```ts
 * const entry: StoredResponse = { body: '{"keys":[]}', storedAt: Date.now() };
 * ```
 */
export interface StoredResponse {
  readonly body: string;
  readonly etag?: string | undefined;
  readonly cacheControl?: string | undefined;
  /** In milliseconds since 1970. */
  readonly storedAt: number;
}

/**
 * Keys in the Cache API, as Cloudflare's data centres and Deno have it.
 *
 * ```ts
 * const verifier = createVerifier({ issuer: "https://login.example", audience: "api", keyStore: cacheKeyStore() });
 * ```
 *
 * @param cache Default: `caches.default`
 */
export function cacheKeyStore(cache?: {
  match(url: string): PromiseLike<{ json(): PromiseLike<unknown> } | undefined>;
  put(url: string, response: HostResponse): PromiseLike<unknown>;
}): KeyStore;

/**
 * Keys in Workers KV, for all data centres.
 *
 * ```ts
 * const verifier = createVerifier({ issuer: "https://login.example", audience: "api", keyStore: kvKeyStore(namespace) });
 * ```
 */
export function kvKeyStore(namespace: {
  get(name: string, type: "json"): PromiseLike<unknown>;
  put(name: string, value: string, options: { expirationTtl: number }): PromiseLike<unknown>;
}): KeyStore;

/**
 * Keys in memory that can be passed on: `JSON.stringify(store)` is what another process begins with.
 *
 * ```ts
 * const keyStore = memoryKeyStore();
 * const verifier = createVerifier({ issuer: "https://login.example", audience: "api", keyStore });
 * const elsewhere = memoryKeyStore(JSON.stringify(keyStore));
 * ```
 */
export function memoryKeyStore(entries?: string | { readonly [url: string]: StoredResponse }): KeyStore & { toJSON(): { [url: string]: StoredResponse } };

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
 * What {@link VerifierOptions.wasm} takes.
 *
 * ```ts
 * const wasm: WasmSource = new Uint8Array(await (await fetch("https://app.example/countersign.wasm")).arrayBuffer());
 * ```
 */
export type WasmSource = string | { readonly href: string } | ArrayBuffer | ArrayBufferView | HostModule | HostResponse;

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
   * `insufficient_role`, `insufficient_group`, `insufficient_claims`, `claims_unsupported`, `claim_refused`,
   * `client_not_allowed`, `token_kind_refused`, `tenant_refused`, `not_an_access_token`; `groups_missing`; `key_unknown`,
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

/**
 * Options of {@link verifyJws}, a plain object: where the sender's keys come from, of which there is one way, and more.
 *
 * ```ts
 * const options: JwsOptions = { jwksUri: "https://sender.example/keys", algorithms: ["ES256"] };
 * ```
 */
export type JwsOptions = JwsSettings & (Pick<Required<KeySource>, "jwksUri"> | Pick<Required<KeySource>, "jwks"> | Pick<Required<KeySource>, "secret">);

interface JwsSettings {
  /** The accepted algorithms of public keys. Default: all of {@link Algorithm}. */
  algorithms?: Algorithm[];
  /**
   * The payload of a message that came without it (RFC 7515 appendix F): the body of the request, byte for byte. It is
   * signed as it is if the header has `b64: false` (RFC 7797), and encoded otherwise.
   */
  payload?: ArrayBuffer | ArrayBufferView | string;
  /** What fetches the keys. Default: the runtime's `fetch`. */
  fetch?: (url: string, init: FetchInit) => PromiseLike<HostResponse>;
  /** What checks the signature, as in {@link VerifierOptions}. */
  crypto?: "auto" | "host" | "rust";
  /** Where the WebAssembly comes from, as in {@link VerifierOptions}. */
  wasm?: WasmSource | PromiseLike<WasmSource>;
}

/**
 * A message that the key's owner signed.
 *
 * ```ts
 * const { header, payload }: VerifiedJws = await verifyJws(jws, { jwksUri: "https://sender.example/keys" });
 * ```
 */
export interface VerifiedJws {
  header: Record<string, unknown>;
  payload: Uint8Array;
}

/**
 * Verifies a signed message that is no access token, as a webhook's: a JWS in compact serialization, of 64 KiB at most.
 * The keys of `jwksUri` are remembered among calls, and kept up to date.
 *
 * Who signed the message is all that it says. Whether it is for you, and whether it is new, is in the payload: look at
 * both, or anybody can send you again what you were sent before, or what somebody else was sent.
 *
 * ```ts
 * const body = new Uint8Array(await request.arrayBuffer());
 * const signature = request.headers.get("x-jws-signature") ?? "";
 * await verifyJws(signature, { jwksUri: "https://sender.example/keys", payload: body });
 * ```
 *
 * @throws {AuthError} the codes of a token's form and signature, as `token_malformed`, `critical_header_unknown`,
 * `algorithm_not_allowed` or `signature_invalid`; `key_unknown`, `keys_unavailable`; `invalid_option`
 */
export function verifyJws(jws: string, options: JwsOptions): Promise<VerifiedJws>;

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

/** What {@link VerifierOptions.fetch} is called with, the second argument of the runtime's `fetch`. */
interface FetchInit {
  method: string;
  headers: [string, string][];
  redirect: "manual";
  signal: HostSignal;
}

/** The runtime's `AbortSignal`, by the declarations that the project has. */
type HostSignal = typeof globalThis extends { AbortSignal: { prototype: infer S } } ? S : object;

/** The runtime's `WebAssembly.Module`, by the declarations that the project has. */
type HostModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : object;

/** The runtime's `Request`, by the declarations that the project has. */
export type HostRequest = typeof globalThis extends { Request: { prototype: infer R } }
  ? R
  : { readonly method: string; readonly url: string; readonly headers: { get(name: string): string | null } };

/** The runtime's `Response`, by the declarations that the project has: of the DOM, of Node, of Workers. */
export type HostResponse = typeof globalThis extends { Response: { prototype: infer R } }
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
