// The guards of handlers, as hosts call them: what they let pass, and what they respond themselves.

import { createVerifier, guard, honoGuard, isAuthError, nodeGuard, verifiedOf } from "countersign/edge";
import { assert } from "chai";

import { refused, test } from "./case.js";
import { AUDIENCE, ISSUER, jwks, key, token } from "./tokens.js";

const URL_OF_API = "https://api.example/notes";

async function verifierOf(options) {
  const by = await key("ES256");
  return { by, verifier: createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by), ...options }) };
}

const requestWith = (authorization, given = {}) =>
  new Request(URL_OF_API, { ...given, headers: { ...given.headers, ...(authorization !== undefined && { authorization }) } });

/** Node's response, so far as the guards use it. */
function outgoing() {
  const headers = {};
  const response = {
    headersSent: false,
    setHeader: (name, value) => (headers[name.toLowerCase()] = value),
    getHeader: (name) => headers[name.toLowerCase()],
    writeHead(status, more = {}) {
      Object.assign(response, { status, headersSent: true });
      Object.assign(headers, more);
      return { end: (body) => response.ended({ status, headers, body }) };
    },
  };
  response.end = new Promise((resolve) => (response.ended = resolve));
  return response;
}

test("a guard hands the verified token to the handler, and what the host passes behind it", async () => {
  const { by, verifier } = await verifierOf();
  const handler = guard(verifier, { scope: "read" }, (request, verified, ...rest) => {
    assert.equal(verifiedOf(request), verified);
    return Response.json({ sub: verified.claims.sub, rest });
  });
  const response = await handler(requestWith(`Bearer ${await token(by, { scope: "read" })}`), "env", "context");
  assert.deepEqual(await response.json(), { sub: "alice", rest: ["env", "context"] });
});

test("RFC 6750 3: a guard sends the refusal, and the handler is not called", async () => {
  const { by, verifier } = await verifierOf({ realm: "notes" });
  const handler = guard(verifier, { scope: "read" }, () => assert.fail("called"));
  for (const [header, status, challenge] of [
    [undefined, 401, 'Bearer realm="notes", scope="read"'],
    ["Bearer a b", 400, /^Bearer realm="notes", error="invalid_request"/],
    [`Bearer ${await token(by, { exp: 1 })}`, 401, /^Bearer realm="notes", error="invalid_token"/],
    [`Bearer ${await token(by, { scope: "s3cr3t" })}`, 403, /^Bearer realm="notes", error="insufficient_scope".*, scope="read"$/],
  ]) {
    const response = await handler(requestWith(header));
    assert.equal(response.status, status);
    assert.match(response.headers.get("www-authenticate"), new RegExp(challenge));
    assert.notInclude(await response.text(), "s3cr3t");
    assert.isFalse(response.headers.has("access-control-allow-origin"));
  }
});

test("a guard passes on what is not an AuthError, and sends the response of one that the handler throws", async () => {
  const { by, verifier } = await verifierOf();
  const good = `Bearer ${await token(by, { scope: "read" })}`;
  const fails = guard(verifier, () => {
    throw new RangeError("the handler's own");
  });
  assert.equal(await fails(requestWith(good)).catch(({ message }) => message), "the handler's own");
  const needsMore = guard(verifier, async (request) => Response.json(await verifier.authenticate(request, { scope: "write" })));
  const response = await needsMore(requestWith(good));
  assert.equal(response.status, 403);
  assert.include(response.headers.get("www-authenticate"), 'scope="write"');

  const broken = { authenticate: () => Promise.reject(new TypeError("the verifier's own")) };
  assert.equal(await guard(broken, () => assert.fail("called"))(requestWith(good)).catch(({ message }) => message), "the verifier's own");
  const passed = await new Promise((resolve) => nodeGuard(broken)({ headers: {}, method: "GET", url: "/" }, outgoing(), resolve));
  assert.equal(passed.message, "the verifier's own");
  const rejected = nodeGuard(broken, () => assert.fail("called"))({ headers: {}, method: "GET", url: "/" }, outgoing());
  assert.equal(await rejected.catch(({ message }) => message), "the verifier's own");
});

test("a handler that no guard stands before gets no token's claims", async () => {
  for (const request of [requestWith("Bearer x"), { raw: {} }, {}]) await refused("invalid_option", () => verifiedOf(request));
});

test("Node's middleware calls next for a good token, and for no other", async () => {
  const { by, verifier } = await verifierOf();
  const middleware = nodeGuard(verifier, { scope: "read" });
  const headers = { authorization: `Bearer ${await token(by, { scope: "read" })}` };
  for (const request of [{ headers, method: "GET", url: "/notes" }, { raw: { headers, method: "GET", url: "/notes" } }]) {
    const given = await new Promise((resolve) => assert.isUndefined(middleware(request, outgoing(), (...words) => resolve(words))));
    assert.deepEqual(given, []);
    assert.equal(verifiedOf(request).claims.sub, "alice");
  }
  const response = outgoing();
  middleware({ headers: {}, method: "GET", url: "/notes" }, response, () => response.ended("called"));
  const { status, body } = await response.end;
  assert.equal(status, 401);
  assert.equal(JSON.parse(body).code, "credentials_missing");
  assert.isTrue(isAuthError(await verifier.authenticate({ headers: {} }).catch((error) => error)));
});

test("Node's handler is called for a good token, and for no other", async () => {
  const { by, verifier } = await verifierOf();
  const listener = nodeGuard(verifier, (request, response, { claims }) => response.writeHead(200).end(claims.sub));
  for (const [headers, status] of [[{ authorization: `Bearer ${await token(by)}` }, 200], [{}, 401]]) {
    const response = outgoing();
    await listener({ headers, method: "GET", url: "/" }, response);
    assert.equal((await response.end).status, status);
  }
});

// RFC 9728

const METADATA = { resource: "https://api.example/v1/mcp", resource_name: "Notes", "resource_name#de": "Notizen" };
const PATHS = ["/.well-known/oauth-protected-resource/v1/mcp", "/.well-known/oauth-protected-resource"];

test("RFC 9728 3: the metadata is served at every URL that clients try, to everybody", async () => {
  const { verifier } = await verifierOf({ resourceMetadata: METADATA, scope: "read write" });
  const expected = {
    ...METADATA,
    authorization_servers: [ISSUER],
    scopes_supported: ["read", "write"],
    bearer_methods_supported: ["header"],
  };
  const handler = guard(verifier, () => assert.fail("called"));
  for (const path of PATHS) {
    const url = `https://api.example${path}`;
    const response = await handler(new Request(url, { headers: { origin: "https://inspector.example" } }));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.deepEqual(await response.json(), expected);
    const head = await handler(new Request(url, { method: "HEAD" }));
    assert.deepEqual([head.status, await head.text()], [200, ""]);
    const preflight = await handler(new Request(url, { method: "OPTIONS" }));
    assert.deepEqual([preflight.status, preflight.headers.get("access-control-allow-headers")], [204, "*"]);
    const post = await handler(new Request(url, { method: "POST", body: "{}" }));
    assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD, OPTIONS"]);

    for (const given of [{ url: `${path}?x=1` }, { url: "/", originalUrl: path }]) {
      const sent = outgoing();
      nodeGuard(verifier)({ headers: {}, method: "GET", ...given }, sent, () => sent.ended("called"));
      assert.deepEqual(JSON.parse((await sent.end).body), expected);
    }
  }
  for (const path of ["/.well-known/oauth-protected-resource/other", "/v1/mcp", "/.well-known/oauth-protected-resources"]) {
    assert.equal((await handler(new Request(`https://api.example${path}`))).status, 401);
  }
});

test("RFC 9728 2: the authorization servers are the verifier's issuers, each once, or those given", async () => {
  const issuer = [ISSUER, { issuer: "https://partner.example", audience: "theirs" }, { issuer: ISSUER, audience: "third" }];
  for (const [given, expected] of [
    [{}, [ISSUER, "https://partner.example"]],
    [{ authorization_servers: ["https://proxy.example"] }, ["https://proxy.example"]],
  ]) {
    const verifier = createVerifier({ issuer, audience: AUDIENCE, resourceMetadata: { ...METADATA, ...given } });
    const response = await guard(verifier, () => assert.fail("called"))(new Request(`https://api.example${PATHS[0]}`));
    assert.deepEqual((await response.json()).authorization_servers, expected);
  }
});

test("RFC 9728 5.1: every challenge names the metadata", async () => {
  const { by, verifier } = await verifierOf({ resourceMetadata: METADATA });
  const names = `resource_metadata="https://api.example${PATHS[0]}"`;
  for (const header of [undefined, "Bearer x", `Bearer ${await token(by)}`]) {
    const response = await guard(verifier, { scope: "read" }, () => assert.fail("called"))(requestWith(header));
    assert.include(response.headers.get("www-authenticate"), names);
  }
  const { verifier: atHost } = await verifierOf({ resourceMetadata: { resource: "https://api.example" } });
  const error = await refused("credentials_missing", () => atHost.authenticate({ headers: {} }));
  assert.equal(error.response.headers["www-authenticate"], `Bearer resource_metadata="https://api.example${PATHS[1]}"`);
});

test("RFC 9728 2: a challenge names scopes as scopes_supported does, by which clients ask for them", async () => {
  const full = "https://api.example/v1/mcp/Notes.Read";
  const { by, verifier } = await verifierOf({ realm: "a scope=b", scope: "Notes.Read", resourceMetadata: { ...METADATA, scopes_supported: [full, "plain"] } });
  const scopeOf = async (header, requirement) => {
    const { headers } = (await verifier.authenticate(requestWith(header), requirement).catch((error) => error)).response;
    return headers["www-authenticate"].match(/, scope="([^"]*)"/)[1];
  };
  assert.equal(await scopeOf(undefined), full);
  assert.equal(await scopeOf(`Bearer ${await token(by)}`, { scope: "plain other Read" }), `${full} plain other Read`);
});

test("RFC 9728 1.2: a resource is an https URL in its canonical form, by which clients compare it", async () => {
  for (const resource of [
    undefined,
    "",
    7,
    "api.example",
    "/mcp",
    "http://api.example",
    "https://api.example/",
    "https://api.example/mcp/",
    "https://api.example/mcp#",
    "https://api.example/mcp#part",
    "https://api.example/mcp?",
    "https://api.example/mcp?x=1",
    "https://API.example/mcp",
    "HTTPS://api.example/mcp",
    "https://api.example:443/mcp",
    "https://user@api.example/mcp",
    "https://api.example/a/../mcp",
    "https://api.example/caf\u00e9",
    "api://api.example",
  ]) {
    const { message } = await refused("invalid_option", () => verifierOf({ resourceMetadata: { resource } }));
    assert.include(message, "resourceMetadata.resource");
  }
  for (const resource of ["https://api.example", "https://api.example:8443/mcp", "http://localhost:8787/mcp", "http://127.0.0.1/x", "http://[::1]:1/x"]) {
    await verifierOf({ resourceMetadata: { resource } });
  }
});

test("RFC 9728 2: metadata that would mislead clients is refused", async () => {
  const resource = "https://api.example";
  for (const [members, name] of [
    [{ scopes_supported: ["read", "offline_access"] }, "scopes_supported"],
    [{ scopes_supported: [] }, "scopes_supported"],
    [{ scopes_supported: "read" }, "scopes_supported"],
    [{ scopes_supported: ["read write"] }, "scopes_supported"],
    [{ authorization_servers: [] }, "authorization_servers"],
    [{ authorization_servers: [7] }, "authorization_servers"],
    [{ resource_name: "" }, "resource_name"],
    [{ resource_nmae: "Notes" }, "resource_nmae"],
    [{ bearer_methods_supported: ["query"] }, "bearer_methods_supported"],
    [{ "scopes_supported#de": ["lesen"] }, "scopes_supported#de"],
  ]) {
    const { message } = await refused("invalid_option", () => verifierOf({ resourceMetadata: { resource, ...members } }));
    assert.include(message, `resourceMetadata.${name}`);
  }
  const issuer = "https://login.microsoftonline.com/{tenantid}/v2.0";
  await refused("invalid_option", () => verifierOf({ issuer, resourceMetadata: { resource } }));
  await verifierOf({ issuer, resourceMetadata: { resource, authorization_servers: ["https://login.microsoftonline.com/organizations/v2.0"] } });
});

// CORS

const ORIGIN = "https://app.example";
const preflight = (origin, more = {}) =>
  requestWith(undefined, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization", ...more } });

test("Fetch 3.3: a preflight of a page that may call gets the methods and headers, and no token is asked for", async () => {
  const { verifier } = await verifierOf({ cors: { origins: [ORIGIN, "capacitor://localhost"], headers: ["dpop"], methods: ["GET", "POST"] } });
  const handler = guard(verifier, () => assert.fail("called"));
  for (const origin of [ORIGIN, "capacitor://localhost"]) {
    const response = await handler(preflight(origin));
    assert.equal(response.status, 204);
    assert.deepEqual(Object.fromEntries(response.headers), {
      "access-control-allow-headers": "authorization, content-type, dpop",
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-origin": origin,
      "access-control-max-age": "600",
      vary: "Origin",
    });
  }
  for (const origin of ["https://evil.example", "https://app.example.evil.example", "http://app.example", "https://app.example:8443", "null", ""]) {
    const response = await handler(preflight(origin));
    assert.deepEqual([response.status, Object.fromEntries(response.headers)], [204, { vary: "Origin" }], origin);
  }
  // A request with the method alone is no preflight.
  assert.equal((await handler(requestWith(undefined, { method: "OPTIONS" }))).status, 401);
});

test("Fetch 3.3: a page can read responses and refusals, with the challenge", async () => {
  const { by, verifier } = await verifierOf({ cors: { origins: ORIGIN, exposeHeaders: ["etag"] } });
  const good = `Bearer ${await token(by)}`;
  const inner = guard(verifier, () => new Response("notes", { headers: { vary: "Accept" } }));
  // A guard inside of another, as for one route of several, adds nothing.
  const handler = guard(verifier, (request) => inner(request));
  for (const [header, status, vary] of [[good, 200, "Accept, Origin"], [undefined, 401, "Origin"], ["Bearer x", 401, "Origin"]]) {
    const response = await handler(requestWith(header, { headers: { origin: ORIGIN } }));
    assert.equal(response.status, status);
    assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
    assert.equal(response.headers.get("access-control-expose-headers"), "www-authenticate, retry-after, dpop-nonce, etag");
    assert.equal(response.headers.get("vary"), vary);
    assert.isFalse(response.headers.has("access-control-allow-credentials"));

    const sent = outgoing();
    sent.setHeader("Vary", "Accept");
    const incoming = { headers: { origin: ORIGIN, ...(header && { authorization: header }) }, method: "GET", url: "/" };
    const pass = () => nodeGuard(verifier)(incoming, sent, () => sent.writeHead(200).end());
    nodeGuard(verifier)(incoming, sent, pass);
    const { headers } = await sent.end;
    assert.equal(headers["access-control-allow-origin"], ORIGIN);
    assert.equal(headers.vary ?? headers.Vary, "Accept, Origin");
  }
  // A cache must not give this one to the page.
  const elsewhere = await handler(requestWith(good, { headers: { origin: "https://evil.example" } }));
  assert.deepEqual([elsewhere.headers.get("vary"), elsewhere.headers.has("access-control-allow-origin")], ["Accept, Origin", false]);
  assert.equal((await handler(requestWith(good))).headers.get("vary"), "Accept, Origin");
});

test("Fetch 3.3.5: all origins never come with credentials", async () => {
  await refused("invalid_option", () => verifierOf({ cors: { origins: "*", credentials: true } }));
  await refused("invalid_option", () => verifierOf({ cors: { origins: ["*"], credentials: true } }));
  const { verifier } = await verifierOf({ cors: { origins: "*" } });
  const response = await guard(verifier, () => assert.fail("called"))(requestWith(undefined, { headers: { origin: ORIGIN } }));
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  const { verifier: withCookies } = await verifierOf({ cors: { origins: [ORIGIN], credentials: true } });
  const own = await guard(withCookies, () => assert.fail("called"))(preflight(ORIGIN));
  assert.deepEqual([own.headers.get("access-control-allow-origin"), own.headers.get("access-control-allow-credentials")], [ORIGIN, "true"]);
});

test("a function decides about origins, by true and nothing else", async () => {
  const { verifier } = await verifierOf({ cors: { origins: async (origin) => origin.endsWith(".app.example") } });
  const handler = guard(verifier, () => assert.fail("called"));
  const allowed = async (origin) => (await handler(preflight(origin))).headers.get("access-control-allow-origin");
  assert.equal(await allowed("https://one.app.example"), "https://one.app.example");
  assert.isNull(await allowed("https://evil.example"));
  // Any document in a sandbox has this one, whatever the function says.
  const { verifier: open } = await verifierOf({ cors: { origins: () => true } });
  const sandboxed = await guard(open, () => assert.fail("called"))(preflight("null"));
  assert.isFalse(sandboxed.headers.has("access-control-allow-origin"));
  const { verifier: loose } = await verifierOf({ cors: { origins: () => "yes" } });
  assert.equal((await guard(loose, () => assert.fail("called"))(preflight(ORIGIN))).status, 500);
});

test("CORS options that no browser would understand are refused", async () => {
  for (const cors of [
    {},
    { origins: [] },
    { origins: [`${ORIGIN}/`] },
    { origins: ["app.example"] },
    { origins: ["https://App.example"] },
    { origins: ["https://app.example:443"] },
    { origins: ["https://*.example"] },
    { origins: "null" },
    { origins: [7] },
    { origins: ORIGIN, headers: ["*"] },
    { origins: ORIGIN, headers: ["a, b"] },
    { origins: ORIGIN, methods: "GET" },
    { origins: ORIGIN, exposeHeaders: ["a\r\nb"] },
    { origins: ORIGIN, maxAge: -1 },
    { origins: ORIGIN, credentials: "yes" },
    { origins: ORIGIN, origin: ORIGIN },
    [],
    null,
    "*",
  ]) {
    const { message } = await refused("invalid_option", () => verifierOf({ cors }));
    assert.include(message, "cors");
  }
});

test("Hono's middleware dresses the response of the handler, also one whose headers cannot be changed", async () => {
  const { by, verifier } = await verifierOf({ cors: { origins: ORIGIN } });
  const middleware = honoGuard(verifier);
  const raw = requestWith(`Bearer ${await token(by)}`, { headers: { origin: ORIGIN } });
  for (const res of [new Response("notes"), Response.redirect("https://api.example/others")]) {
    const context = { req: { raw }, res };
    assert.isUndefined(await middleware(context, async () => assert.equal(verifiedOf(raw).claims.sub, "alice")));
    assert.equal(context.res.status, res.status);
    assert.equal(context.res.headers.get("access-control-allow-origin"), ORIGIN);
    assert.equal(context.res.headers.get("location"), res.headers.get("location"));
  }
  const refusal = await middleware({ req: { raw: requestWith() } }, () => assert.fail("called"));
  assert.equal(refusal.status, 401);
});

test("a requirement that is none is refused when the guard is made", async () => {
  const { verifier } = await verifierOf();
  for (const requirement of [null, "read", { scopes: "read" }, { scope: "" }, { scope: [] }, { roles: [""] }, { roles: 7 }, { user: { scop: "x" } }, { app: "x" }, { claims: {} }, { claims: { x: NaN } }, { audience: "x" }]) {
    for (const make of [() => guard(verifier, requirement, () => {}), () => honoGuard(verifier, requirement), () => nodeGuard(verifier, requirement)]) {
      await refused("invalid_option", make);
    }
  }
  for (const requirement of [undefined, {}, { scope: "a b", user: { roles: ["x"] }, app: {}, claims: { x: [1, "y"] } }]) honoGuard(verifier, requirement);
});
