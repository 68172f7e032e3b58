/** oidc-provider, unmodified, as a provider that is not Entra: private_key_jwt, token exchange, mutual TLS. */
import { once } from "node:events";
import http from "node:http";
import https from "node:https";

import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const OPENID_METADATA = "/.well-known/openid-configuration";

/** The clients by the algorithm of their key. */
const ALGORITHMS = ["PS256", "RS256", "ES256", "ES384", "EdDSA"];

/**
 * @param {{ tls?: object, clients?: object[] }} [options] `tls` as `https.createServer` takes it
 * @returns {Promise<{ issuer: string, oauthIssuer: string, keys: object, stop: () => Promise<void> }>} `oauthIssuer` has metadata at
 *   RFC 8414's place only
 */
export async function startOpenidProvider({ tls, clients = [] } = {}) {
  const keys = {};
  const registered = [...clients];
  for (const algorithm of ALGORITHMS) {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true, ...(algorithm === "EdDSA" && { crv: "Ed25519" }) });
    keys[algorithm] = await exportJWK(privateKey);
    registered.push({
      client_id: `daemon-${algorithm}`,
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: algorithm,
      jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: algorithm, use: "sig" }] },
    });
  }
  registered.push({ client_id: "a b:c", client_secret: "s e%c+r:t", token_endpoint_auth_method: "client_secret_basic" });
  const [plain, oauth] = await Promise.all([false, true].map((isOauthOnly) => listen({ tls, isOauthOnly, clients: registered })));
  return {
    issuer: plain.origin,
    oauthIssuer: oauth.origin,
    keys,
    async stop() {
      await Promise.all([plain.stop(), oauth.stop()]);
    },
  };
}

async function listen({ tls, isOauthOnly, clients }) {
  let handle;
  const server = (tls ? https : http).createServer(tls ?? {}, (request, response) => {
    if (isOauthOnly && request.url === OPENID_METADATA) return response.writeHead(404).end();
    if (request.url === "/.well-known/oauth-authorization-server") request.url = OPENID_METADATA;
    return handle(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `${tls ? "https" : "http"}://127.0.0.1:${server.address().port}`;
  const provider = new Provider(origin, {
    clients: clients.map((client) => ({ grant_types: ["client_credentials", TOKEN_EXCHANGE], redirect_uris: [], response_types: [], ...client })),
    scopes: ["api", "ledger"],
    clientAuthMethods: ["client_secret_basic", "client_secret_post", "private_key_jwt", "self_signed_tls_client_auth"],
    enabledJWA: { clientAuthSigningAlgValues: ALGORITHMS },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      mTLS: {
        enabled: true,
        selfSignedTlsClientAuth: true,
        certificateBoundAccessTokens: true,
        getCertificate: ({ req }) => {
          const { raw } = req.socket.getPeerCertificate?.() ?? {};
          return raw && `-----BEGIN CERTIFICATE-----\n${raw.toString("base64")}\n-----END CERTIFICATE-----`;
        },
      },
    },
    ttl: { ClientCredentials: 600 },
  });
  provider.registerGrantType(TOKEN_EXCHANGE, exchange, ["subject_token", "subject_token_type", "audience", "scope", "requested_token_type", "actor_token", "actor_token_type", "resource"]);
  provider.on("server_error", (_, error) => console.error(error));
  handle = provider.callback();
  return {
    origin,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** RFC 8693 section 2.2: a token of the same client's for another audience. The subject token must be one of the provider's. */
async function exchange(ctx) {
  const { client, params, provider } = ctx.oidc;
  const subject = await provider.ClientCredentials.find(params.subject_token);
  if (!subject) {
    ctx.status = 400;
    ctx.body = { error: "invalid_grant", error_description: "the subject token is not known" };
    return;
  }
  const token = new provider.ClientCredentials({ client, scope: params.scope });
  ctx.body = {
    access_token: await token.save(),
    issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
    token_type: "Bearer",
    expires_in: token.expiration,
    scope: params.scope,
    // Nobody may come to use it.
    refresh_token: "dropped",
  };
}
