import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Browser, post, startForTests, verify } from "./fixture.js";
import { pythonWithMsal } from "./python/environment.js";

describe("Python's msal, unmodified", () => {
  let authority, answers, audience;

  before(async () => {
    const [python, running] = await Promise.all([pythonWithMsal(), startForTests()]);
    authority = running;
    audience = authority.app["Orders API"].clientId;
    const certified = authority.app["Daemon with a certificate"];
    answers = await acquire(python, {
      https: authority.https,
      certificate: authority.certificate,
      tenant: authority.contoso.id,
      secret: authority.app["Daemon with a secret"],
      certified,
      thumbprint: createHash("sha1").update(new X509Certificate(await readFile(certified.certificate)).raw).digest("hex"),
      shop: authority.app["Shop API"],
      assertion: await tokenForTheShop(authority),
    });
  });
  after(() => authority?.close());

  /** The library counts an answer as cached when it says so, and gives the same token again. */
  async function accepted({ first, second }) {
    assert.equal(first.error, undefined, first.error_description);
    assert.equal(first.token_source, "identity_provider");
    assert.equal(second.token_source, "cache");
    assert.equal(second.access_token, first.access_token);
    return (await verify(first.access_token, { audience })).claims;
  }

  test("client credentials with a secret", async () => {
    assert.equal((await accepted(answers.secret)).azpacr, "1");
  });

  test("client credentials with a certificate: PS256, x5t#S256, x5c", async () => {
    assert.equal((await accepted(answers.certificate)).azpacr, "2");
    assert.deepEqual(await assertionHeader("PS256", "x5t#S256"), ["alg", "typ", "x5c", "x5t#S256"]);
  });

  test("client credentials with a certificate: RS256, x5t", async () => {
    assert.equal((await accepted(answers.certificateSha1)).azpacr, "2");
    assert.deepEqual(await assertionHeader("RS256", "x5t"), ["alg", "typ", "x5t"]);
  });

  test("on-behalf-of", async () => {
    const claims = await accepted(answers.onBehalfOf);
    assert.equal(claims.preferred_username, "alice@contoso.onmicrosoft.com");
    assert.equal(claims.scp, "Orders.Read");
  });

  test("instance discovery at this authority", () => {
    assert.equal(answers.instanceDiscovery, `${authority.https}/${authority.contoso.id}/oauth2/v2.0/token`);
  });

  test("a wrong secret is read with its code", () => {
    assert.equal(answers.wrongSecret.error, "invalid_client");
    assert.deepEqual(answers.wrongSecret.error_codes, [7000215]);
  });

  async function assertionHeader(alg, thumbprint) {
    const requests = await authority.control.get("/requests?path=/token");
    const request = requests.find(({ form }) => form.client_assertion?.header.alg === alg && thumbprint in form.client_assertion.header);
    return Object.keys(request.form.client_assertion.header).sort();
  }
});

async function acquire(python, given) {
  const script = fileURLToPath(new URL("./python/acquire.py", import.meta.url));
  // The library's `verify` gives way to this variable where it is set already.
  const child = spawn(python, [script], { env: { ...process.env, REQUESTS_CA_BUNDLE: given.certificate } });
  child.stdin.end(JSON.stringify(given));
  const [output, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.ok(output, complaint);
  return JSON.parse(output);
}

/** An access token for the middle tier, as its caller sends it. */
async function tokenForTheShop(authority) {
  const site = authority.app["Orders site"];
  const redirect_uri = "http://localhost:1/callback";
  const scope = "api://shop.contoso.example/access_as_user";
  const base = `${authority.https}/${authority.contoso.id}/oauth2/v2.0`;
  const query = new URLSearchParams({ client_id: site.clientId, response_type: "code", redirect_uri, scope, login_hint: "alice@contoso.onmicrosoft.com" });
  const { code } = await new Browser().authorize(`${base}/authorize?${query}`);
  const { body } = await post(`${base}/token`, { client_id: site.clientId, client_secret: site.secret, grant_type: "authorization_code", code, redirect_uri, scope });
  return body.access_token;
}
