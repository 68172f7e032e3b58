import type { AuthError } from "./auth-error.js";

export { AuthError, type AuthErrorCode, isAuthError } from "./auth-error.js";

/**
 * Options of {@link createClient}. A name that is not listed here, and a value of another type, is refused with
 * `invalid_option`; so is an empty text. `null` and `undefined` leave an option out.
 *
 * ```ts
 * const options: ClientOptions = {
 *   authority: "https://login.microsoftonline.com/contoso.example/v2.0",
 *   clientId: "11111111-2222-3333-4444-555555555555",
 *   redirectUri: `${location.origin}/`,
 *   scope: "openid profile offline_access api://notes/notes.read",
 * };
 * ```
 */
export interface ClientOptions {
  /**
   * The provider's issuer, or Entra's authority, `https://login.microsoftonline.com/<tenant>/v2.0`. The provider's
   * metadata is fetched from `<authority>/.well-known/openid-configuration`. An https URL without query and fragment;
   * http is accepted on localhost.
   */
  authority: string;
  /** The issuer that the metadata names, if it differs from the authority: a custom domain. Default: the authority. */
  issuer?: string;
  /** The `client_id` of the registration. */
  clientId: string;
  /**
   * Where the provider sends the user back to. It must be registered with the provider, character by character, and
   * the page at it must call {@link Client.handleRedirect}. Default: the current URL without query and fragment. A page
   * with more than one path should set it: a sign-in that starts at `/orders/5` would ask for that redirect URI.
   */
  redirectUri?: string;
  /**
   * The redirect URI of sign-ins in a popup, registered with the provider as the other one. It must be on the page's origin, and
   * the page at it calls `handleCallback` of `countersign/callback`, which loads no WebAssembly. Default: `redirectUri`, whose page
   * then hands the response over when it calls {@link Client.handleRedirect}.
   */
  popupRedirectUri?: string;
  /** Where the provider sends the user after the sign-out, as registered. Default: the user stays at the provider. */
  postLogoutRedirectUri?: string;
  /**
   * The scopes of a sign-in, as a list or separated by spaces; `openid` must be among them. `offline_access` asks for
   * a refresh token. Default: `openid profile`, and `offline_access` if the provider's metadata offers it.
   */
  scope?: string | string[];
  /** The API that the token is for (RFC 8707). Leave it out if the scope names the API, as at Entra v2.0. */
  resource?: string;
  /** The audiences that an ID token may have besides this client, as the project of a Zitadel client. Default: none. */
  trustedAudiences?: string | string[];
  /** The provider's metadata, as JSON or parsed. Default: it is fetched when it is needed. */
  metadata?: object | string;
  /**
   * Where the session is kept. `session`: in the tab's `sessionStorage`, where it survives a reload. `local`: in the
   * browser's database, for all tabs of the origin, which see each other's sign-in, renewals and sign-out; it is encrypted
   * with a key that no script can read out, and lasts until the sign-out. `memory`: in the page, until it is reloaded or
   * left. Or a store of your own. A script that runs in the page can use the session in any of them. If the store refuses,
   * the session lasts until the page is left, and the event `error` says `storage_unavailable`. Default: `session`.
   */
  storage?: "memory" | "session" | "local" | SessionStore;
  /**
   * The APIs that {@link Client.fetch} sends tokens to, and what their tokens are for. An entry stands for everything at and below
   * its path; the longest that fits counts. A URL that none fits is refused with `api_not_listed`, and a redirect fails unless the
   * request says `redirect: "follow"`. Default: `fetch` sends a token to any URL that it is called with.
   *
   * ```ts
   * const apis: ClientOptions["apis"] = {
   *   "https://graph.microsoft.com/": { scope: "User.Read" },
   *   [`${location.origin}/api/`]: {},
   * };
   * ```
   */
  apis?: Record<string, { scope?: string | string[]; resource?: string }>;
  /**
   * Sends the parameters of a sign-in to the provider beforehand, so that neither the user nor the browser's history sees them
   * (RFC 9126). Default: if the provider's metadata says that it requires that.
   */
  pushedAuthorizationRequests?: boolean;
  /** By how many seconds this clock and the provider's may differ: 0 to 600. Default: 60. */
  clockTolerance?: number;
  /** Sends the requests to the provider and those of {@link Client.fetch}. Default: the page's `fetch`. */
  fetch?: typeof globalThis.fetch;
  /**
   * Where the WebAssembly comes from: a URL, a response, its bytes or the compiled module. The package has it as
   * `wasm/browser_bg.wasm`. Default: bundlers find the file; `countersign/inlined` has the bytes in the script.
   */
  wasm?: WasmSource | PromiseLike<WasmSource>;
  /** Is called for each step of the protocol. No entry holds a token, a code or a secret. */
  onLog?: (entry: LogEntry) => void;
}

/**
 * A store of your own. The pages of the origin share what is in it; they take turns at writing, by a Web Lock. What it is given
 * holds tokens. If it fails, or takes longer than ten seconds, the session that the page knows goes on.
 *
 * ```ts
 * const records = new Map<string, string>();
 * const storage: SessionStore = {
 *   get: async (name) => records.get(name),
 *   set: async (name, record) => records.set(name, record),
 * };
 * const client = await createClient({ authority: "https://login.example", clientId: "my-page", storage });
 * ```
 */
export interface SessionStore {
  /** What was set last under this name. `null` and `undefined` mean that nobody is signed in. */
  get(name: string): Promise<string | null | undefined> | string | null | undefined;
  /** Resolves when the next `get` will find it. Also a sign-out is set: nothing is ever deleted. */
  set(name: string, record: string): unknown;
  /**
   * Calls the listener when something was set that no page of this origin has set. Returns what ends that.
   */
  subscribe?(listener: () => void): (() => void) | void;
}

/**
 * What {@link ClientOptions.wasm} takes.
 *
 * ```ts
 * const wasm: WasmSource = new URL("/static/countersign.wasm", location.href);
 * ```
 */
export type WasmSource = string | URL | Response | BufferSource | WebAssembly.Module;

/**
 * A step of the protocol.
 *
 * ```ts
 * const onLog = ({ time, step, detail }: LogEntry) => console.debug(new Date(time * 1000), step, detail);
 * ```
 */
export interface LogEntry {
  /** Seconds since 1970. */
  readonly time: number;
  /** The step by its name in the protocol, as `token_request`. */
  readonly step: string;
  /** A URL without its query, an issuer, or the empty string. */
  readonly detail: string;
}

/**
 * Options of {@link Client.signIn} and {@link Client.signInPopup}.
 *
 * ```ts
 * await client.signIn({ prompt: "select_account", returnTo: location.href });
 * ```
 */
export interface SignInOptions {
  /** Scopes instead of the client's. Include `openid`. */
  scope?: string | string[];
  /** A resource instead of the client's. */
  resource?: string;
  /**
   * What the provider should show: `login`, `consent` or `select_account`. With `none` it shows nothing, and responds with
   * an error if it would have to. Default: what it thinks best.
   */
  prompt?: string;
  /** The user name to fill in. */
  loginHint?: string;
  /** Entra: the domain of the user's tenant. */
  domainHint?: string;
  /** How many seconds ago the user may have entered their credentials, at most. The ID token is checked for it. */
  maxAge?: number;
  /** The authentication context classes to ask for, the preferred one first. */
  acrValues?: string | string[];
  /** The languages to ask for, the preferred one first, as `nb en`. */
  uiLocales?: string | string[];
  /** A claims request as JSON: the `claims` of an error, or one of your own (OpenID Connect Core section 5.5). */
  claims?: string;
  /** Which part of the redirect URI carries the response. Default: the provider's, which is `query`. */
  responseMode?: "query" | "fragment";
  /** Further parameters of the authorization request. Those that the protocol sets itself are refused. */
  parameters?: Record<string, string>;
  /** Any JSON; {@link Client.handleRedirect} returns it. */
  appState?: unknown;
  /**
   * Where the user returns to: a URL or a path of the redirect URI's origin; others are refused. {@link Client.handleRedirect}
   * returns it, and the page goes there.
   */
  returnTo?: string | URL;
  /** What the token is to permit in detail, by types that the provider defines (RFC 9396); {@link TokenSet} has what was granted. */
  authorizationDetails?: readonly { readonly type: string; readonly [member: string]: unknown }[];
  /** Gives the sign-in up with `aborted`; a popup is closed if the browser allows it. */
  signal?: AbortSignal;
}

/**
 * Options of {@link Client.signOut}.
 *
 * ```ts
 * button.onclick = () => client.signOut({ popup: true });
 * ```
 */
export interface SignOutOptions {
  /** Whose session ends; if it was the active one, no account is active then. Default: those of all accounts. */
  account?: Pick<Account, "issuer" | "subject">;
  /** The provider's session stays. Default: `false`. */
  local?: boolean;
  /** Revoke the refresh token, if the provider has an endpoint for that (RFC 7009). Default: unless `local`. */
  revoke?: boolean;
  /**
   * Show the provider's page in a window of its own; this page stays. Call it in the handler of a click. The page at
   * `postLogoutRedirectUri` must be on this origin and call `handleCallback` of `countersign/callback`. Default: `false`.
   */
  popup?: boolean;
}

/**
 * Options of {@link Client.getToken}.
 *
 * ```ts
 * const { accessToken } = await client.getToken({ scope: "https://graph.microsoft.com/User.Read" });
 * ```
 */
export interface GetTokenOptions {
  /** Whose token. Default: the active account's. */
  account?: AccountId | undefined;
  /**
   * Entra: the tenant that issues the token, by its GUID or a domain, where the user is a guest. The one refresh token serves
   * all tenants. Default: the sign-in's.
   */
  tenant?: string;
  /** Scopes instead of the sign-in's: the token of another API. */
  scope?: string | string[];
  /** A resource instead of the sign-in's: the token of another API. */
  resource?: string;
  /** A claims challenge of an API. The token is a new one. */
  claims?: string;
  /** Get a new token although the cached one is good. Default: `false`. */
  forceRefresh?: boolean;
  /** Aborts this call with `aborted`. A request that others wait for goes on. */
  signal?: AbortSignal;
}

/**
 * An access token. It is frozen, and the same object until the token is renewed. Times are seconds since 1970.
 *
 * ```ts
 * const { accessToken, expiresAt } = await client.getToken();
 * console.log(`good for ${expiresAt - Date.now() / 1000} seconds`);
 * ```
 */
export interface TokenSet {
  readonly accessToken: string;
  readonly tokenType: "Bearer";
  /** The granted scopes, separated by spaces. */
  readonly scope: string;
  /** When the token was requested. */
  readonly obtainedAt: number;
  /** From when the client renews it: when a fifth of its life is left, but at most 300 seconds; at Entra also when it says. */
  readonly refreshAt: number;
  readonly expiresAt: number;
  /** What was granted in detail (RFC 9396), if the provider says so. */
  readonly authorizationDetails?: readonly { readonly type: string; readonly [member: string]: unknown }[];
}

/**
 * Who is signed in.
 *
 * ```ts
 * const { account } = client;
 * if (account !== null) console.log(account.claims["name"] ?? account.subject);
 * ```
 */
export interface Account<Claims extends object = Record<string, unknown>> {
  /** `iss` of the ID token. Together with `subject` it identifies the user. */
  readonly issuer: string;
  /** `sub` of the ID token. */
  readonly subject: string;
  /** All claims of the ID token. */
  readonly claims: Claims;
}

/** Which user is meant: an {@link Account}, or what identifies it. */
export type AccountId = Pick<Account, "issuer" | "subject">;

/**
 * A token response of the provider's, with the names of RFC 6749 section 5.1: what {@link Client.importSession} takes.
 *
 * ```ts
 * const response: TokenResponse = { access_token: "eyJ…", token_type: "Bearer", expires_in: 3600, id_token: "eyJ…" };
 * ```
 */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in?: number | string;
  readonly id_token: string;
  readonly refresh_token?: string;
  readonly scope?: string;
  readonly [member: string]: unknown;
}

/** A sign-in that succeeded. */
export interface SignIn<Claims extends object = Record<string, unknown>> {
  readonly account: Account<Claims>;
  /** What {@link SignInOptions.appState} was, if the sign-in had one. */
  readonly appState?: unknown;
  /** What {@link SignInOptions.returnTo} was: a URL of this origin. */
  readonly returnTo?: string;
}

/**
 * The events of a {@link Client}. They also tell what happened elsewhere in the tab: in a frame, or in another client.
 *
 * ```ts
 * client.addEventListener("signedout", () => location.reload());
 * ```
 */
export interface ClientEventMap {
  /** Somebody signed in, or another user than before. */
  signedin: CustomEvent<null>;
  /** Other accounts are signed in than before, and the active one is the same. */
  accountschanged: CustomEvent<null>;
  /** The session of the active account is over, or none is active any more. */
  signedout: CustomEvent<null>;
  /** An access token was renewed. */
  tokenrefreshed: CustomEvent<null>;
  /**
   * The session cannot be renewed past `at`, in seconds since 1970: ask the user to sign in again. If that happened
   * before anybody listened, the first listener is told. {@link Client.reauthDueAt} has the same time.
   */
  reauthdue: CustomEvent<{ readonly at: number }>;
  /** Work in the background failed, as a renewal. The same failure is told once. */
  error: CustomEvent<AuthError>;
}

/** A client of one provider in a page. {@link createClient} makes it. */
export interface Client<Claims extends object = Record<string, unknown>> extends EventTarget {
  /** The active account, which calls mean that name none; `null` if there is none. */
  readonly account: Account<Claims> | null;
  /** All accounts that are signed in, the active one first. A user who signs in beside others is added, and is active. */
  readonly accounts: readonly Account<Claims>[];
  /**
   * By how many seconds the provider's clock is ahead of this machine's, as far as its last token response shows; negative if
   * it is behind. Tokens are judged by the provider's clock, so a wrong one signs nobody out. `null` if it is not known, or more
   * than a day.
   */
  readonly clockSkew: number | null;
  /**
   * Until when the session can be renewed, in seconds since 1970; `null` if that is not known. A time in the past
   * means that the user has to sign in again once the access token has expired.
   */
  readonly reauthDueAt: number | null;

  /**
   * Sends the user to the provider. The promise does not resolve, because the page is left.
   *
   * ```ts
   * button.onclick = () => client.signIn({ returnTo: location.href });
   * ```
   *
   * @throws {AuthError} `sign_in_abandoned` if the user returns by the browser's Back button; `sign_in_loop` if eight
   * sign-ins within a minute brought no response; `sign_in_superseded` if another sign-in was started in this page before it was
   * left; `aborted`, `invalid_option`, `network_error`, `provider_unavailable`,
   * `metadata_invalid`, `metadata_issuer_mismatch`, `storage_unavailable`, `client_closed`
   */
  signIn(options?: SignInOptions): Promise<never>;

  /**
   * Signs the user in while the page stays: the provider is shown in a window of its own. Call it in the handler of a click, before
   * anything is awaited, or the browser blocks the window. It needs no `window.opener`, so it works whatever
   * Cross-Origin-Opener-Policy the provider and the page have.
   *
   * ```ts
   * button.onclick = async () => {
   *   const { account } = await client.signInPopup();
   *   button.textContent = String(account.claims["name"]);
   * };
   * ```
   *
   * A page has one sign-in at a time: a newer one closes the popup of an older one. If a Cross-Origin-Opener-Policy cuts the window
   * off, no page can know whether the user has closed it: give the user a button that aborts the `signal`, and let them start again
   * as they like. Otherwise a closed popup is told within a second.
   *
   * @throws {AuthError} `popup_blocked`; `popup_closed`; `popup_no_response` if the popup came back to this origin and handed over
   * nothing within 10 seconds, or did not come back within 15 minutes; `sign_in_superseded`; `sign_in_cancelled` by a sign-out;
   * `aborted`; the codes of {@link Client.handleRedirect} and of {@link Client.signIn}
   */
  signInPopup(options?: SignInOptions): Promise<SignIn>;

  /**
   * Completes a sign-in. Call it when the page has loaded. Calls for the same response share one result. The response
   * is removed from the URL, and a failed sign-in leaves an earlier session as it was.
   *
   * ```ts
   * const signIn = await client.handleRedirect();
   * if (signIn?.returnTo) history.replaceState(null, "", signIn.returnTo);
   * ```
   *
   * @param url Default: the page's URL
   * @returns `null` unless the provider redirected here, in response to a sign-in of this client and tab. In a popup that
   * {@link Client.signInPopup} has opened, the response goes to the page that waits for it, and the window closes
   * @throws {AuthError} `authorization_refused` if the user or the provider declined; `interaction_required` if
   * `prompt: "none"` was not enough; `state_replayed`, `response_invalid`, `response_issuer_mismatch`,
   * `token_request_refused`, `nonce_mismatch` and the other codes of responses and ID tokens; `network_error`
   */
  handleRedirect(url?: string | URL): Promise<SignIn<Claims> | null>;

  /**
   * Makes another account the active one, or none. Pages that share the session hear `signedin` or `signedout`.
   *
   * ```ts
   * const other = client.accounts.find(({ claims }) => claims["preferred_username"] === "ada@contoso.example");
   * if (other) await client.setActiveAccount(other);
   * ```
   *
   * @throws {AuthError} `sign_in_required` if that user is not signed in; `client_closed`
   */
  setActiveAccount(account: AccountId | null): Promise<void>;

  /**
   * What the provider's UserInfo endpoint says of the user. It is checked that it is about them.
   *
   * ```ts
   * const { email } = await client.userInfo();
   * ```
   *
   * @throws {AuthError} `user_info_mismatch` if it is about somebody else; `metadata_invalid` if the provider has no such endpoint;
   * the codes of {@link getToken}
   */
  userInfo(options?: GetTokenOptions): Promise<Record<string, unknown>>;

  /**
   * Signs a user in with a token response of the provider's that somebody else received for this client, as a server that has
   * rendered the page. It is checked like one that came here, but for the nonce.
   *
   * ```ts
   * const response = JSON.parse(document.querySelector("#session")?.textContent ?? "null") as TokenResponse | null;
   * if (response) await client.importSession(response);
   * ```
   *
   * @throws {AuthError} `id_token_missing`, `token_response_invalid` and the other codes of responses and ID tokens
   */
  importSession(tokenResponse: TokenResponse, options?: { obtainedAt?: number }): Promise<Account<Claims>>;

  /**
   * An access token that is good now: from the cache, or renewed. Calls at the same time share one request.
   *
   * ```ts
   * const { accessToken } = await client.getToken();
   * ```
   *
   * @throws {AuthError} `sign_in_required` if nobody is signed in; `interaction_required` if the user must sign in
   * again, for which the error may have `claims`; `network_error` and `provider_unavailable`, after which a later call
   * may succeed; `token_request_refused`, `session_replaced`, `aborted`, `invalid_option`, `client_closed`;
   * `storage_unavailable` where the browser denies Web Locks
   */
  getToken(options?: GetTokenOptions): Promise<TokenSet>;

  /**
   * `fetch` with the token in the `Authorization` header. If the API refuses the token with `invalid_token`, or asks for
   * claims, the request is repeated once with a new token; every other response is returned as it is. Use it for your own
   * APIs only: who receives the token can use it. An API of another origin must allow the page's origin, the header
   * `authorization`, and must expose `www-authenticate` (CORS).
   *
   * ```ts
   * const response = await client.fetch("https://api.example/notes", { method: "POST", body: "…" });
   * ```
   *
   * @throws {AuthError} `api_not_listed` if {@link ClientOptions.apis} has no such URL; `insecure_url` unless the URL is https, or http on localhost; `network_error` if no response
   * arrives, with the reason in the message if it can be known; `invalid_option` if the arguments make no request, or
   * one whose mode is `no-cors`, which has no token; the codes of {@link getToken}
   */
  fetch(input: RequestInfo | URL, init?: RequestInit & { token?: Omit<GetTokenOptions, "signal"> }): Promise<Response>;

  /**
   * Begins the sign-in that a portal or the provider asks for (OpenID Connect Core section 4): the page's URL has `iss`, which must
   * be this client's provider, and perhaps `login_hint` and `target_link_uri`. The latter becomes {@link SignIn.returnTo} if it is
   * of this origin, and is otherwise ignored. Call it in the page that is registered as `initiate_login_uri`.
   *
   * ```ts
   * await client.handleInitiateLogin();
   * ```
   *
   * @param url Default: the page's URL
   * @returns `null` if the URL asks for no sign-in with this provider; otherwise the page is left
   * @throws {AuthError} the codes of {@link Client.signIn}
   */
  handleInitiateLogin(url?: string | URL): Promise<null>;

  /**
   * Ends the session here, in every tab that shares it, and each sign-in that is going on. Then the page is left for the provider,
   * which ends its session too, if it has an `end_session_endpoint`.
   *
   * ```ts
   * await client.signOut({ local: true });
   * ```
   *
   * @throws {AuthError} `storage_unavailable` if the session could not be removed; `popup_blocked`, with which nobody is signed out;
   * `popup_closed` and `popup_no_response`, with which the session here has ended; `client_closed`
   */
  signOut(options?: SignOutOptions): Promise<void>;

  /**
   * Ends the session if the provider says so: it loads this page in a frame when the user signs out there, with `iss` and `sid` in
   * the URL (OpenID Connect Front-Channel Logout 1.0). Both must be those of the ID token; without `sid`, which the provider adds if
   * `frontchannel_logout_session_required` is registered, nothing happens. Call it in the page that is registered as
   * `frontchannel_logout_uri`; the provider must be allowed to frame it (`frame-ancestors`).
   *
   * ```ts
   * await client.handleFrontChannelLogout();
   * ```
   *
   * The other tabs of this origin hear of it as far as the browser lets a frame of another site reach them: most separate the two
   * (storage partitioning) unless provider and page are of one site.
   *
   * @param url Default: the page's URL
   * @returns whether a session in this page's store has ended
   */
  handleFrontChannelLogout(url?: string | URL): Promise<boolean>;

  addEventListener<K extends keyof ClientEventMap>(
    type: K,
    listener: ((this: Client, event: ClientEventMap[K]) => void) | { handleEvent(event: ClientEventMap[K]): void },
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof ClientEventMap>(
    type: K,
    listener: ((this: Client, event: ClientEventMap[K]) => void) | { handleEvent(event: ClientEventMap[K]): void },
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;

  /** Stops timers and events. Later calls throw `client_closed`. The session stays in the store. */
  close(): void;
}

/**
 * Loads the WebAssembly and restores the stored session.
 *
 * ```ts
 * const client = await createClient({ authority: "https://login.example", clientId: "my-page" });
 * ```
 *
 * @throws {AuthError} `invalid_option`; `unsupported_platform` outside a page; `insecure_context` unless the page is served over
 * https or from localhost; `csp_blocks_wasm` if the page's policy lacks `'wasm-unsafe-eval'`; `wasm_load_failed` if the file cannot
 * be loaded, with its URL and the status in `detail`; `wasm_unavailable` if the browser has no WebAssembly
 */
export function createClient<Claims extends object = Record<string, unknown>>(options: ClientOptions): Promise<Client<Claims>>;
