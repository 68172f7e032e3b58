// Every public name of countersign/edge, as an API's author uses it, and what the compiler must refuse.

import {
  type Algorithm,
  AuthError,
  type AuthErrorCode,
  cacheKeyStore,
  createVerifier,
  type FetchInit,
  type HostRequest,
  type HostResponse,
  isAuthError,
  type IssuerOptions,
  type JwsOptions,
  type KeySource,
  type KeyStore,
  kvKeyStore,
  memoryKeyStore,
  type Permissions,
  type Profile,
  type RefusalResponse,
  type RequestLike,
  type Requirement,
  type SharedSecret,
  type StoredResponse,
  type TenantCheck,
  type Verified,
  type VerifiedJws,
  type Verifier,
  type VerifierOptions,
  verifyJws,
  type WasmSource,
} from "countersign/edge";
import { AuthError as PageAuthError, isAuthError as isPageAuthError } from "countersign";

const algorithms: Algorithm[] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519"];
const options: VerifierOptions = {
  issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
  audience: ["https://api.example", "other"],
  algorithms,
  jwks: { keys: [{ kty: "RSA", n: "", e: "AQAB" }] },
  tenants: ["11111111-2222-3333-4444-555555555555"],
  scope: ["read", "write"],
  roles: "Reader",
  typ: "at+jwt",
  clockTolerance: 0,
  crypto: "auto",
};
const verifier: Verifier = createVerifier(options);
createVerifier({ issuer: "https://login.example", audience: "api", jwks: '{"keys":[]}', crypto: "host" });
createVerifier({ issuer: "https://login.example", audience: "api", crypto: "rust" });

const profile: Profile = "keycloak";
createVerifier({ issuer: "https://sso.example", audience: "api", profile });
const isKnown: TenantCheck = async (tenant, { claims }) => tenant === claims["tid"];
const partner: IssuerOptions = { issuer: "https://partner.example", audience: "theirs", profile: "rfc9068", tenants: isKnown };
const source: KeySource = { authority: "https://login.example?appid=7" };
createVerifier({ issuer: ["https://login.example", partner], audience: "api", realm: "notes", resourceMetadata: "https://api.example/meta", fetch });
createVerifier({ issuer: [{ issuer: "https://login.example", audience: "api", ...source }] });
createVerifier({ issuer: "https://login.example", audience: "api", tenants: isKnown, resolveGroups: async ({ client }) => [client ?? ""] });
const entry: StoredResponse = { body: "{}", storedAt: 0 };
const stores: KeyStore[] = [cacheKeyStore(), cacheKeyStore(caches as never), memoryKeyStore({ url: entry }), memoryKeyStore("{}")];
for (const keyStore of [...stores, kvKeyStore({ get: async () => null, put: async () => {} })]) createVerifier({ issuer: "https://login.example", audience: "api", keyStore, remember: 0 });
await verifier.verify("token", { anyScope: ["a", "b"], allRoles: "x", clients: ["c"], groups: "g", wids: "w", acrs: "c1", claims: { plan: ["pro", 2], beta: true } });

const reader: Permissions = { scope: "read" };
await verifier.verify("token", { user: reader, app: { roles: "Notes.Read" } });
const sources: WasmSource[] = ["/edge.wasm", new URL("https://app.example/"), new Uint8Array(8), new ArrayBuffer(8), new Response(), new WebAssembly.Module(new Uint8Array(8))];
for (const wasm of sources) createVerifier({ issuer: "https://login.example", audience: "api", wasm });
createVerifier({ issuer: "https://login.example", audience: "api", wasm: WebAssembly.compile(new Uint8Array(8)) });

const requirement: Requirement = { scope: "read", roles: ["Reader", "Writer"] };
const verified: Verified = await verifier.verify("token", requirement);
const { claims, header, issuer, tenant, kind, scopes, roles } = verified;
const known: [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>, string, string | undefined, readonly string[], readonly string[]] = [
  claims,
  header,
  issuer,
  tenant,
  scopes,
  roles,
];
const who: "user" | "app" | "unknown" = kind;
console.log(known, who, verifier.verifySync("token").issuer);

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      const { claims } = await verifier.authenticate(request, { scope: "read" });
      return Response.json({ hello: claims["sub"] });
    } catch (error) {
      return isAuthError(error) ? error.toResponse() : new Response(null, { status: 500 });
    }
  },
};

// What Node's IncomingMessage has of a request.
const incoming: RequestLike = { headers: { authorization: "Bearer x" } };
await verifier.authenticate(incoming);
await verifier.authenticate({ headers: { Authorization: "Bearer x", accept: ["a", "b"], cookie: undefined } });
// With the declarations of the DOM the response is theirs.
const respond = (error: AuthError): Response => error.toResponse();
const fetchKeys = (url: string, { method, headers }: FetchInit) => fetch(url, { method, headers });
createVerifier({ issuer: "https://login.example", audience: "api", fetch: fetchKeys });
const hosts: [(request: Request) => HostRequest, (response: HostResponse) => Response] = [(request) => request, (response) => response];
console.log(respond, hosts);

try {
  await verifier.verify("token");
} catch (error) {
  if (error instanceof AuthError) {
    const code: AuthErrorCode = error.code;
    const plain: PageAuthError = error;
    const refusal: RefusalResponse = error.response;
    const challenge: string | undefined = refusal.headers["www-authenticate"];
    console.log(code, isPageAuthError(plain), error.toResponse().status, refusal.status.toFixed(), refusal.body.length, challenge);
  }
}

// @ts-expect-error an audience is required: RFC 8725 section 3.9
createVerifier({ issuer: "https://login.example" });
// @ts-expect-error an issuer is required: RFC 8725 section 3.8
createVerifier({ audience: "api" });
// @ts-expect-error HMAC under a public key lets anybody sign: RFC 8725 section 2.1
createVerifier({ ...options, algorithms: ["HS256"] });
const secret: SharedSecret = { algorithm: "HS512", key: new Uint8Array(64) };
createVerifier({ issuer: "https://login.example", audience: "api", secret });
// @ts-expect-error a secret has its own algorithm: RFC 8725 section 3.1
createVerifier({ issuer: "https://login.example", audience: "api", secret: { key: new Uint8Array(64) } });
// @ts-expect-error an algorithm of public keys is none of a secret: RFC 8725 section 2.1
createVerifier({ issuer: "https://login.example", audience: "api", secret: { ...secret, algorithm: "RS256" } });
// @ts-expect-error a text could be anything: its bytes are asked for
createVerifier({ issuer: "https://login.example", audience: "api", secret: { ...secret, key: "secret" } });
const sender: JwsOptions = { jwksUri: "https://sender.example/keys", algorithms: ["ES256"], payload: new Uint8Array() };
const message: VerifiedJws = await verifyJws("jws", sender);
console.log(message.payload.length, (await verifyJws("jws", { secret, payload: "text" })).header["alg"]);
// @ts-expect-error a message is verified by keys
await verifyJws("jws", { algorithms: ["ES256"] });
// @ts-expect-error a message has no issuer
await verifyJws("jws", { ...sender, issuer: "https://sender.example" });
// @ts-expect-error an unsigned token is no token: RFC 8725 section 3.2
createVerifier({ ...options, algorithms: ["none"] });
// @ts-expect-error an option that is not known is a mistake
createVerifier({ issuer: "https://login.example", audience: "api", audiences: ["x"] });
// @ts-expect-error an empty list would require nothing
await verifier.verify("token", { roles: [] });
// @ts-expect-error a claim is compared with plain values
await verifier.verify("token", { claims: { plan: { tier: 1 } } });
// @ts-expect-error what is remembered is everybody's
verified.scopes.push("admin");
// @ts-expect-error one of the issuers has no audience
createVerifier({ issuer: [partner, { issuer: "https://login.example" }] });
// @ts-expect-error a profile that is not known is a mistake
createVerifier({ ...options, profile: "azure" });
// @ts-expect-error what is required of a user says nothing of tenants
await verifier.verify("token", { user: { tenants: ["x"] } });
// @ts-expect-error there are two backends and the choice between them
createVerifier({ ...options, crypto: "native" });
// @ts-expect-error a verdict that is not awaited has no claims
verifier.verify("token").claims;
// @ts-expect-error claims are not known before somebody looks
claims["sub"].length;
// @ts-expect-error a token is a text
await verifier.verify(new Uint8Array());
// @ts-expect-error a requirement of a call says nothing of tenants
await verifier.verify("token", { tenants: ["x"] });
// @ts-expect-error a page's errors have no response
((error: PageAuthError) => error.toResponse())(new Error());
