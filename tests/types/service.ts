// Every public name of services, as a service's author uses it, and what the compiler must refuse.

import {
  type AssertionCredential,
  type AssertionFileCredential,
  type ClientCredentialsOptions,
  type ConfidentialClient,
  type ConfidentialClientOptions,
  type Counters,
  createConfidentialClient,
  type Credential,
  durableObjectStore,
  type ExchangeOptions,
  type KeyCredential,
  kvStore,
  type ManagedIdentityCredential,
  type MutualTlsCredential,
  type OnBehalfOfOptions,
  redisStore,
  type RefreshOptions,
  type SecretCredential,
  type ServiceLogEntry,
  type ServiceToken,
  type TokenOptions,
  type TokenStore,
  TokenStoreObject,
  workloadIdentity,
  type UserSignInOptions,
  type UserSignInRequest,
  type UserTokens,
} from "countersign/edge";
import { type Application, type MissingPermission, missingRoles, undeclared } from "countersign/consent";

declare const cryptoKey: CryptoKey, namespace: Parameters<typeof kvStore>[0], objects: Parameters<typeof durableObjectStore>[0];

const secret: SecretCredential = { secret: "s", method: "basic" };
const key: KeyCredential = { privateKey: cryptoKey, certificate: [new Uint8Array()], algorithm: "PS256", thumbprint: "SHA-1", sendChain: true };
const named: KeyCredential = { privateKey: "pem", keyId: "k", audience: "issuer" };
const federated: AssertionCredential = { assertion: async () => "jwt" };
const fromFile: AssertionFileCredential = workloadIdentity({}).credential;
const identity: ManagedIdentityCredential = { managedIdentity: { clientId: "c", environment: {} } };
const tls: MutualTlsCredential = { mutualTls: (url, init) => fetch(url, init) };
const credential: Credential[] = [secret, key, named, federated, fromFile, identity, tls];
export const itself: ConfidentialClientOptions = { credential: identity };
export const agent: ClientCredentialsOptions = { scope: "api://AzureADTokenExchange/.default", fmiPath: "agent" };
const application: Application = { clientId: "c", apis: [{ resource: "r", scopes: { s: "user" }, roles: ["R"] }] };
export const unknown: string[] = undeclared(application, { scope: "r/s" });
export async function look(client: ConfidentialClient): Promise<[Counters, MissingPermission[]]> {
  return [client.counters, await missingRoles(client, application, { tenant: "t" })];
}


const own: TokenStore = { get: async () => null, set: async () => {}, lock: async () => () => {} };
const stores: TokenStore[] = [own, kvStore(namespace), durableObjectStore(objects), redisStore({})];
const log: ServiceLogEntry[] = [];
const options: ConfidentialClientOptions = {
  authority: "https://login.example",
  clientId: "daemon",
  credential,
  audience: ["api://orders.example"],
  metadata: {},
  cache: { store: stores[0] ?? own, key: new Uint8Array(32) },
  waitUntil: (work: Promise<unknown>) => void work,
  fetch,
  onLog: (entry) => log.push(entry),
};
const client: ConfidentialClient = createConfidentialClient(options);
const wanted: TokenOptions = { scope: ["a"], tenant: "contoso.example", claims: "{}", forceRefresh: true };
const token: ServiceToken = await client.clientCredentials(wanted);
const behalf: OnBehalfOfOptions = { assertion: "jwt", session: "job", resource: "https://ledger.example" };
const exchange: ExchangeOptions = { subjectToken: "t", audience: "orders" };
const texts: string[] = [token.accessToken, (await client.onBehalfOf(behalf)).tokenType, (await client.exchange(exchange)).scope];
await client.endSession("job");
const signIn: UserSignInOptions = { redirectUri: "https://app.example/callback", scope: ["openid"], responseMode: "form_post", maxAge: 60 };
const begun: UserSignInRequest = await client.authorizationRequest(signIn);
const user: UserTokens = await client.handleRedirect(new Request(begun.url), begun.transaction);
const again: RefreshOptions = { refreshToken: user.refreshToken ?? "", scope: "a" };
console.log((await client.refresh(again)).token.accessToken, user.account?.tenant, user.account?.claims["name"], user.idToken);
await client.handleRedirect(new URL(begun.url), begun.transaction);
const response: Response = await client.fetch("https://orders.example", { method: "POST", token: behalf });
console.log(texts, response.status, token.obtainedAt + token.refreshAt + token.expiresAt, TokenStoreObject);

// @ts-expect-error a confidential client has a credential: RFC 6749 section 2.1
createConfidentialClient({ authority: "https://login.example", clientId: "daemon" });
// @ts-expect-error a browser may complete only its own sign-in: RFC 6749 section 10.12
await client.handleRedirect("https://app.example/callback?code=c");
// @ts-expect-error stored tokens are encrypted
createConfidentialClient({ ...options, cache: { store: own } });
// @ts-expect-error a request of the service's own carries no assertion
await client.clientCredentials({ scope: "a", assertion: "jwt" });
// @ts-expect-error a token is handed out, not changed
token.accessToken = "x";
// @ts-expect-error an assertion is not signed with a shared secret
const symmetric: KeyCredential = { privateKey: "pem", keyId: "k", algorithm: "HS256" };
// @ts-expect-error fetch must know which token to send
await client.fetch("https://orders.example", {});
console.log(symmetric);
