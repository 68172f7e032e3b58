// Every public name of countersign, as a page's author uses it, and what the compiler must refuse.

import {
  type Account,
  type AccountId,
  AuthError,
  type AuthErrorCode,
  type Client,
  type ClientEventMap,
  type ClientOptions,
  createClient,
  type GetTokenOptions,
  isAuthError,
  type LogEntry,
  type SessionStore,
  type SignIn,
  type SignInOptions,
  type SignOutOptions,
  type TokenResponse,
  type TokenSet,
  type WasmSource,
} from "countersign";
import { handleCallback } from "countersign/callback";
import { createClient as createInWorker } from "countersign/worker";

const options: ClientOptions = {
  authority: "https://login.example",
  issuer: "https://issuer.example",
  clientId: "page",
  redirectUri: "https://app.example/",
  popupRedirectUri: "https://app.example/callback.html",
  postLogoutRedirectUri: "https://app.example/bye",
  scope: ["openid", "offline_access"],
  resource: "https://api.example",
  trustedAudiences: ["project"],
  metadata: { issuer: "https://login.example" },
  storage: "memory",
  clockTolerance: 30,
  pushedAuthorizationRequests: true,
  fetch: (input, init) => fetch(input, init),
  onLog: ({ time, step, detail }: LogEntry) => console.log(time.toFixed(), step.toUpperCase(), detail.trim()),
};
const store: SessionStore = { get: (name) => localStorage.getItem(name), set: (name, record) => localStorage.setItem(name, record), subscribe: () => () => {} };
await createClient({ ...options, storage: store });
await createClient({ ...options, storage: "local" });
const client: Client = await createClient(options);
const sources: WasmSource[] = ["/page.wasm", new URL("https://app.example/"), new Uint8Array(8), new Response(), new WebAssembly.Module(new Uint8Array(8))];
for (const wasm of sources) await createClient({ ...options, wasm });
await createClient({ ...options, wasm: fetch("/page.wasm") });
await createClient({ authority: "https://login.example", clientId: "page", metadata: "{}", scope: "openid" });

const own: SessionStore = { get: async () => null, set: async () => {}, subscribe: (listener) => (listener(), () => {}) };
for (const storage of ["session", "local", own, { get: () => undefined, set: () => 1 }] as const) await createInWorker({ ...options, storage });
await createClient({ ...options, apis: { "https://api.example/": { scope: ["read"] }, "https://other.example/": { resource: "x" }, "https://own.example/": {} } });

const typed: Client<{ name: string; roles?: string[] }> = await createClient<{ name: string; roles?: string[] }>(options);
const called: string | undefined = typed.account?.claims.name;
const roles: (string[] | undefined)[] = typed.accounts.map(({ claims }) => claims.roles);
const returned: string | undefined = (await typed.handleRedirect())?.account.claims.name;
// @ts-expect-error no such claim was declared
console.log(called, roles, returned, typed.account?.claims.email);

const whose: AccountId = { issuer: "https://issuer.example", subject: "alice" };
await client.setActiveAccount(whose);
await client.setActiveAccount(client.accounts[0] ?? null);
await client.getToken({ account: whose, tenant: "contoso.example" });
await client.signOut({ account: whose, local: true });
const info: Record<string, unknown> = await client.userInfo({ account: whose });
const received: TokenResponse = { access_token: "a", token_type: "Bearer", expires_in: 3600, id_token: "b", refresh_token: "c" };
const imported: Account = await client.importSession(received, { obtainedAt: 1_800_000_000 });
const skew: number | null = client.clockSkew;
client.addEventListener("accountschanged", ({ detail }) => console.log(detail, info, imported.subject, skew));

const request: SignInOptions = {
  scope: "openid",
  resource: "https://api.example",
  prompt: "select_account",
  loginHint: "alice",
  domainHint: "contoso.example",
  maxAge: 60,
  acrValues: ["mfa"],
  uiLocales: "nb",
  claims: "{}",
  responseMode: "fragment",
  parameters: { audience: "x" },
  appState: { from: "/notes" },
  returnTo: new URL("https://app.example/orders"),
  authorizationDetails: [{ type: "payment", amount: 1 }],
  signal: AbortSignal.timeout(1000),
};
const never = async (): Promise<never> => client.signIn(request);
void never;
const none: null = await client.handleInitiateLogin("https://app.example/login?iss=x");
const hasEnded: boolean = await client.handleFrontChannelLogout();
const everywhere: SignOutOptions = { local: false, revoke: true, popup: true };
await client.signOut(everywhere);
console.log(none, hasEnded);
const inPopup: SignIn = await client.signInPopup(request);
const isDelivered: boolean = await handleCallback(new URL("https://app.example/callback.html?code=1"));
console.log(inPopup.account.subject, inPopup.returnTo?.length, isDelivered);

const signIn: SignIn | null = await client.handleRedirect(new URL("https://app.example/?code=1"));
if (signIn !== null) {
  const account: Account = signIn.account;
  const { issuer, subject, claims }: { issuer: string; subject: string; claims: Record<string, unknown> } = account;
  const state: unknown = signIn.appState;
  console.log(issuer, subject, claims["name"], state);
}
const nobody: Account | null = client.account;
const everybody: readonly Account[] = client.accounts;
const due: number | null = client.reauthDueAt;
console.log(nobody, everybody, due);

const wanted: GetTokenOptions = {
  scope: ["read"],
  resource: "https://api.example",
  claims: "{}",
  forceRefresh: true,
  signal: AbortSignal.timeout(1000),
};
const token: TokenSet = await client.getToken(wanted);
const times: number[] = [token.obtainedAt, token.refreshAt, token.expiresAt];
console.log(token.accessToken, token.tokenType, token.scope, times);

const response: Response = await client.fetch("https://api.example", { method: "POST", token: { scope: "read" } });
console.log(response.status);
await client.fetch(new Request("https://api.example"));

client.addEventListener("reauthdue", (event) => console.log(event.detail.at.toFixed()));
client.addEventListener("error", ({ detail }: ClientEventMap["error"]) => console.log(detail.code));
client.addEventListener("signedin", { handleEvent: (event: CustomEvent<null>) => console.log(event.detail) });
const listener = (event: ClientEventMap["reauthdue"]): void => console.log(event.detail.at);
client.addEventListener("reauthdue", listener);
client.removeEventListener("reauthdue", listener);
for (const name of ["signedout", "tokenrefreshed"] as const) client.addEventListener(name, () => {}, { once: true });

await client.signOut({ local: true });
client.close();

try {
  await client.getToken();
} catch (error) {
  if (!isAuthError(error)) throw error;
  const code: AuthErrorCode = error.code;
  const server: [string?, string?, string?, number[]?, string?, string?, string?, number?, string?] = [];
  if (error.error !== undefined) server[0] = error.error;
  if (error.error_description !== undefined) server[1] = error.error_description;
  if (error.error_uri !== undefined) server[2] = error.error_uri;
  if (error.error_codes !== undefined) server[3] = error.error_codes;
  if (error.suberror !== undefined) server[4] = error.suberror;
  if (error.claims !== undefined) server[5] = error.claims;
  if (error.correlation_id !== undefined) server[6] = error.correlation_id;
  if (error.status !== undefined) server[7] = error.status;
  if (error.detail !== undefined) server[8] = error.detail;
  const name: "AuthError" = error.name;
  const is: boolean = error instanceof AuthError && error instanceof Error;
  console.log(code, server, name, is, error.cause, error.message);

  switch (error.code) {
    case "interaction_required":
      await client.signIn(error.claims === undefined ? {} : { claims: error.claims });
      break;
    // @ts-expect-error the list of codes is closed
    case "interaction_needed":
      break;
  }
}

// @ts-expect-error an authority is required
await createClient({ clientId: "page" });
// @ts-expect-error a client ID is required
await createClient({ authority: "https://login.example" });
// @ts-expect-error an option that is not known is a mistake
await createClient({ ...options, clientID: "page", authority: "", clientId: "", clientSecret: "x" });
// @ts-expect-error a page keeps its session in memory or in the tab
await createClient({ ...options, storage: "cookie" });
// @ts-expect-error times are numbers of seconds
await createClient({ ...options, clockTolerance: "30s" });
// @ts-expect-error who is signed in is not for the page to say
client.account = null;
// @ts-expect-error a token set is frozen
token.scope = "write";
// @ts-expect-error a page has no errors of this class to make
new AuthError();
// @ts-expect-error a response mode of another kind is not supported
await client.signIn({ responseMode: "form_post" });
// @ts-expect-error no such event
client.addEventListener("signedin", (event: CustomEvent<{ at: number }>) => event.detail.at);
// @ts-expect-error a token set is not a text
const text: string = await client.getToken();
// @ts-expect-error the signal of a fetch is the request's
await client.fetch("https://api.example", { token: { signal: AbortSignal.timeout(1) } });
// @ts-expect-error an error is not narrowed by itself
((error: unknown) => error.code)(text);
