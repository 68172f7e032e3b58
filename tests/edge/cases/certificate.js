// Tokens that are bound to the client's certificate: RFC 8705 section 3.

import { createVerifier, guard } from "countersign/edge";
import { assert } from "chai";
import { base64url } from "jose";

import { refused, test } from "./case.js";
import { AUDIENCE, ISSUER, jwks, key, token } from "./tokens.js";

/** What stands for a certificate: its hash is all that is looked at. */
const DER = new TextEncoder().encode("a certificate");
const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const PEM = `-----BEGIN CERTIFICATE-----\n${base64(DER)}\n-----END CERTIFICATE-----\n`;

async function scene(options = {}) {
  const by = await key("ES256");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", DER));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const bound = await token(by, { cnf: { "x5t#S256": base64url.encode(digest) } });
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by), ...options });
  const request = (more = {}, headers = {}) => ({ method: "GET", url: "https://api.example/", headers: { authorization: `Bearer ${bound}`, ...headers }, ...more });
  return { by, bound, hex, thumbprint: base64url.encode(digest), verifier, request };
}

test("RFC 8705 3: the certificate that Cloudflare saw is compared with the token's", async () => {
  const { hex, verifier, request } = await scene();
  const withCf = (tlsClientAuth) => request({ cf: { tlsClientAuth } });
  const seen = { certPresented: "1", certRevoked: "0", certVerified: "FAILED:self signed certificate", certFingerprintSHA256: hex };
  assert.equal((await verifier.authenticate(withCf(seen))).claims.sub, "alice");
  for (const wrong of [
    undefined,
    {},
    { ...seen, certPresented: "0" },
    { ...seen, certRevoked: "1" },
    { ...seen, certFingerprintSHA256: hex.replace(/^../, hex.startsWith("00") ? "01" : "00") },
    { ...seen, certFingerprintSHA256: "" },
  ]) {
    const error = await refused("certificate_mismatch", () => verifier.authenticate(withCf(wrong)));
    assert.equal(error.response.status, 401);
    assert.match(error.response.headers["www-authenticate"], /^Bearer error="invalid_token"/);
  }
  assert.equal((await verifier.authenticate(withCf(seen))).claims.sub, "alice", "and what was verified once is no pass for others");
});

test("RFC 8705 3: a proxy's header is looked at only if it is named", async () => {
  const { bound, hex, thumbprint, verifier, request } = await scene();
  const { verifier: behindProxy } = await scene({ certificate: { header: "client-cert" } });
  for (const value of [PEM, encodeURIComponent(PEM), `:${base64(DER)}:`, hex, hex.toUpperCase().replace(/..(?=.)/g, "$&:"), thumbprint]) {
    await behindProxy.authenticate(request({}, { "client-cert": value }));
    await refused("certificate_mismatch", () => verifier.authenticate(request({}, { "client-cert": value })));
  }
  for (const value of ["", "x", ":x", "-----BEGIN%20%", `${hex}00`, `:${base64(new TextEncoder().encode("another"))}:`, `${thumbprint}, ${thumbprint}`]) {
    await refused("certificate_mismatch", () => behindProxy.authenticate(request({}, { "client-cert": value })));
  }
  const api = guard(behindProxy, () => new Response("notes"));
  const headers = { authorization: `Bearer ${bound}`, "client-cert": hex };
  assert.equal((await api(new Request("https://api.example/", { headers }))).status, 200);
});

test("RFC 8705 3: a function may say which certificate it was", async () => {
  for (const certificate of [() => PEM, async () => DER, () => DER.buffer, (request) => request.client]) {
    const { verifier, request } = await scene({ certificate });
    await verifier.authenticate(request({ client: PEM }));
  }
  for (const certificate of [() => undefined, () => null, () => 7, () => ({}), () => new Uint8Array()]) {
    const { verifier, request } = await scene({ certificate });
    await refused("certificate_mismatch", () => verifier.authenticate(request()));
  }
  const { by, verifier, request } = await scene({ certificate: () => Promise.reject(new Error("down")) });
  const error = await refused("invalid_option", () => verifier.authenticate(request()));
  assert.equal(error.cause.message, "down");
  const { verifier: optional } = await scene({ certificate: () => undefined });
  assert.equal((await optional.authenticate({ headers: { authorization: `Bearer ${await token(by)}` } })).claims.sub, "alice");
});

test("RFC 8705 3: a certificate's option that names nothing is refused", async () => {
  for (const certificate of [null, "client-cert", {}, { header: 7 }, { header: "a", other: 1 }, []]) {
    await refused("invalid_option", () => scene({ certificate }));
  }
});
