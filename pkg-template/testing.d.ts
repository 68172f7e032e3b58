import type { Account, AuthError, AuthErrorCode, Client, GetTokenOptions, SignIn, TokenSet } from "./index.js";

export { AuthError, type AuthErrorCode, isAuthError } from "./auth-error.js";
export type { Account, Client, GetTokenOptions, SignIn, TokenSet } from "./index.js";

/**
 * An account of a test. What is left out has a value that serves: the subject `test-user`, the name `Test User`.
 *
 * ```ts
 * const ada: TestAccount = { subject: "ada", claims: { name: "Ada Lovelace", roles: ["admin"] } };
 * ```
 */
export type TestAccount = Partial<Account>;

/** Which token is asked for. */
export interface TokenRequest extends Pick<GetTokenOptions, "scope" | "resource" | "tenant" | "claims"> {
  readonly account: Account;
}

/** Options of {@link createTestClient}. */
export interface TestClientOptions {
  /** Who is signed in at the beginning. Default: nobody. */
  account?: TestAccount | null;
  /** Who signs in by `signInPopup`, or by `signIn` and `handleRedirect`. Default: `test-user`. */
  user?: TestAccount;
  /**
   * The access tokens: one text, or a function of what is asked for and of how many tokens there were. What it throws,
   * `getToken` throws. Default: `test-token-1` and so on, good for an hour.
   */
  tokens?: string | ((request: TokenRequest, count: number) => string | (Partial<TokenSet> & { accessToken: string }));
  /** Responds to `client.fetch`; the request has its `Authorization` header. */
  fetch?: (request: Request) => Promise<Response>;
}

/** A method whose failure a test can ask for. */
export type FailingMethod = "signIn" | "signInPopup" | "handleRedirect" | "handleInitiateLogin" | "handleFrontChannelLogout" | "getToken" | "fetch" | "signOut" | "userInfo" | "setActiveAccount" | "importSession";

/** The client of a test: a {@link Client}, and what the test does to it. */
export interface TestClient extends Client {
  /** The calls so far. */
  readonly calls: readonly { readonly method: FailingMethod; readonly options: unknown }[];
  /** Completes a sign-in, as `handleRedirect` does when the provider has redirected to the page. */
  signInAs(account: TestAccount, appState?: unknown): SignIn;
  /** The next call of a method fails. */
  failNext(method: FailingMethod, code: AuthErrorCode, members?: TestErrorMembers): void;
  /** Work in the background has failed: the event `error`. */
  failInBackground(code: AuthErrorCode, members?: TestErrorMembers): void;
  /** The session cannot be renewed past this time, in seconds since 1970: the event `reauthdue`. */
  announceReauth(at: number): void;
  /** All tokens have expired: the next `getToken` gets another one. */
  expireTokens(): void;
}

/** What a server said, for an error of a test. */
export type TestErrorMembers = Partial<Pick<AuthError, "detail" | "error" | "error_description" | "suberror" | "claims" | "status">>;

/**
 * A client in memory, for tests of what uses one. It behaves as the page's client does, errors and events included, without
 * WebAssembly, provider and network. It runs in a browser, in Node, in jsdom, and with a test runner's own clock.
 *
 * ```ts
 * const client = createTestClient({
 *   account: { subject: "ada", claims: { name: "Ada Lovelace" } },
 *   fetch: async ({ url }) => Response.json({ url }),
 * });
 * const response = await client.fetch("https://api.example/notes");
 * console.log(await response.json(), client.calls);
 *
 * client.failNext("getToken", "interaction_required");
 * const { code } = await client.getToken().catch((error) => error);
 * console.log(code);
 * ```
 *
 * `signIn` leaves no page. What follows is up to the test: `handleRedirect`, as after a reload, or `signInAs`.
 *
 * ```ts
 * const client = createTestClient();
 * void client.signIn({ appState: "/orders/5" });
 * const { account, appState } = client.signInAs({ subject: "ada" }, "/orders/5");
 * console.log(account.subject, appState);
 * ```
 */
export function createTestClient(options?: TestClientOptions): TestClient;

/**
 * An error as a client throws it, with its message.
 *
 * ```ts
 * const error = testError("network_error", { detail: "https://login.example/token" });
 * console.log(error.code, error.message);
 * ```
 */
export function testError(code: AuthErrorCode, members?: TestErrorMembers): AuthError;
