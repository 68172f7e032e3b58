import { createRemoteJWKSet, decodeJwt, jwtVerify, SignJWT } from "jose";
import assert from "node:assert/strict";
import { createPrivateKey, randomUUID, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import tls from "node:tls";
import { fileURLToPath } from "node:url";
import { thumbprints } from "../certificates.js";
import { startAuthority } from "../start.js";

export const ALICE = "alice@contoso.onmicrosoft.com";
export const CLIENT_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Of the tests alone, so that they leave the one of the person who runs them as it is. */
export const CERTIFICATES = fileURLToPath(new URL("../../../target/entra-local", import.meta.url));

/** An authority for one test file, trusted by this process, without pages unless asked for. */
export async function startForTests(options = {}) {
  const running = await startAuthority({ automatic: { user: ALICE }, deviceCodeInterval: 1, certificateDirectory: CERTIFICATES, ...options });
  if (running.certificate) {
    tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(running.certificate, "utf8")]);
  }
  const byName = Object.fromEntries(running.registrations.map((r) => [r.name, r]));
  const [contoso, fabrikam, consumers] = running.tenants;
  return { ...running, app: byName, contoso, fabrikam, consumers, control: controlOf(running.control) };
}

/** The control port as functions. */
function controlOf(origin) {
  const send = (method) => async (path, body) => {
    const response = await fetch(`${origin}${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const result = await response.json();
    assert.ok(response.ok, `${method} ${path}: ${JSON.stringify(result)}`);
    return result;
  };
  return { origin, get: send("GET"), post: send("POST"), patch: send("PATCH"), put: send("PUT"), delete: send("DELETE") };
}

/** Verifies a token with `jose`, by the discovery document and keys that its own issuer publishes. */
export async function verify(token, { audience, requiredClaims = ["exp", "nbf", "iat", "tid", "oid", "sub", "uti", "ver"] } = {}) {
  const { iss } = decodeJwt(token);
  const discovery = await (await fetch(`${iss.replace(/\/$/, "")}/.well-known/openid-configuration`)).json();
  assert.equal(discovery.issuer, iss);
  const keys = createRemoteJWKSet(new URL(discovery.jwks_uri));
  const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: discovery.issuer, audience, algorithms: ["RS256"], typ: "JWT", requiredClaims });
  return { claims: payload, header: protectedHeader };
}

/** A browser that has no pages to show: it follows the authorize request to the redirect URI and keeps its cookies. */
export class Browser {
  #cookies = new Map();

  async get(url) {
    const response = await fetch(url, { redirect: "manual", headers: { cookie: [...this.#cookies].map(([n, v]) => `${n}=${v}`).join("; ") } });
    for (const line of response.headers.getSetCookie()) {
      const [name, ...value] = line.split(";")[0].split("=");
      this.#cookies.set(name, value.join("="));
    }
    return response;
  }

  /** The parameters that came back to the redirect URI, from query or fragment. */
  async authorize(url) {
    const response = await this.get(url);
    assert.equal(response.status, 302, `expected a redirect, got ${response.status}: ${(await response.clone().text()).match(/AADSTS\d+/)?.[0] ?? ""}`);
    const location = new URL(response.headers.get("location"));
    return Object.fromEntries(new URLSearchParams(location.hash.slice(1) || location.search));
  }
}

/** Form-encoded POST, for requests that no library would send. */
export async function post(url, form, headers = {}) {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(form), headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** The response is this refusal, and client authentication that failed is 401 (RFC 6749 section 5.2). */
export function expectRefusal({ status, body }, code, error) {
  assert.deepEqual(body.error_codes, [code], body.error_description);
  assert.equal(body.error, error);
  assert.equal(status, error === "invalid_client" ? 401 : 400);
}

/** Requests written out by hand, for what Microsoft's libraries would never send. */
export class RawClient {
  /** @param {{ version?: 1|2, tenant?: string }} [place] */
  constructor(authority, { version = 2, tenant = authority.contoso.id } = {}) {
    this.oauth2 = `${authority.https ?? authority.http}/${tenant}/oauth2${version === 2 ? "/v2.0" : ""}`;
    this.browser = new Browser();
  }

  authorizeUrl(parameters) {
    return `${this.oauth2}/authorize?${new URLSearchParams({ response_type: "code", redirect_uri: "http://localhost:1/callback", login_hint: ALICE, ...parameters })}`;
  }

  /** What comes back to the redirect URI. */
  authorize(parameters) {
    return this.browser.authorize(this.authorizeUrl(parameters));
  }

  token(form, headers) {
    return post(`${this.oauth2}/token`, form, headers);
  }

  /** A client assertion as the documentation has it, or with something changed in claims or header. */
  assertion(client, change = {}, { key, ...header } = {}) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { aud: `${this.oauth2}/token`, iss: client.clientId, sub: client.clientId, jti: randomUUID(), nbf: now, iat: now, exp: now + 600, ...change };
    const { x5tS256 } = thumbprints({ rawData: new X509Certificate(readFileSync(client.certificate)).raw });
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "PS256", typ: "JWT", "x5t#S256": x5tS256, ...header })
      .sign(key ?? createPrivateKey(readFileSync(client.privateKey)));
  }

  /** Sign-in and redemption in one, for a confidential client without PKCE or a public one with it. */
  async signIn({ client, scope, resource, user, headers, ...more }) {
    const login_hint = user ?? ALICE;
    const ask = { client_id: client.clientId, ...(scope && { scope }), ...(resource && { resource }) };
    const { code, error_description } = await this.authorize({ ...ask, login_hint, ...more });
    assert.ok(code, error_description);
    return this.token({ ...ask, grant_type: "authorization_code", code, redirect_uri: more.redirect_uri ?? "http://localhost:1/callback", ...(client.secret && { client_secret: client.secret }) }, headers);
  }
}
