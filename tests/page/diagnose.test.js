/** What `countersign/diagnose` says of each misconfiguration, at real providers: the local authority and oidc-provider. */
import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startAuthority } from "../authority/start.js";
import { startOidcProvider } from "./oidc-provider.js";
import { loaded, opened } from "./scene.js";

const authority = await startAuthority({ https: false, automatic: { user: "alice@contoso.onmicrosoft.com" } });
after(() => authority.close());
const registrationOf = (name) => authority.registrations.find((registration) => registration.name === name);
const PAGE = registrationOf("Orders page");
const issuer = `${authority.http}/${PAGE.tenant}/v2.0`;

async function register(registration, kind, uris) {
  const response = await fetch(`${authority.control}/directory/registrations/${registration.clientId}`, {
    method: "PATCH",
    body: JSON.stringify({ redirectUris: { [kind]: uris } }),
  });
  assert.equal(response.status, 200, await response.text());
}

/** A page that is registered with the authority, and what its client would be. */
async function page(t, settings) {
  const scene = await opened(t, settings);
  const options = { authority: issuer, clientId: PAGE.clientId, redirectUri: `${scene.origin}/` };
  await register(PAGE, "spa", [options.redirectUri]);
  return Object.assign(scene, { options });
}

const diagnosed = ({ page }, options, method, given) =>
  page.evaluate(([options, method, given]) => globalThis.program.diagnosed(options, method, given), [options, method, given]);

/** Leaves for the provider, and comes back with its response. */
async function leave(scene, options, signIn = async () => {}) {
  const client = await scene.newClient(scene.page, options);
  const back = scene.page.waitForURL((url) => url.origin === scene.origin && /[?&]state=/.test(url.search));
  client.call("signIn").catch(() => {});
  await scene.page.waitForURL((url) => url.origin !== scene.origin || url.search !== "");
  await signIn(scene.page);
  await back;
  await loaded(scene.page);
}

function assertFound(diagnosis, { finding, change, says, ...others }) {
  assert.deepEqual([diagnosis.finding, diagnosis.change], [finding, change], JSON.stringify(diagnosis, null, 1));
  assert.match(diagnosis.message, says);
  for (const [name, value] of Object.entries(others)) assert.deepEqual(diagnosis[name], value);
}

test("CSP 3 6.1: a policy without the provider in connect-src", async (t) => {
  const scene = await page(t, { site: { policy: "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'" } });
  const diagnosis = await diagnosed(scene, scene.options, "signIn");
  assertFound(diagnosis, { code: "network_error", finding: "csp_connect", change: "page", says: new RegExp(`Add ${authority.http} to connect-src`) });
  assert.match(diagnosis.message, /connect-src 'self'$/);
});

test("CSP 3 8.1: a policy without 'wasm-unsafe-eval'", async (t) => {
  const scene = await page(t, { site: { policy: "script-src 'self'" } });
  assertFound(await diagnosed(scene, scene.options, "signIn"), { code: "csp_blocks_wasm", finding: "csp_wasm", change: "page", says: /script-src/ });
});

test("Fetch 3.3: oidc-provider's token endpoint does not allow the page's origin", async (t) => {
  const scene = await page(t);
  const provider = await startOidcProvider({ redirectUri: `${scene.origin}/`, origin: "https://other.example" });
  t.after(provider.stop);
  const options = { ...scene.options, authority: provider.issuer, clientId: "page" };
  await leave(scene, options, provider.signIn);
  const diagnosis = await diagnosed(scene, options, "handleRedirect");
  assertFound(diagnosis, { code: "network_error", finding: "cors", change: "provider", says: new RegExp(`does not allow the page's origin ${scene.origin}`) });
});

test("Fetch 3.3: an API does not allow the page's origin", async (t) => {
  const scene = await page(t);
  await leave(scene, scene.options);
  const client = await scene.newClient(scene.page, scene.options);
  await client.call("handleRedirect");
  // The control endpoints of the authority are for tests, and allow no page.
  assertFound(await diagnosed(scene, scene.options, "fetch", `${authority.control}/`), { code: "network_error", finding: "cors", change: "server", says: /expose www-authenticate/ });
});

test("RFC 6749 2.2: Entra does not know the client, and the user comes back from its error page", async (t) => {
  const scene = await page(t);
  const options = { ...scene.options, clientId: "00000000-1111-2222-3333-444444444444" };
  await scene.page.evaluate((options) => {
    globalThis.program.failureOf(options, "signIn").then((error) => (globalThis.failed = error));
  }, options);
  await scene.page.waitForURL((url) => url.origin !== scene.origin);
  await scene.page.goBack({ waitUntil: "commit" });
  await scene.page.waitForFunction(() => globalThis.failed !== undefined);
  const diagnosis = await diagnosed(scene, options, "code", await scene.page.evaluate(() => globalThis.failed.code));
  assertFound(diagnosis, { code: "sign_in_abandoned", finding: "client", change: "page", says: /does not know the client 00000000-1111/ });
});

test("RFC 6749 2.2: oidc-provider does not know the client", async (t) => {
  const scene = await page(t);
  const provider = await startOidcProvider({ redirectUri: `${scene.origin}/` });
  t.after(provider.stop);
  const options = { ...scene.options, authority: provider.issuer, clientId: "nobody" };
  assertFound(await diagnosed(scene, options, "code", "sign_in_abandoned"), { finding: "client", change: "page", says: /does not know the client nobody/ });
});

test("RFC 6749 3.1.2.3: Entra refuses a redirect URI that is not registered", async (t) => {
  const scene = await page(t);
  const options = { ...scene.options, redirectUri: `${scene.origin}/orders/5` };
  assertFound(await diagnosed(scene, options, "code", "sign_in_abandoned"), { finding: "redirect_uri", change: "provider", says: /add http:.*\/orders\/5 as the platform Single-page application/ });
});

test("RFC 6749 3.1.2.3: oidc-provider refuses a redirect URI that is not registered", async (t) => {
  const scene = await page(t);
  const provider = await startOidcProvider({ redirectUri: `${scene.origin}/` });
  t.after(provider.stop);
  const options = { ...scene.options, authority: provider.issuer, clientId: "page", redirectUri: `${scene.origin}/other` };
  assertFound(await diagnosed(scene, options, "code", "sign_in_abandoned"), { finding: "redirect_uri", change: "provider", says: /Register http:.*\/other with the provider/ });
  const good = { ...options, redirectUri: `${scene.origin}/` };
  assertFound(await diagnosed(scene, good, "code", "sign_in_abandoned"), { finding: "unknown", change: "nothing", says: /./ });
});

test("RFC 6749 3.1.2: a redirect URI at another origin, and one with a fragment", async (t) => {
  const scene = await page(t);
  for (const [redirectUri, says] of [["http://127.0.0.1:1/", /another origin than the page/], [`${scene.origin}/#/back`, /fragment/]]) {
    assertFound(await diagnosed(scene, { ...scene.options, redirectUri }, "code", "sign_in_abandoned"), { finding: "redirect_uri", change: "page", says });
  }
});

test("Entra, AADSTS9002326: the client is registered as a web app, not as a single-page application", async (t) => {
  const scene = await page(t);
  const site = registrationOf("Orders site");
  await register(site, "web", [scene.options.redirectUri]);
  const options = { ...scene.options, clientId: site.clientId };
  await leave(scene, options);
  assertFound(await diagnosed(scene, options, "handleRedirect"), { finding: "client_type", change: "provider", says: /from the platform Web to Single-page application/ });
});

test("Discovery 4.3: the metadata names another issuer", async (t) => {
  const scene = await page(t);
  const provider = await startOidcProvider({ redirectUri: `${scene.origin}/` });
  t.after(provider.stop);
  const options = { ...scene.options, authority: provider.issuer.replace("localhost", "127.0.0.1") };
  const diagnosis = await diagnosed(scene, options, "signIn");
  assertFound(diagnosis, { code: "metadata_issuer_mismatch", finding: "issuer", change: "page", says: new RegExp(`names the issuer ${provider.issuer}, not`) });
});

test("Discovery 4: the authority is the URL of the metadata itself, or of an endpoint", async (t) => {
  const scene = await page(t);
  for (const wrong of [`${issuer}/.well-known/openid-configuration`, `${authority.http}/${PAGE.tenant}/oauth2/v2.0/authorize`]) {
    const diagnosis = await diagnosed(scene, { ...scene.options, authority: wrong }, "signIn");
    assert.equal(diagnosis.change, "page", JSON.stringify(diagnosis));
    assert.match(diagnosis.message, /Set authority: "http/);
  }
});

test("Discovery 4: there is no provider at the authority, but there is one at its origin", async (t) => {
  const scene = await page(t);
  const provider = await startOidcProvider({ redirectUri: `${scene.origin}/` });
  t.after(provider.stop);
  const diagnosis = await diagnosed(scene, { ...scene.options, authority: `${provider.issuer}/realms/mine` }, "signIn");
  assert.match(diagnosis.message, new RegExp(`Set authority: "${provider.issuer}"`));
});

test("Discovery 4: a tenant that Entra does not know", async (t) => {
  const scene = await page(t);
  const diagnosis = await diagnosed(scene, { ...scene.options, authority: `${authority.http}/nobody.example/v2.0` }, "signIn");
  assertFound(diagnosis, { finding: "authority", change: "page", says: /Set authority to the provider's issuer/ });
});

test("RFC 6749 3.3: Entra does not know the API of the scope", async (t) => {
  const scene = await page(t);
  const options = { ...scene.options, scope: "openid api://nobody.example/Notes.Read" };
  const client = await scene.newClient(scene.page, options);
  client.call("signIn").catch(() => {});
  await scene.page.waitForURL(/[?&](state|error)=/);
  await loaded(scene.page);
  assertFound(await diagnosed(scene, options, "handleRedirect"), { finding: "scope", change: "page", says: /Application ID URI/ });
});

test("HTML 4.8.5: a frame of another site is denied storage", async (t) => {
  const scene = await page(t);
  await scene.page.evaluate(() => document.body.append(Object.assign(document.createElement("iframe"), { src: "/", sandbox: "allow-scripts" })));
  await scene.page.waitForFunction(() => frames.length === 1);
  const frame = scene.page.frames()[1];
  await loaded(frame);
  assertFound(await diagnosed({ page: frame }, scene.options, "signIn"), { code: "storage_unavailable", finding: "storage", change: "page", says: /in a frame of another site/ });
});

test("RFC 7519 4.1.4: this device's clock is two hours ahead", async (t) => {
  const scene = await page(t, { clock: Date.now() + 7_200_000 });
  assertFound(await diagnosed(scene, scene.options, "code", "token_expired"), { finding: "clock", change: "machine", says: /about 7[12]\d\d seconds ahead/ });
});

test("the network is away, and back", async (t) => {
  const scene = await page(t);
  // What the page has loaded by then.
  await scene.newClient(scene.page, scene.options);
  await diagnosed(scene, scene.options, "code", "aborted");
  await scene.context.setOffline(true);
  assertFound(await diagnosed(scene, scene.options, "signIn"), { code: "network_error", finding: "offline", change: "nothing", says: /offline/ });
});

test("nothing listens where the provider should be", async (t) => {
  const scene = await page(t);
  assertFound(await diagnosed(scene, { ...scene.options, authority: "http://localhost:9" }, "signIn"), { code: "network_error", finding: "unreachable", change: "server", says: /cannot be reached/ });
});

test("a provider's URL that redirects", async (t) => {
  const scene = await page(t, { site: { moved: { "/.well-known/openid-configuration": "/" } } });
  assertFound(await diagnosed(scene, { ...scene.options, authority: scene.origin }, "signIn"), { code: "network_error", finding: "redirects", change: "page", says: /redirects/ });
});

test("a page that keeps signing in: the redirect URI has no page, another URL, or a page that calls no handleRedirect", async (t) => {
  const scene = await page(t, { site: { moved: { "/old": "/" } } });
  for (const [path, change, says] of [["/missing.js", "server", /no page at the redirect URI.*404/], ["/old", "server", /redirects the redirect URI/], ["/", "page", /Call handleRedirect there/]]) {
    const options = { ...scene.options, redirectUri: scene.origin + path };
    assertFound(await diagnosed(scene, options, "code", "sign_in_loop"), { finding: "redirect_page", change, says });
  }
});

test("what is no error of Countersign's is the page's own, and a failure that passed says so", async (t) => {
  const scene = await page(t);
  const foreign = await scene.page.evaluate(() => globalThis.program.diagnosed({ authority: "https://login.example", clientId: "a", get redirectUri() { throw new Error("own"); } }, "code", "aborted").catch((error) => error.message));
  assert.equal(foreign, "own");
  assertFound(await diagnosed(scene, scene.options, "code", "provider_unavailable"), { finding: "unknown", change: "nothing", says: /./ });
});
