/** Mutual TLS (RFC 8705) between Node and oidc-provider over real connections, with certificates made here. */
import "reflect-metadata";
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { BasicConstraintsExtension, X509CertificateGenerator } from "@peculiar/x509";
import { exportJWK } from "jose";
import { Agent, fetch as undiciFetch } from "undici";

import { startOpenidProvider } from "./openid-provider.js";

/** @param {(result: { name: string, error?: string }) => void} report */
export async function runWithMutualTls({ project, only }, report) {
  const { createConfidentialClient } = await import(pathToFileURL(path.join(project, "node_modules/countersign/edge/node.js")));
  const [server, client, stranger] = await Promise.all(["127.0.0.1", "daemon", "stranger"].map(certificate));
  const jwk = { ...(await exportJWK(new X509Certificate(client.cert).publicKey)), kid: "c1", use: "sig", x5c: [new X509Certificate(client.cert).raw.toString("base64")] };
  const bound = {
    client_id: "daemon",
    token_endpoint_auth_method: "self_signed_tls_client_auth",
    tls_client_certificate_bound_access_tokens: true,
    jwks: { keys: [jwk] },
  };
  const provider = await startOpenidProvider({ tls: { ...server, requestCert: true, rejectUnauthorized: false }, clients: [bound] });
  const presenting = (own) => {
    const dispatcher = new Agent({ connect: { ...own, rejectUnauthorized: false } });
    return { fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }), close: () => dispatcher.close() };
  };
  const clientBy = (mutualTls, more) => createConfidentialClient({ authority: provider.issuer, clientId: "daemon", credential: { mutualTls }, ...more });
  const connections = [presenting(client), presenting(stranger)];
  const [own, other] = connections;

  const cases = {
    "RFC 8705 2.2: the certificate of the connection proves who the client is, and the token is bound to it": async () => {
      const { accessToken } = await clientBy(own.fetch).clientCredentials({ scope: "api" });
      const basic = `Basic ${btoa("a+b%3Ac:s+e%25c%2Br%3At")}`;
      const headers = { authorization: basic, "content-type": "application/x-www-form-urlencoded" };
      const seen = await (await own.fetch(`${provider.issuer}/token/introspection`, { method: "POST", headers, body: `token=${accessToken}` })).json();
      const thumbprint = Buffer.from(new X509Certificate(client.cert).fingerprint256.replaceAll(":", ""), "hex").toString("base64url");
      assert.equal(seen.cnf["x5t#S256"], thumbprint);
    },
    "RFC 8705 2: another certificate is refused": async () => {
      const error = await clientBy(other.fetch).clientCredentials({ scope: "api" }).catch((error) => error);
      assert.deepEqual([error.code, error.error], ["client_refused", "invalid_client"]);
    },
    "RFC 8705 5: the token endpoint's alias for mutual TLS is used, and by mutual TLS only": async () => {
      const metadata = await (await own.fetch(`${provider.issuer}/.well-known/openid-configuration`)).json();
      const aliased = { ...metadata, token_endpoint: "https://127.0.0.1:1/token", mtls_endpoint_aliases: { token_endpoint: metadata.token_endpoint } };
      assert.ok((await clientBy(own.fetch, { metadata: aliased }).clientCredentials({ scope: "api" })).accessToken);
      const bySecret = clientBy(own.fetch, { metadata: aliased, credential: { secret: "x" }, fetch: own.fetch });
      const error = await bySecret.clientCredentials({ scope: "api" }).catch((error) => error);
      assert.equal(error.code, "network_error");
    },
    "A connection has one certificate: two are refused when the client is made": async () => {
      assert.throws(() => clientBy(own.fetch, { credential: [{ mutualTls: own.fetch }, { mutualTls: other.fetch }] }), { code: "credential_invalid" });
    },
  };
  try {
    for (const [name, run] of Object.entries(cases).filter(([name]) => name.includes(only))) {
      await run().then(
        () => report({ name }),
        (error) => report({ name, error: String(error?.stack ?? error) }),
      );
    }
  } finally {
    await Promise.all(connections.map(({ close }) => close()));
    await provider.stop();
  }
}

async function certificate(name) {
  const signingAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]);
  const made = await X509CertificateGenerator.createSelfSigned({ name: `CN=${name}`, keys, signingAlgorithm, extensions: [new BasicConstraintsExtension(false)] });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  return { cert: made.toString("pem"), key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, "$&\n")}\n-----END PRIVATE KEY-----\n` };
}
