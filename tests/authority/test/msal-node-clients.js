import { ConfidentialClientApplication, CryptoProvider, PublicClientApplication } from "@azure/msal-node";
import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Browser } from "./fixture.js";

export const ORDERS = "api://orders.contoso.example";
export const LEDGER = "https://ledger.contoso.example";
export const SHOP = "api://shop.contoso.example";
export const REDIRECT = "http://localhost:1/callback";
export const ALICE = "alice@contoso.onmicrosoft.com";

/** msal-node's configuration for a registration, as its documentation has it. */
export function configuration(authority, registration, credential = {}, tenant = authority.contoso.id) {
  return {
    auth: { clientId: registration.clientId, authority: `${authority.https}/${tenant}`, knownAuthorities: [new URL(authority.https).host], ...credential },
  };
}

export function confidential(authority, name, credential, tenant) {
  const registration = authority.app[name];
  return new ConfidentialClientApplication(configuration(authority, registration, credential ?? { clientSecret: registration.secret }, tenant));
}

export function publicClient(authority, name, tenant) {
  return new PublicClientApplication(configuration(authority, authority.app[name], {}, tenant));
}

export async function certificateCredential({ certificate, privateKey }) {
  const pem = await readFile(certificate, "utf8");
  return {
    clientCertificate: {
      thumbprintSha256: createHash("sha256").update(new X509Certificate(pem).raw).digest("hex"),
      privateKey: await readFile(privateKey, "utf8"),
    },
  };
}

/** Gets a code with PKCE, without redeeming it; the request that would redeem it comes back. */
export async function codeFor(client, { scopes, redirectUri = REDIRECT, user = ALICE, ...more }) {
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const url = await client.getAuthCodeUrl({ scopes, redirectUri, codeChallenge: challenge, codeChallengeMethod: "S256", loginHint: user, state: "the state", ...more });
  const { code, state, error_description } = await new Browser().authorize(url);
  assert.ok(code, error_description);
  assert.equal(state, "the state");
  return { code, scopes, redirectUri, codeVerifier: verifier };
}

/** Signs in with authorization code and PKCE. */
export async function signIn(client, request) {
  return client.acquireTokenByCode(await codeFor(client, request));
}

/** The refresh token that the library keeps to itself; it is in what it would write to disk. */
export function refreshTokenOf(client) {
  const [entry] = Object.values(JSON.parse(client.getTokenCache().serialize()).RefreshToken);
  return entry.secret;
}
