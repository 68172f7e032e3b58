// Every public name of countersign/edge, as an API's author uses it, and what the compiler must refuse.

import {
  type Algorithm,
  AuthError,
  type AuthErrorCode,
  createVerifier,
  isAuthError,
  type Permissions,
  type Profile,
  type RefusalResponse,
  type RequestLike,
  type Requirement,
  type SecretAlgorithm,
  type SecretVerifierOptions,
  type Verified,
  type Verifier,
  type VerifierOptions,
  type WasmSource,
} from "countersign/edge";
import { AuthError as PageAuthError, isAuthError as isPageAuthError } from "countersign";

const algorithms: Algorithm[] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519"];
const hmac: SecretAlgorithm = "HS384";
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
const reader: Permissions = { scope: "read" };
await verifier.verify("token", { user: reader, app: { roles: "Notes.Read" } });
const sources: WasmSource[] = ["/edge.wasm", new URL("https://app.example/"), new Uint8Array(8), new ArrayBuffer(8), new Response(), new WebAssembly.Module(new Uint8Array(8))];
for (const wasm of sources) createVerifier({ issuer: "https://login.example", audience: "api", wasm });
createVerifier({ issuer: "https://login.example", audience: "api", wasm: WebAssembly.compile(new Uint8Array(8)) });

const requirement: Requirement = { scope: "read", roles: ["Reader", "Writer"] };
const verified: Verified = await verifier.verify("token", requirement);
const { claims, header, issuer, tenant, kind, scopes, roles } = verified;
const known: [Record<string, unknown>, Record<string, unknown>, string, string | undefined, string[], string[]] = [
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
console.log(respond);

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
const bySecret: SecretVerifierOptions = { issuer: "https://login.example", audience: "api", secret: new Uint8Array(32), algorithms: [hmac] };
createVerifier(bySecret);
// @ts-expect-error a secret stands beside no public key: RFC 8725 section 3.1
createVerifier({ ...bySecret, jwks: { keys: [] } });
// @ts-expect-error a secret has one algorithm: RFC 8725 section 3.1
createVerifier({ ...bySecret, algorithms: ["HS256", "HS512"] });
// @ts-expect-error an algorithm of public keys is none of a secret: RFC 8725 section 2.1
createVerifier({ ...bySecret, algorithms: ["RS256"] });
// @ts-expect-error a text could be anything: its bytes are asked for
createVerifier({ ...bySecret, secret: "secret" });
// @ts-expect-error an unsigned token is no token: RFC 8725 section 3.2
createVerifier({ ...options, algorithms: ["none"] });
// @ts-expect-error an option that is not known is a mistake
createVerifier({ issuer: "https://login.example", audience: "api", audiences: ["x"] });
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
