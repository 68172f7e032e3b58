/** Options of {@link createClient}. */
export interface ClientOptions {
  /** The provider's issuer, or Entra's authority: `https://login.microsoftonline.com/<tenant>/v2.0`. */
  authority: string;
  /** `client_id` of the registration. */
  clientId: string;
  /** Where the provider sends the user back to, as registered. The page's own address without query, if not given. */
  redirectUri?: string;
  /** Where the provider sends the user after sign-out, as registered. */
  postLogoutRedirectUri?: string;
  /** Scopes of a sign-in, `openid` among them. `openid profile offline_access`, if not given. */
  scope?: string | string[];
  /** The API that the token is for, RFC 8707, for providers that want it. */
  resource?: string;
  /** The provider's metadata, where it shall not be fetched. */
  metadata?: object | string;
  /**
   * Where the session is kept: `session`, the tab's own storage, outlives a reload and is the default;
   * `memory` ends with the page. A script that runs in the page can use the session either way.
   */
  storage?: "memory" | "session";
  /** Seconds by which this clock and the provider's may differ; 60, if not given, and 600 at most. */
  clockTolerance?: number;
  /** What makes the requests, if not the page's `fetch`. */
  fetch?: typeof globalThis.fetch;
  /** Is told each protocol step; never a token, code, verifier or secret. */
  onLog?: (entry: LogEntry) => void;
}

/** A protocol step. */
export interface LogEntry {
  /** Seconds since 1970. */
  time: number;
  /** The step by the protocol's name for it, as `token_request`. */
  step: string;
  /** An address without its query, an error code, or nothing. */
  detail: string;
}

/** Options of {@link Client.signIn}. */
export interface SignInOptions {
  /** In place of the client's. */
  scope?: string | string[];
  /** In place of the client's. */
  resource?: string;
  /** `login`, `none`, `consent` or `select_account`. */
  prompt?: string;
  /** Who is about to sign in. */
  loginHint?: string;
  /** Entra: the domain of the user's tenant. */
  domainHint?: string;
  /** Seconds since the user last signed in, at most; held against `auth_time` when the answer comes. */
  maxAge?: number;
  acrValues?: string | string[];
  uiLocales?: string | string[];
  /** A claims request, or what an error's `claims` asks for. */
  claims?: string;
  /** Where the answer stands in the address: `query`, if not given. */
  responseMode?: "query" | "fragment";
  /** Further parameters of the authorization request; not those that the protocol itself sets. */
  parameters?: Record<string, string>;
  /** Is handed back by {@link Client.handleRedirect}; must be JSON. */
  appState?: unknown;
}

/** Options of {@link Client.getToken}. */
export interface GetTokenOptions {
  /** In place of the sign-in's. */
  scope?: string | string[];
  /** In place of the sign-in's. */
  resource?: string;
  /** A claims challenge; asks for a new token. */
  claims?: string;
  /** Asks for a new token though the cached one is good. */
  forceRefresh?: boolean;
  /** Ends the waiting of this call; the work goes on for others. */
  signal?: AbortSignal;
}

/** An access token. Times are seconds since 1970. */
export interface TokenSet {
  accessToken: string;
  tokenType: string;
  scope: string;
  obtainedAt: number;
  /** From when the client renews it. */
  refreshAt: number;
  expiresAt: number;
}

/** Who is signed in. */
export interface Account {
  /** `iss` of the ID token. */
  issuer: string;
  /** `sub` of the ID token. */
  subject: string;
  /** All claims of the ID token. */
  claims: Record<string, unknown>;
}

/** A sign-in that succeeded. */
export interface SignIn {
  account: Account;
  /** What {@link SignInOptions.appState} was. */
  appState?: unknown;
}

/** The events of a {@link Client}. */
export interface ClientEventMap {
  signedin: CustomEvent<null>;
  signedout: CustomEvent<null>;
  tokenrefreshed: CustomEvent<null>;
  /** The session cannot be renewed past `at`, in seconds since 1970: ask the user to sign in again. */
  reauthdue: CustomEvent<{ at: number }>;
  /** Work in the background failed. */
  error: CustomEvent<AuthError>;
}

/** One provider's client in a page. */
export interface Client extends EventTarget {
  /** Who is signed in, or `null`. */
  readonly account: Account | null;
  readonly accounts: Account[];

  /** Sends the user to the provider. Does not return: the page is left. */
  signIn(options?: SignInOptions): Promise<never>;

  /**
   * Completes a sign-in with the page's address, or the given one. `null`: this page load is not an answer. A
   * failed sign-in throws, and leaves an earlier session as it was.
   */
  handleRedirect(url?: string | URL): Promise<SignIn | null>;

  /**
   * A token that is good now: cached, and renewed when due. Throws `sign_in_required` where nobody is signed in,
   * and `interaction_required` where only the user can help.
   */
  getToken(options?: GetTokenOptions): Promise<TokenSet>;

  /**
   * `fetch` with the token in the `Authorization` header; answers a challenge of the API once. Refuses an address
   * that is neither https nor loopback. Use it for your own APIs only: whoever gets the token can use it.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit & { token?: Omit<GetTokenOptions, "signal"> }): Promise<Response>;

  /** Ends the session here and, where the provider offers that and `local` is not set, there: the page is left. */
  signOut(options?: { local?: boolean }): Promise<void>;

  addEventListener<K extends keyof ClientEventMap>(
    type: K,
    listener: ((this: Client, event: ClientEventMap[K]) => void) | { handleEvent(event: ClientEventMap[K]): void },
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;

  /** Stops timers and listeners; later calls throw `client_closed`. */
  close(): void;
}

/**
 * Loads the core and takes up the stored session.
 *
 * @throws {AuthError} `invalid_option`, `insecure_context`, `csp_blocks_wasm`, `wasm_load_failed`
 */
export function createClient(options: ClientOptions): Promise<Client>;

// Written by `cargo xtask build` from the table in src/core/error.rs, in the order of the numbers.
/** One code for each thing that a caller can do something about. */
export type AuthErrorCode =
  /** An option is missing, malformed or unknown. */
  | "invalid_option"
  /** The client is closed; create a new one. */
  | "client_closed"
  /** The call was aborted. */
  | "aborted"
  /** Nobody is signed in; call signIn. */
  | "sign_in_required"
  /** The user must sign in again; call signIn and pass the error's claims if it has any. */
  | "interaction_required"
  /** Somebody signed in anew during the call; call again. */
  | "session_replaced"
  /** The page started too many sign-ins without receiving a response; check that redirectUri is the URL on which you call handleRedirect. */
  | "sign_in_loop"
  /** The user came back without signing in; call signIn again when they ask for it. */
  | "sign_in_abandoned"
  /** A sign-out ended the sign-in; call signIn again. */
  | "sign_in_cancelled"
  /** A token or code must not be sent to this URL; use https, or http on localhost. */
  | "insecure_url"
  /** The page is not a secure context; serve it over https or from localhost. */
  | "insecure_context"
  /** The browser refused to store; free space or allow storage for this site. */
  | "storage_unavailable"
  /** Countersign broke a rule of its own; please report it. */
  | "internal"
  /** The WebAssembly file could not be loaded; serve it beside the script, as application/wasm. */
  | "wasm_load_failed"
  /** The page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src. */
  | "csp_blocks_wasm"
  /** No response arrived; check the network and that the server allows the page's origin (CORS). */
  | "network_error"
  /** The provider cannot respond now; try again later. */
  | "provider_unavailable"
  /** The response is not what the protocol allows; check the URL. */
  | "unexpected_response"
  /** The provider's metadata lacks a required member or has a malformed one. */
  | "metadata_invalid"
  /** The metadata names another issuer than the authority; correct the authority. */
  | "metadata_issuer_mismatch"
  /** This authorization response was used before; sign in again. */
  | "state_replayed"
  /** The authorization response repeats a parameter or has neither code nor error; sign in again. */
  | "response_invalid"
  /** The provider promises iss in its authorization responses, and this one has none; sign in again. */
  | "response_issuer_missing"
  /** The authorization response comes from another issuer; sign in again. */
  | "response_issuer_mismatch"
  /** The provider refused the authorization request. */
  | "authorization_refused"
  /** The provider refused the token request. */
  | "token_request_refused"
  /** The token response is not a JSON object with an access_token. */
  | "token_response_invalid"
  /** The token response has no token_type. */
  | "token_type_missing"
  /** The token response has a token_type that was not asked for. */
  | "token_type_unsupported"
  /** The token response's expires_in is not a positive number of seconds. */
  | "expires_in_invalid"
  /** The token response has no id_token; ask for the scope openid. */
  | "id_token_missing"
  /** The token's issuer is not the trusted one. */
  | "token_issuer_mismatch"
  /** The token is for another audience. */
  | "token_audience_mismatch"
  /** The token has expired. */
  | "token_expired"
  /** The token is not valid yet; compare the clocks. */
  | "token_not_yet_valid"
  /** The token lacks a required claim or has a malformed one. */
  | "token_claim_invalid"
  /** The ID token belongs to another sign-in. */
  | "nonce_mismatch"
  /** The ID token was issued to another client. */
  | "authorized_party_mismatch"
  /** The refreshed ID token is about another user; sign in again. */
  | "subject_mismatch"
  /** The token is not a JWS in compact serialization. */
  | "token_malformed"
  /** The token is too long. */
  | "token_too_large"
  /** A part of the token is not canonical base64url. */
  | "token_encoding_invalid"
  /** A part of the token is not a JSON object. */
  | "token_json_invalid"
  /** The token is not signed. */
  | "algorithm_none"
  /** The token is signed with a shared secret, where a public key is required. */
  | "algorithm_symmetric"
  /** The token's crit names an extension that is not supported. */
  | "critical_header_unknown"
  /** The token's algorithm is not allowed. */
  | "algorithm_not_allowed"
  /** The chosen crypto backend cannot verify this algorithm. */
  | "algorithm_unsupported"
  /** The token's signature is wrong. */
  | "signature_invalid"
  /** A part of the token has a member twice. */
  | "token_member_duplicate"
  /** The token's tenant is not allowed. */
  | "tenant_refused"
  /** The token's typ is not the required one. */
  | "token_typ_refused"
  /** The token lacks a required scope. */
  | "insufficient_scope"
  /** The token lacks a required role. */
  | "insufficient_role"
  /** The token belongs to an application without a role here. */
  | "app_token_refused"
  /** The JWK Set is not a JSON object with an array of keys, or is too large. */
  | "jwks_invalid"
  /** The issuer publishes no key for this token. */
  | "key_unknown"
  /** More than one key fits this token. */
  | "key_ambiguous"
  /** The key does not have the type, curve or use that the token's algorithm needs. */
  | "key_type_mismatch"
  /** The token's key has a type that is not supported. */
  | "key_type_unsupported"
  /** The token's key is malformed or too short. */
  | "key_invalid"
  /** The token's key belongs to another issuer. */
  | "key_issuer_mismatch"
  /** The issuer's keys could not be fetched; the code in brackets says why. */
  | "keys_unavailable"
  /** The request carries no bearer token. */
  | "credentials_missing"
  /** The request's Authorization header is malformed. */
  | "credentials_malformed"
  /** The client's credential cannot be used; give a secret, a PEM certificate with its private key, or a function that returns an assertion. */
  | "credential_invalid"
  /** The client's credential could not be had: its function failed or the key cannot sign; the cause says why. */
  | "credential_failed"
  /** The authority serves many tenants, and a service gets tokens from one; name it in the authority or as the call's tenant. */
  | "tenant_required"
  /** The provider refused the client's credential; check that it is registered for this client and has not expired. */
  | "client_refused"
  /** The provider does not let this client do this; check the client_id, the tenant and the permissions granted to the application. */
  | "client_unauthorized"
  /** The provider does not know this resource or scope; check its spelling and that the API exists in the tenant. */
  | "target_refused";
// The end of what `cargo xtask build` writes.

/** The one error of both builds. What the server itself said is data on it, under the names on the wire. */
export class AuthError extends Error {
  readonly name: "AuthError";
  readonly code: AuthErrorCode;
  /** The option, claim, member or address that the error is about. */
  readonly subject?: string;
  readonly error?: string;
  readonly error_description?: string;
  readonly error_uri?: string;
  /** Entra's numbers, as in AADSTS65001. */
  readonly error_codes?: number[];
  readonly suberror?: string;
  /** A claims challenge, for the `claims` of the next sign-in. */
  readonly claims?: string;
  readonly correlation_id?: string;
  /** The HTTP status of the server's answer. */
  readonly status?: number;
}

/** Whether this is an {@link AuthError}, also one of another copy of the package. */
export function isAuthError(error: unknown): error is AuthError;
