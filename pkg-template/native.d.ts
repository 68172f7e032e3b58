import type { AuthError } from "./auth-error.js";

export { AuthError, isAuthError } from "./auth-error.js";
export type { AuthErrorCode } from "./auth-error.js";

/** A signed-in user. */
export interface NativeAccount {
  /** `iss` of the ID token. */
  readonly issuer: string;
  /** `sub` of the ID token: with the issuer, who it is. */
  readonly subject: string;
  /** Entra: the tenant, `tid`. */
  readonly tenant?: string;
  /** The claims of the ID token. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A step in the log. It never holds a secret. */
export interface NativeLogEntry {
  /** Seconds since 1970. */
  time: number;
  step: string;
  detail: string;
}

/** Options of {@link createNativeClient}. A name that is not listed here is refused with `invalid_option`. */
export interface NativeClientOptions {
  /** The issuer, or Entra's authority: `https://login.microsoftonline.com/<tenant>/v2.0`, and without `/v2.0` for v1.0. */
  authority: string;
  /** The issuer that the provider's metadata names, if it is not what the authority implies. */
  issuer?: string;
  clientId: string;
  /** What a sign-in asks for, with `openid`. Default: `openid profile`, and `offline_access` where the provider offers it. */
  scope?: string | string[];
  /** For providers that take one: RFC 8707, Entra v1.0. */
  resource?: string;
  /**
   * The file that keeps users signed in. Only its owner can read it; processes may share it. On Windows put it below `%LOCALAPPDATA%`,
   * which is the user's own. Default: none, and users are signed in until the program ends.
   */
  cacheFile?: string;
  /**
   * Where the browser comes back to, as it is registered: `http` on `localhost`, `127.0.0.1` or `[::1]`, with any port unless it names
   * one; with {@link NativeClientOptions.authorize} any URI. Default: `http://localhost` at Entra, `http://127.0.0.1/` elsewhere.
   */
  redirectUri?: string;
  /** The port to listen at during a sign-in, for providers that do not let it vary. Default: a free one. */
  port?: number;
  /** Shows a URL in a browser. Default: the system's. */
  openBrowser?: (url: string) => unknown;
  /**
   * Shows the URL to the user, and resolves with the URL that came to `redirectUri`: for a host that receives it itself, by a scheme of its
   * own or in a window of its own.
   */
  authorize?: (url: string, given: { signal: AbortSignal }) => Promise<string | URL>;
  /** The provider's metadata, if it must not be fetched. */
  metadata?: object | string;
  /** Audiences that an ID token may have besides this client. */
  trustedAudiences?: string[];
  /** Seconds by which the clocks may differ. Default: 60. */
  clockTolerance?: number;
  /** Makes the requests. Default: the global `fetch`. */
  fetch?: HostFetch;
  onLog?: (entry: NativeLogEntry) => void;
}

/** Options of {@link NativeClient.signIn}. */
export interface NativeSignInOptions {
  /** Instead of the client's. */
  scope?: string | string[];
  /** Instead of the client's. */
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
  /** Other parameters of the authorization request. */
  parameters?: Record<string, string>;
  /** How long the user may take, in seconds. Default: 300. */
  timeout?: number;
  signal?: AbortSignal;
}

/** What a user needs to sign in on another device: RFC 8628. */
export interface DeviceCode {
  /** What the user enters. */
  readonly userCode: string;
  /** Where they enter it. */
  readonly verificationUri: string;
  /** A URL that has the code in it, for a QR code. Entra has none. */
  readonly verificationUriComplete?: string;
  /** Entra's sentence that says all this. */
  readonly message?: string;
  /** In seconds since 1970. */
  readonly expiresAt: number;
}

/** Options of {@link NativeClient.signInWithDeviceCode}. */
export interface DeviceSignInOptions {
  scope?: string | string[];
  resource?: string;
  signal?: AbortSignal;
}

/** Which token. */
export interface NativeTokenOptions {
  /** Whose, if more than one user is signed in. */
  account?: { readonly issuer: string; readonly subject: string };
  /** Default: what the sign-in asked for. The one refresh token serves all APIs. */
  scope?: string | string[];
  resource?: string;
  /** The claims of a claims challenge. */
  claims?: string;
  /** Asks for a new token though the kept one is good. */
  forceRefresh?: boolean;
  signal?: AbortSignal;
}

/** Options of {@link NativeClient.signOut}. */
export interface NativeSignOutOptions {
  /** Who, if more than one user is signed in. */
  account?: { readonly issuer: string; readonly subject: string };
  /** Only forgets the tokens here. Otherwise the refresh token is revoked too, if the provider has an endpoint for that. */
  local?: boolean;
  /** Opens the browser to end the provider's session in it, too. */
  inBrowser?: boolean;
}

/** An access token. Times are in seconds since 1970. */
export interface NativeToken {
  readonly accessToken: string;
  readonly tokenType: string;
  readonly scope: string;
  readonly obtainedAt: number;
  readonly refreshAt: number;
  readonly expiresAt: number;
}

/** The client of a native app. All calls reject with an {@link AuthError}. */
export interface NativeClient {
  /** Who is signed in, here or in another process that shares the cache. */
  readonly accounts: NativeAccount[];
  /**
   * Signs a user in through the browser. One who is signed in already gets a new session.
   *
   * ```ts
   * const { claims } = await client.signIn();
   * ```
   */
  signIn(options?: NativeSignInOptions): Promise<NativeAccount>;
  /**
   * Signs a user in on another device.
   *
   * ```ts
   * await client.signInWithDeviceCode(({ userCode, verificationUri }) => console.log(`Enter ${userCode} at ${verificationUri}`));
   * ```
   *
   * @param onCode shows the code; if it fails, the sign-in fails with its error
   */
  signInWithDeviceCode(onCode: (code: DeviceCode) => unknown, options?: DeviceSignInOptions): Promise<NativeAccount>;
  /** A token that is good now: from the cache, renewed by the refresh token when it is due, with one request for all who ask. */
  getToken(options?: NativeTokenOptions): Promise<NativeToken>;
  /**
   * `fetch` with the user's token. After a challenge of the API the request is repeated once, with a new token.
   *
   * ```ts
   * const response = await client.fetch("https://graph.microsoft.com/v1.0/me", { token: { scope: "User.Read" } });
   * ```
   */
  fetch(input: Parameters<HostFetch>[0], init?: NonNullable<Parameters<HostFetch>[1]> & { token?: NativeTokenOptions }): ReturnType<HostFetch>;
  /** What the provider's UserInfo endpoint says of the user. It is checked that it is about them. */
  userInfo(options?: NativeTokenOptions): Promise<Readonly<Record<string, unknown>>>;
  /** Forgets a user's tokens. */
  signOut(options?: NativeSignOutOptions): Promise<void>;
  /** Ends the client, and with `client_closed` the sign-ins that are under way. */
  close(): void;
}

/**
 * Makes the client of a native app: a command-line program, a desktop app.
 *
 * ```ts
 * const client = await createNativeClient({
 *   authority: "https://login.microsoftonline.com/organizations/v2.0",
 *   clientId: "11111111-2222-3333-4444-555555555555",
 *   cacheFile: "/home/ada/.config/my-app/tokens",
 * });
 * ```
 *
 * @throws {AuthError} `invalid_option`, `cache_unavailable`, `cache_foreign`
 */
export function createNativeClient(options: NativeClientOptions): Promise<NativeClient>;

/** The runtime's own `fetch`, by the declarations that the program has. */
type HostFetch = typeof globalThis extends { fetch: infer F extends (...given: never[]) => Promise<unknown> }
  ? F
  : (input: string | object, init?: object) => Promise<object>;
