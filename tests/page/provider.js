/**
 * OpenID providers on loopback that tests script. Each rotates refresh tokens, revokes a family when a token of it is used
 * twice, signs ID tokens, asks the user nothing, records all requests, and fails as it is told.
 */
import { createHash, randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import http from "node:http";

import { generateKeyPair, SignJWT } from "jose";

/** How long the tests wait for what must happen at once. */
export const PATIENCE_MS = 15_000;

const { privateKey } = await generateKeyPair("ES256");

/** One server for all providers of a test file. */
export async function startProviders() {
  const providers = [];
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    const [, place, ...segments] = url.pathname.split("/");
    const provider = providers[place];
    if (provider === undefined) return response.writeHead(404).end();
    await provider.respond({ path: `/${segments.join("/")}`, url, request, response });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    open() {
      const provider = new Provider(`http://localhost:${server.address().port}/${providers.length}`);
      providers.push(provider);
      return provider;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * @typedef {object} Reply How an endpoint responds in place of as it should. What is left out is as it should be.
 * @property {number} [status] with it, the request has no effect
 * @property {Record<string, string>} [headers]
 * @property {object | string | ((good: object) => object)} [body] a function changes the good one
 * @property {(good: object) => object} [parameters] changes those of an authorization response
 * @property {Record<string, string>} [page] the headers of a page with a link, which asks the user before they are redirected
 * @property {Promise<void>} [after] what to wait for before anything else
 * @property {boolean} [rotates] whether the refresh token that was sent is spent
 * @property {boolean} [cut] the connection ends amid the response, after the request had its effect
 */

class Provider {
  issuer;
  /** What came in: `endpoint`, `method`, `parameters`, `headers`. */
  requests = [];
  /** How often a refresh token was used that had been used before. */
  reuses = 0;
  /** Changes the claims of the ID tokens. */
  claims = (claims) => claims;
  /** Who signs in next. */
  subject = "alice";
  /** Seconds that its clock is ahead of this machine's. */
  ahead = 0;
  /** How long an access token lives, in seconds. */
  lifetime = 3600;
  paths = { authorization: "/authorize", token: "/token", end_session: "/end_session" };
  /** Further members of its metadata. */
  promises = {};
  #pushed = new Map();
  #arrivals = new EventEmitter();
  #replies = [];
  #codes = new Map();
  #refreshTokens = new Map();
  #issued = 0;

  constructor(issuer) {
    this.issuer = issuer;
  }

  /**
   * Replies so from now on: by the latest such reply that applies.
   *
   * @param {Reply | ((request: object) => Reply | undefined)} reply
   * @returns what takes it back
   */
  on(endpoint, reply) {
    const entry = { endpoint, reply: typeof reply === "function" ? reply : () => reply };
    this.#replies.unshift(entry);
    return () => {
      this.#replies = this.#replies.filter((known) => known !== entry);
    };
  }

  /** Replies so to one request. */
  once(endpoint, reply) {
    const end = this.on(endpoint, (request) => {
      const found = typeof reply === "function" ? reply(request) : reply;
      if (found !== undefined) end();
      return found;
    });
    return end;
  }

  /** Lets requests wait until what it returns is called. */
  hold(endpoint, applies = () => true) {
    const { promise, resolve } = Promise.withResolvers();
    const end = this.on(endpoint, (request) => (applies(request) ? { after: promise } : undefined));
    return () => {
      end();
      resolve();
    };
  }

  requestsTo(endpoint) {
    return this.requests.filter((request) => request.endpoint === endpoint);
  }

  /** The token requests with a refresh token. */
  get refreshes() {
    return this.requestsTo("token").filter(isRefresh);
  }

  /** Waits until so many requests have come to an endpoint, which must be soon. */
  async received(endpoint, count) {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    while (this.requestsTo(endpoint).length < count) await once(this.#arrivals, "request", { signal });
  }

  get now() {
    return Math.floor(Date.now() / 1000 + this.ahead);
  }

  async respond({ path, url, request, response }) {
    const endpoint = this.#endpointAt(path);
    if (endpoint === undefined) return respond(response, { status: 404, body: "not found" });
    let form = "";
    for await (const chunk of request) form += chunk;
    const parameters = Object.fromEntries(new URLSearchParams(request.method === "POST" ? form : url.search));
    const record = { endpoint, method: request.method, parameters, headers: request.headers };
    this.requests.push(record);
    this.#arrivals.emit("request");
    const reply = this.#replyTo(record) ?? {};
    await reply.after;
    if (reply.status !== undefined) return respond(response, reply);
    switch (endpoint) {
      case "metadata":
        return respond(response, changed({ status: 200, body: this.metadata }, reply));
      case "authorization":
        return proceed(response, this.#authorize(parameters, reply), reply);
      case "token":
        return respond(response, changed(await this.#issue(parameters, reply), reply));
      case "pushed_authorization_request":
        return respond(response, changed(this.#push(parameters), reply));
      case "revocation":
        return respond(response, changed(this.#revoke(parameters), reply));
      default:
        return proceed(response, this.#endSession(parameters), reply);
    }
  }

  get metadata() {
    const endpoints = Object.entries(this.paths).map(([name, path]) => [`${name}_endpoint`, this.issuer + path]);
    return {
      issuer: this.issuer,
      ...Object.fromEntries(endpoints),
      authorization_response_iss_parameter_supported: true,
      ...this.promises,
    };
  }

  #endpointAt(path) {
    if (path === "/.well-known/openid-configuration") return "metadata";
    return Object.keys(this.paths).find((name) => this.paths[name] === path);
  }

  #replyTo(request) {
    for (const { endpoint, reply } of this.#replies) {
      const found = endpoint === request.endpoint ? reply(request) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #authorize(asked, { parameters = (good) => good }) {
    const request = this.#pushed.get(asked.request_uri) ?? asked;
    this.#pushed.delete(asked.request_uri);
    const code = randomUUID();
    this.#codes.set(code, { ...request, subject: this.subject });
    const url = new URL(request.redirect_uri);
    const response = new URLSearchParams(parameters({ code, state: request.state, iss: this.issuer }));
    if (request.response_mode === "fragment") url.hash = response;
    else for (const [name, value] of response) url.searchParams.append(name, value);
    return url.href;
  }

  /** RFC 9126 section 2.2. */
  #push(request) {
    const requestUri = `urn:ietf:params:oauth:request_uri:${randomUUID()}`;
    this.#pushed.set(requestUri, request);
    return { status: 201, body: { request_uri: requestUri, expires_in: 60 } };
  }

  /** RFC 7009 section 2.2: also for a token that it does not know. */
  #revoke({ token }) {
    const known = this.#refreshTokens.get(token);
    if (known !== undefined) known.family.isRevoked = true;
    return { status: 200 };
  }

  /** RP-Initiated Logout 1.0 section 2: `state` comes back. */
  #endSession({ post_logout_redirect_uri: uri, state }) {
    if (uri === undefined) return `${this.issuer}/signed-out`;
    const url = new URL(uri);
    if (state !== undefined) url.searchParams.set("state", state);
    return url.href;
  }

  async #issue({ grant_type: type, ...request }, { rotates = true }) {
    if (type === "authorization_code") return this.#redeem(request);
    if (type === "refresh_token") return this.#refresh(request, rotates);
    return refusal("unsupported_grant_type");
  }

  /** RFC 6749 section 4.1.3 and RFC 7636 section 4.6. */
  #redeem({ code, client_id, redirect_uri, code_verifier }) {
    const known = this.#codes.get(code);
    this.#codes.delete(code);
    const challenge = createHash("sha256").update(code_verifier ?? "").digest("base64url");
    const isGood = known?.client_id === client_id && known.redirect_uri === redirect_uri && known.code_challenge === challenge;
    if (!isGood) return refusal("invalid_grant");
    const { subject, scope, nonce } = known;
    return this.#tokens({ client_id, subject, scope, isRevoked: false }, scope, nonce);
  }

  /** RFC 9700 section 4.14.2: a refresh token is good once; one that is used again betrays a theft. */
  #refresh({ refresh_token, client_id, scope }, rotates) {
    const known = this.#refreshTokens.get(refresh_token);
    if (known === undefined || known.family.client_id !== client_id) return refusal("invalid_grant");
    const { family, isUsed } = known;
    if (isUsed) {
      this.reuses += 1;
      family.isRevoked = true;
    }
    if (family.isRevoked) return refusal("invalid_grant");
    known.isUsed = rotates;
    return this.#tokens(family, scope ?? family.scope);
  }

  /** A token response to a sign-in at a server, which no page has seen. */
  async tokensFor(client_id, scope = "openid profile offline_access") {
    const { body } = await this.#tokens({ client_id, subject: this.subject, scope, isRevoked: false }, scope);
    return body;
  }

  async #tokens(family, scope, nonce) {
    this.#issued += 1;
    const refreshToken = `refresh-${family.subject}-${this.#issued}`;
    this.#refreshTokens.set(refreshToken, { family, isUsed: false });
    const body = {
      access_token: `access-${family.subject}-${this.#issued}`,
      token_type: "Bearer",
      expires_in: this.lifetime,
      scope,
      refresh_token: refreshToken,
      id_token: await this.#idToken(family, nonce),
    };
    return { status: 200, body };
  }

  #idToken({ client_id, subject }, nonce) {
    const { now } = this;
    const claims = this.claims({ iss: this.issuer, sub: subject, aud: client_id, iat: now, exp: now + 600, nonce });
    return new SignJWT(claims).setProtectedHeader({ alg: "ES256" }).sign(privateKey);
  }
}

export const isRefresh = ({ parameters }) => parameters.grant_type === "refresh_token";

const refusal = (error) => ({ status: 400, body: { error } });

function changed(good, { body, headers, cut }) {
  if (body === undefined || good.status >= 300) return { ...good, headers, cut };
  return { ...good, headers, cut, body: typeof body === "function" ? body(good.body) : body };
}

function proceed(response, location, { page: headers }) {
  if (headers === undefined) return response.writeHead(302, { location }).end();
  return respond(response, { status: 200, headers, body: `<a href="${location.replaceAll("&", "&amp;")}">Continue</a>` });
}

function respond(response, { status, headers, body = "", cut }) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? "text/html" : "application/json";
  response.writeHead(status, {
    "access-control-allow-origin": "*",
    "cache-control": "no-store",
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  if (cut) response.write(text.slice(0, text.length / 2), () => response.destroy());
  else response.end(text);
}
