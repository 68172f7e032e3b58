// Every public name of native apps, as an app's author uses it, and what the compiler must refuse.

import {
  AuthError,
  type AuthErrorCode,
  createNativeClient,
  type DeviceCode,
  type DeviceSignInOptions,
  isAuthError,
  type NativeAccount,
  type NativeClient,
  type NativeClientOptions,
  type NativeLogEntry,
  type NativeSignInOptions,
  type NativeSignOutOptions,
  type NativeToken,
  type NativeTokenOptions,
} from "countersign/native";

const log: NativeLogEntry[] = [];
const options: NativeClientOptions = {
  authority: "https://login.example",
  issuer: "https://login.example",
  clientId: "desktop",
  scope: ["openid", "offline_access"],
  resource: "https://api.example",
  cacheFile: "/home/ada/.config/app/tokens",
  redirectUri: "http://localhost/callback",
  port: 8400,
  openBrowser: (url: string) => console.log(url),
  metadata: {},
  trustedAudiences: ["other"],
  clockTolerance: 60,
  fetch,
  onLog: (entry) => log.push(entry),
};
const client: NativeClient = await createNativeClient(options);
const embedded: NativeClient = await createNativeClient({
  authority: "https://login.example",
  clientId: "desktop",
  redirectUri: "com.example.app:/callback",
  authorize: async (url, { signal }) => new URL(`${url}${signal.aborted}`),
});

const signIn: NativeSignInOptions = { prompt: "login", loginHint: "ada", maxAge: 60, parameters: { a: "b" }, timeout: 60, signal: AbortSignal.timeout(1) };
const account: NativeAccount = await client.signIn(signIn);
const device: DeviceSignInOptions = { scope: "openid" };
await client.signInWithDeviceCode(({ userCode, verificationUri, expiresAt }: DeviceCode) => console.log(userCode, verificationUri, expiresAt.toFixed()), device);
const wanted: NativeTokenOptions = { account, scope: "a", claims: "{}", forceRefresh: true };
const token: NativeToken = await client.getToken(wanted);
const response: Response = await client.fetch("https://api.example", { method: "POST", token: wanted });
const sub: unknown = (await client.userInfo({ account }))["sub"];
const signOut: NativeSignOutOptions = { account, local: true, inBrowser: false };
await client.signOut(signOut);
const accounts: NativeAccount[] = client.accounts;
console.log(token.accessToken, token.expiresAt, response.status, sub, accounts[0]?.tenant, embedded.close());

function codeOf(error: unknown): AuthErrorCode | undefined {
  return isAuthError(error) ? error.code : undefined;
}
console.log(codeOf(AuthError));

// @ts-expect-error a native app is a public client: RFC 8252 section 8.5
await createNativeClient({ ...options, credential: { secret: "s" } });
// @ts-expect-error the code must be shown
await client.signInWithDeviceCode();
// @ts-expect-error who is signed in is not for the app to say
client.accounts = [];
