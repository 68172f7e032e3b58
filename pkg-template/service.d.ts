/** A client's secret. */
export interface SecretCredential {
  secret: string;
  /** Where it goes: `post`, a parameter of the body, or `basic`, a header. Default: `post`. */
  method?: "post" | "basic";
}

/** A private key, which signs an assertion for each token request: RFC 7523, and Entra's certificate credentials. */
export interface KeyCredential {
  /** PEM (PKCS#8, PKCS#1, SEC 1), a JWK, or a CryptoKey with the usage `sign`. It becomes a CryptoKey that nobody can export. */
  privateKey: string | object;
  /** The key's certificate, and the chain behind it: PEM or DER. It must be the key's own. */
  certificate?: string | Uint8Array | (string | Uint8Array)[];
  /** `kid`, for providers to which the key is known without a certificate. */
  keyId?: string;
  /** Default: PS256 for RSA, and what fits the curve. RS256 for older servers. */
  algorithm?: "PS256" | "RS256" | "ES256" | "ES384" | "EdDSA";
  /** By which thumbprint the certificate is named: `x5t#S256`, or `x5t` for older servers. Default: `SHA-256`. */
  thumbprint?: "SHA-256" | "SHA-1";
  /** Whether the certificate and its chain are sent along (`x5c`), as for subject name and issuer authentication. Default: no. */
  sendChain?: boolean;
  /** Whom the assertion is for. Default: `tokenEndpoint`, as Entra wants it. */
  audience?: "tokenEndpoint" | "issuer";
}

/** An assertion that somebody else issues: workload identity federation. The function is asked for each request. */
export interface AssertionCredential {
  /** Define it outside of a request handler: clients share their tokens only if it is the same function. */
  assertion: () => string | Promise<string>;
}

/** The same from a file, which is read again for each request: Node, Deno and Bun. */
export interface AssertionFileCredential {
  assertionFile: string;
}

/**
 * A managed identity of Azure, on App Service, Functions, Container Apps, virtual machines and clusters. Alone it is the service's
 * identity. With `authority` and `clientId` it proves an application that trusts it, as a federated credential.
 */
export interface ManagedIdentityCredential {
  managedIdentity: {
    /** Which of the identities that are assigned to the host. Default: its own. */
    clientId?: string;
    objectId?: string;
    resourceId?: string;
    /** Default: `process.env`. */
    environment?: Record<string, string | undefined>;
  };
}

/**
 * Mutual TLS (RFC 8705): a `fetch` whose connections present the client's certificate, as that of Cloudflare's certificate bindings,
 * undici's with an `Agent`, Bun's with `tls`, Deno's with a client. All requests of this client go by it.
 */
export interface MutualTlsCredential {
  /** Define it outside of a request handler: clients share their tokens only if it is the same function. */
  mutualTls: HostFetch;
}

/** How a client proves who it is. */
export type Credential =
  | SecretCredential
  | KeyCredential
  | AssertionCredential
  | AssertionFileCredential
  | ManagedIdentityCredential
  | MutualTlsCredential;

/**
 * A place for tokens that the instances of a service share. What it is given is encrypted already. If it fails, is slow or loses
 * something, that costs a request.
 */
export interface TokenStore {
  get(name: string): Promise<string | null | undefined>;
  /** `expiresAt`, in seconds since 1970: from when the value is of no use. */
  set(name: string, value: string, options: { expiresAt: number }): Promise<unknown>;
  /** Waits for a lock of all instances, and returns what releases it. With it, they share one request for a token. */
  lock?(name: string): Promise<() => unknown>;
}

/** A step in the log. It never holds a secret. */
export interface ServiceLogEntry {
  /** Seconds since 1970. */
  time: number;
  step: string;
  detail: string;
}

/** Options of {@link createConfidentialClient}. A name that is not listed here is refused with `invalid_option`. */
export interface ConfidentialClientOptions {
  /**
   * The issuer, or Entra's authority: `https://login.microsoftonline.com/<tenant>/v2.0`, without `/v2.0` for v1.0, and
   * `organizations` for a service that names the tenant in each call. Left out, with `clientId`, by a service that is a managed identity.
   */
  authority?: string;
  clientId?: string;
  /** The client's proof; several, while one takes the place of another. */
  credential: Credential | Credential[];
  /** The other identifiers of your API, or the blueprint of an agent identity: for whom tokens may be that you exchange. */
  audience?: string[];
  /** Entra: whether `onBehalfOf` takes an application's own token, as agent identities send. Default: no. */
  appAssertions?: boolean;
  /** The provider's metadata, if it must not be fetched. */
  metadata?: object | string;
  /** A store for tokens, and the key that encrypts them: 32 random bytes or more, as base64. */
  cache?: { store: TokenStore; key: string | Uint8Array };
  /** Keeps work going after the response, as `(work) => ctx.waitUntil(work)` on Workers. Default: the runtime's own, if it has one. */
  waitUntil?: (work: Promise<unknown>) => void;
  /** Makes the requests. Default: the global `fetch`. */
  fetch?: HostFetch;
  onLog?: (entry: ServiceLogEntry) => void;
}

/** Which token: `scope`, or `resource` where the provider takes one (RFC 8707, Entra v1.0). */
export interface TokenOptions {
  /** Entra v2.0: the resource's identifier and `/.default`. */
  scope?: string | string[];
  resource?: string;
  /** Entra: the tenant, by GUID or domain. Default: the authority's. */
  tenant?: string;
  /** The claims of a claims challenge. */
  claims?: string;
  /** Asks for a new token though the kept one is good. */
  forceRefresh?: boolean;
}

/** Options of {@link ConfidentialClient.clientCredentials}. */
export interface ClientCredentialsOptions extends TokenOptions {
  /** Entra: the agent identity of this application, by its client ID, that the token is to prove. */
  fmiPath?: string;
}

/** What a configuration's clients did in this isolate. */
export interface Counters {
  /** Calls that got a kept token. */
  readonly fromMemory: number;
  /** Calls that got a token of the store. */
  readonly fromStore: number;
  /** Requests for a token. */
  readonly requests: number;
  /** Of these: refused. */
  readonly refused: number;
  /** Of these: without a response that is of use. */
  readonly failed: number;
  /** Calls that got an earlier request's failure instead of a request of their own. */
  readonly spared: number;
}

/** On whose behalf: `assertion`, the access token that your API was called with and has verified, or `session`, or both. */
export interface OnBehalfOfOptions extends TokenOptions {
  assertion?: string;
  /**
   * The key of long-running work, which only your service knows. With an assertion it begins a session; without one it gets further
   * tokens, also when the assertion has expired.
   */
  session?: string;
}

/** A token exchange: RFC 8693. */
export interface ExchangeOptions {
  subjectToken: string;
  /** Default: `urn:ietf:params:oauth:token-type:access_token`. */
  subjectTokenType?: string;
  actorToken?: string;
  /** Default: `urn:ietf:params:oauth:token-type:access_token`. */
  actorTokenType?: string;
  requestedTokenType?: string;
  audience?: string;
  scope?: string | string[];
  resource?: string;
  forceRefresh?: boolean;
}

/** An access token. Times are in seconds since 1970. */
export interface ServiceToken {
  readonly accessToken: string;
  readonly tokenType: string;
  readonly scope: string;
  readonly obtainedAt: number;
  readonly refreshAt: number;
  readonly expiresAt: number;
}

/** Options of {@link ConfidentialClient.authorizationRequest}. */
export interface UserSignInOptions {
  /** Where your web app receives the response, as it is registered. */
  redirectUri: string;
  /** With `openid`. Default: `openid profile`. */
  scope?: string | string[];
  resource?: string;
  prompt?: string;
  loginHint?: string;
  domainHint?: string;
  acrValues?: string | string[];
  uiLocales?: string | string[];
  /** The claims of an error that needs the user. */
  claims?: string;
  /** The user must have authenticated this many seconds ago at most. */
  maxAge?: number;
  /** How the response comes. Default: what the provider has, the query. */
  responseMode?: "query" | "form_post";
  /** Other parameters of the authorization request. */
  parameters?: Record<string, string>;
}

/** The first leg of a user's sign-in. */
export interface UserSignInRequest {
  /** Where to redirect the user's browser. */
  readonly url: string;
  /**
   * What the second leg needs. Keep it for this browser, where nobody else can read or replace it: in the server's session, or in an
   * encrypted cookie with `HttpOnly`, `Secure` and `SameSite=Lax` (`None` for `form_post`). Use it once.
   */
  readonly transaction: string;
}

/** A user's tokens, which your web app keeps. */
export interface UserTokens {
  /** Who signed in. A refresh does not say it again. */
  readonly account?: {
    /** `iss` of the ID token. */
    readonly issuer: string;
    /** `sub` of the ID token. */
    readonly subject: string;
    /** Entra: the tenant, `tid`. */
    readonly tenant?: string;
    /** The claims of the ID token. */
    readonly claims: Readonly<Record<string, unknown>>;
  };
  readonly token: ServiceToken;
  /** In the place of the one before. */
  readonly refreshToken?: string;
  /** The ID token of a sign-in, for `id_token_hint`. */
  readonly idToken?: string;
}

/** Options of {@link ConfidentialClient.refresh}. */
export interface RefreshOptions {
  refreshToken: string;
  /** Another API's, or some of the scopes. Default: what the user granted. */
  scope?: string | string[];
  resource?: string;
  claims?: string;
}

/**
 * The client of a service. Its tokens are kept in the isolate and shared by all clients of the same configuration, so that a Worker may
 * make one for each request.
 *
 * The errors of every call are {@link AuthError}s with the server's own words as data, and with `toResponse()`: the response for your
 * API's own caller. If Conditional Access asks the user for more, that is a 401 with the claims challenge.
 */
export interface ConfidentialClient {
  /**
   * A token with which the service acts as itself.
   *
   * ```ts
   * const { accessToken } = await client.clientCredentials({ scope: "api://orders.example/.default" });
   * ```
   */
  clientCredentials(options: ClientCredentialsOptions): Promise<ServiceToken>;
  /**
   * A token for another API on behalf of your caller: Entra's on-behalf-of flow, token exchange (RFC 8693) elsewhere.
   *
   * ```ts
   * const { accessToken } = await client.onBehalfOf({ assertion, scope: "api://ledger.example/.default" });
   * ```
   */
  onBehalfOf(options: OnBehalfOfOptions): Promise<ServiceToken>;
  /** A token exchange in all its terms. */
  exchange(options: ExchangeOptions): Promise<ServiceToken>;
  /** What the clients of this configuration did. */
  readonly counters: Counters;
  /**
   * Begins the sign-in of a user of your web app: authorization code with PKCE. Nothing is kept here.
   *
   * ```ts
   * const { url, transaction } = await client.authorizationRequest({ redirectUri: "https://app.example/callback" });
   * ```
   */
  authorizationRequest(options: UserSignInOptions): Promise<UserSignInRequest>;
  /**
   * Completes the sign-in, with the request or the URL that came to the redirect URI, and the transaction of the same browser.
   *
   * The errors say why nobody signed in: `response_invalid` if the response is not of this transaction, `sign_in_timed_out` if it is too
   * late, `authorization_refused` or `interaction_required` if the provider refused.
   */
  handleRedirect(response: string | { readonly href: string } | Parameters<HostFetch>[0], transaction: string): Promise<UserTokens>;
  /** Renews a user's token, or gets one for another API. Providers may take a refresh token once: let one call at a time use it. */
  refresh(options: RefreshOptions): Promise<UserTokens>;
  /** Ends a long-running session: its refresh token is forgotten. */
  endSession(session: string): Promise<void>;
  /**
   * `fetch` with the service's token, or with one on behalf of your caller if `token` has an `assertion` or a `session`. After a
   * challenge of the API the request is repeated once, with a new token.
   *
   * ```ts
   * const response = await client.fetch("https://orders.example/orders", { token: { scope: "api://orders.example/.default" } });
   * ```
   */
  fetch(input: Parameters<HostFetch>[0], init: NonNullable<Parameters<HostFetch>[1]> & { token: OnBehalfOfOptions }): ReturnType<HostFetch>;
}

/**
 * Makes the client of a service. A PEM key is compared with its certificate at once, a CryptoKey at its first use.
 *
 * ```ts
 * const client = createConfidentialClient({
 *   authority: "https://login.microsoftonline.com/contoso.example/v2.0",
 *   clientId: "11111111-2222-3333-4444-555555555555",
 *   credential: { certificate, privateKey },
 * });
 * ```
 *
 * @throws {AuthError} `credential_invalid`; `invalid_option`, here or at the first call
 */
export function createConfidentialClient(options: ConfidentialClientOptions): ConfidentialClient;

/**
 * The options of the client that Azure Workload Identity describes in the environment of a Kubernetes pod.
 *
 * ```ts
 * const client = createConfidentialClient(workloadIdentity());
 * ```
 */
export function workloadIdentity(environment?: Record<string, string | undefined>): {
  authority: string;
  clientId: string;
  credential: AssertionFileCredential;
};

/** Cloudflare Workers KV as a store. It has no locks, and shows what another place wrote a minute later at worst. */
export function kvStore(namespace: {
  get(name: string): Promise<string | null>;
  put(name: string, value: string, options: { expirationTtl: number }): Promise<void>;
}): TokenStore;

/** Durable Objects as a store, with locks: a binding of the class {@link TokenStoreObject}. */
export function durableObjectStore(namespace: { idFromName(name: string): unknown; get(id: never): { fetch(url: string, init?: object): Promise<unknown> } }): TokenStore;

/** Redis as a store, with locks: a connected client of the package `redis` or `ioredis`. On Workers, make one for each request. */
export function redisStore(client: object): TokenStore;

/** The class of the Durable Objects of {@link durableObjectStore}: export it from your Worker. */
export class TokenStoreObject {
  constructor(state: { storage: object });
  fetch(request: Parameters<HostFetch>[0]): ReturnType<HostFetch>;
  alarm(): Promise<void>;
}

/** The runtime's own `fetch`, by the declarations that the program has. */
type HostFetch = typeof globalThis extends { fetch: infer F extends (...given: never[]) => Promise<unknown> }
  ? F
  : (input: string | object, init?: object) => Promise<object>;
