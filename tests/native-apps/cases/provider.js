// A provider that responds as a case tells it: for what a sound one never does.

import { createServer } from "node:http";

const encode = (members) => btoa(JSON.stringify(members)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/**
 * @param {object} replies by path: what a request with these parameters gets, as `{ status?, headers?, body?, location? }`, or nothing: the
 * usual response
 */
export async function withProvider(replies, run) {
  const requests = [];
  let nonce;
  let issuer = "";
  let issued = 0;
  const usual = {
    "/.well-known/openid-configuration": () => ({ body: { ...METADATA(issuer), ...replies.metadata } }),
    "/authorize": ({ redirect_uri, state, nonce: sent }) => {
      nonce = sent;
      return { location: `${redirect_uri}?${new URLSearchParams({ code: "c", state, iss: issuer })}` };
    },
    "/device": () => ({ body: { device_code: "d", user_code: "ABCD", verification_uri: `${issuer}/enter`, expires_in: 600, interval: 1 } }),
    "/token": () => ({ body: { access_token: `at${(issued += 1)}`, token_type: "Bearer", expires_in: 3600, refresh_token: `rt${issued}`, id_token: idToken(issuer, nonce) } }),
    "/userinfo": () => ({ body: { sub: "ada" } }),
    "/revoke": () => ({ body: {} }),
  };
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, issuer);
    let sent = "";
    for await (const chunk of request) sent += chunk;
    const parameters = Object.fromEntries([...searchParams, ...new URLSearchParams(sent)]);
    requests.push({ path: pathname, authorization: request.headers.authorization, ...parameters });
    const reply = (await replies[pathname]?.(parameters, { issuer, usual: () => usual[pathname](parameters) })) ?? usual[pathname]?.(parameters) ?? { status: 404 };
    if (reply.hang) return;
    const { status = reply.location ? 302 : 200, headers, body, location } = reply;
    response.writeHead(status, { "content-type": "application/json", ...(location && { location }), ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body ?? {}));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  issuer = `http://localhost:${server.address().port}`;
  try {
    await run({ issuer, requests, idToken: (claims) => idToken(issuer, nonce, claims), of: (path) => requests.filter((request) => request.path === path) });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const METADATA = (issuer) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  device_authorization_endpoint: `${issuer}/device`,
  userinfo_endpoint: `${issuer}/userinfo`,
  revocation_endpoint: `${issuer}/revoke`,
  end_session_endpoint: `${issuer}/end`,
  authorization_response_iss_parameter_supported: true,
  scopes_supported: ["openid", "offline_access"],
});

function idToken(issuer, nonce, claims) {
  const now = Math.floor(Date.now() / 1000);
  return [encode({ alg: "RS256" }), encode({ iss: issuer, sub: "ada", aud: "app", iat: now, exp: now + 600, ...(nonce && { nonce }), ...claims }), "AAAA"].join(".");
}
