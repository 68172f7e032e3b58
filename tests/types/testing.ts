// Every public name of countersign/testing, as a page's author uses it, and what the compiler must refuse.

import {
  type Account,
  AuthError,
  type AuthErrorCode,
  type Client,
  createTestClient,
  type FailingMethod,
  type GetTokenOptions,
  isAuthError,
  type SignIn,
  type TestAccount,
  type TestClient,
  type TestClientOptions,
  testError,
  type TestErrorMembers,
  type TokenRequest,
  type TokenSet,
} from "countersign/testing";

const ada: TestAccount = { subject: "ada" };
const options: TestClientOptions = {
  account: ada,
  user: {},
  tokens: ({ scope, resource, claims, account }: TokenRequest, count) => `${scope}${resource}${claims}${account.subject}${count}`,
  fetch: async (request) => new Response(request.headers.get("authorization")),
};
const double: TestClient = createTestClient(options);
const client: Client = double;
const given: GetTokenOptions = { scope: "a" };
const token: TokenSet = await client.getToken(given);
const account: Account | null = client.account;
const signIn: SignIn = double.signInAs(ada, { path: "/" });
const method: FailingMethod = "getToken";
const code: AuthErrorCode = "interaction_required";
const members: TestErrorMembers = { claims: "{}", status: 400 };
double.failNext(method, code, members);
double.failInBackground("network_error");
double.announceReauth(1);
double.expireTokens();
const error: AuthError = testError(code, members);
console.log(token.accessToken, account?.subject, signIn.appState, isAuthError(error), error instanceof AuthError, double.calls[0]?.method);
createTestClient({ account: null, tokens: "always" });
createTestClient({ tokens: () => ({ accessToken: "a", expiresAt: 1 }) });

// @ts-expect-error No client has this method.
double.failNext("close", "network_error");
// @ts-expect-error There is no such code.
double.failNext("getToken", "network_eror");
// @ts-expect-error A token has a text.
createTestClient({ tokens: () => ({ expiresAt: 1 }) });
// @ts-expect-error The page's client has no double's methods.
client.expireTokens();
