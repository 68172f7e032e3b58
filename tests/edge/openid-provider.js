/**
 * Tokens of oidc-provider, unmodified, over real connections: bound to the client's certificate (RFC 8705),
 * and to its key (RFC 9449); and its logout tokens.
 */
import "reflect-metadata";
import assert from "node:assert/strict";
import { once } from "node:events";
import https from "node:https";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { BasicConstraintsExtension, X509CertificateGenerator } from "@peculiar/x509";
import * as oauth4webapi from "oauth4webapi";
import Provider from "oidc-provider";
import { Agent, fetch as undiciFetch } from "undici";

const AUDIENCE = "https://api.example";

/** @param {(result: { name: string, error?: string }) => void} report */
export async function runWithOpenidProvider({ project, only }, report) {
  const edge = await import(pathToFileURL(path.join(project, "node_modules/countersign/edge/node.js")));
  const [server, client, stranger] = await Promise.all(["127.0.0.1", "client", "stranger"].map(certificate));
  const provider = await listenSecurely(server, (origin, self) => {
    self.own = newProvider(origin, (...given) => self.posted(...given));
    return self.own.callback();
  });
  const connections = [undefined, client, stranger].map((own) => new Agent({ connect: { ...own, rejectUnauthorized: false } }));
  const [plain, own, other] = connections.map((dispatcher) => (url, init) => undiciFetch(url, { ...init, dispatcher }));
  const verifier = edge.createVerifier({ issuer: provider.origin, audience: AUDIENCE, typ: "at+jwt", fetch: plain });
  const guarded = edge.nodeGuard(verifier, { scope: "read" }, (_, response, { client }) => response.end(client));
  const api = await listenSecurely(server, () => guarded);
  const tokenOf = async (fetch, clientId) => {
    const body = new URLSearchParams({ grant_type: "client_credentials", client_id: clientId, client_secret: "s", resource: AUDIENCE, scope: "read" });
    const response = await fetch(`${provider.origin}/token`, { method: "POST", body });
    return (await response.json()).access_token;
  };

  const cases = {
    "RFC 8705 3: a token passes on a connection with the certificate that it is bound to, and on no other": async () => {
      const headers = { authorization: `Bearer ${await tokenOf(own, "bound")}` };
      for (const [fetch, status] of [[own, 200], [other, 401], [plain, 401], [own, 200]]) {
        const response = await fetch(`${api.origin}/notes`, { headers });
        assert.equal(response.status, status, await response.text());
      }
      const refusal = await (await other(`${api.origin}/notes`, { headers })).json();
      assert.equal(refusal.code, "certificate_mismatch");
      const unbound = await tokenOf(own, "plain");
      assert.equal((await other(`${api.origin}/notes`, { headers: { authorization: `Bearer ${unbound}` } })).status, 200);
    },
    "RFC 9449 5 and 7: a token that oauth4webapi got with a proof passes with another one, and not as a bearer token": async () => {
      const keys = await oauth4webapi.generateKeyPair("ES256");
      const options = { [oauth4webapi.customFetch]: plain, DPoP: oauth4webapi.DPoP({ client_id: "plain" }, keys) };
      const as = await oauth4webapi.discoveryRequest(new URL(provider.origin), options).then((response) => oauth4webapi.processDiscoveryResponse(new URL(provider.origin), response));
      const authentication = oauth4webapi.ClientSecretPost("s");
      const parameters = new URLSearchParams({ resource: AUDIENCE, scope: "read" });
      const response = await oauth4webapi.clientCredentialsGrantRequest(as, { client_id: "plain" }, authentication, parameters, options);
      const { access_token: token, token_type: type } = await oauth4webapi.processClientCredentialsResponse(as, { client_id: "plain" }, response);
      assert.equal(type, "dpop");
      const notes = await oauth4webapi.protectedResourceRequest(token, "GET", new URL(`${api.origin}/notes?page=1`), undefined, undefined, options);
      assert.deepEqual([notes.status, await notes.text()], [200, "plain"]);
      const refusal = await plain(`${api.origin}/notes`, { headers: { authorization: `Bearer ${token}` } });
      assert.equal((await refusal.json()).code, "proof_missing");
      assert.match(refusal.headers.get("www-authenticate"), /^DPoP error="invalid_token"/);
    },
    "Back-Channel Logout 2.5: the provider's own logout token ends the session": async () => {
      const ended = [];
      const ofApp = edge.createVerifier({ issuer: provider.origin, audience: "plain", fetch: plain });
      const handler = edge.backChannelLogout(ofApp, ({ sub, sid }) => ended.push([sub, sid]));
      const statuses = [];
      provider.posted = async (url, { method, headers, body }) => {
        const response = await handler(new Request(url, { method, headers, body }));
        statuses.push(response.status);
        return response;
      };
      const client = await provider.own.Client.find("plain");
      await client.backchannelLogout("alice", "session");
      assert.deepEqual([statuses, ended], [[200], [["alice", "session"]]]);
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
    await Promise.all(connections.map((agent) => agent.close()));
    await Promise.all([provider.stop(), api.stop()]);
  }
}

function newProvider(origin, fetch) {
  const client = { client_secret: "s", token_endpoint_auth_method: "client_secret_post", grant_types: ["client_credentials"], redirect_uris: [], response_types: [] };
  return new Provider(origin, {
    clients: [
      { ...client, client_id: "plain", backchannel_logout_uri: "https://app.example/logout", backchannel_logout_session_required: true },
      { ...client, client_id: "bound", tls_client_certificate_bound_access_tokens: true },
    ],
    clientAuthMethods: ["client_secret_post"],
    scopes: ["read"],
    fetch,
    features: {
      backchannelLogout: { enabled: true },
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true },
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        getCertificate: ({ req }) => {
          const { raw } = req.socket.getPeerCertificate() ?? {};
          return raw && `-----BEGIN CERTIFICATE-----\n${raw.toString("base64")}\n-----END CERTIFICATE-----`;
        },
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({ scope: "read", audience: AUDIENCE, accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } }),
      },
    },
  });
}

/** A server on loopback that asks clients for a certificate, and takes any. @param {(origin: string, server: object) => Function} handlerOf */
async function listenSecurely(own, handlerOf) {
  let handle;
  const server = https.createServer({ ...own, requestCert: true, rejectUnauthorized: false }, (request, response) => handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `https://127.0.0.1:${server.address().port}`;
  const self = {
    origin,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  handle = handlerOf(origin, self);
  return self;
}

async function certificate(name) {
  const signingAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]);
  const made = await X509CertificateGenerator.createSelfSigned({ name: `CN=${name}`, keys, signingAlgorithm, extensions: [new BasicConstraintsExtension(false)] });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  return { cert: made.toString("pem"), key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, "$&\n")}\n-----END PRIVATE KEY-----\n` };
}
