import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { startForTests, verify } from "./fixture.js";
import { launchChromium } from "./page/chromium.js";
import { servePage } from "./page/serve.js";

const ORDERS = ["api://orders.contoso.example/Orders.Read"];
const LEDGER = ["https://ledger.contoso.example/user_impersonation"];
const ALICE = { name: "alice@contoso.onmicrosoft.com", password: "alice-password" };

describe("msal-browser, unmodified, in Chromium, through the pages", () => {
  let authority, site, chromium;
  const configurations = {};

  before(async () => {
    [authority, site, chromium] = await Promise.all([startForTests({ automatic: null }), servePage(configurations), launchChromium()]);
    // "/redirect.html" has no configuration: it is where popups and frames come back to.
    const auth = (registration, tenant) => ({
      clientId: registration.clientId,
      authority: `${authority.https}/${tenant}`,
      knownAuthorities: [new URL(authority.https).host],
      redirectUri: `${site.origin}/redirect.html`,
      postLogoutRedirectUri: `${site.origin}/index.html`,
    });
    configurations["/index.html"] = { auth: auth(authority.app["Orders page"], authority.contoso.id) };
    configurations["/callback"] = { auth: auth(authority.app["Everywhere page"], "common") };
    configurations["/web.html"] = { auth: auth(authority.app["Orders site"], authority.contoso.id) };
  });
  after(() => Promise.all([chromium?.close(), site?.close(), authority?.close()]));

  beforeEach(async () => {
    await authority.control.delete("/requests");
  });

  async function openPage(t, path = "/index.html") {
    const context = await chromium.newContext({ ignoreHTTPSErrors: true });
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(`${site.origin}${path}`);
    await ready(page);
    return page;
  }

  const ready = (page) => page.getByText("ready").waitFor();
  const call = (page, method, ...args) => page.evaluate(([name, list]) => globalThis.msal[name](...list), [method, args]);

  async function fillIn(page, { name, password }) {
    await page.getByLabel("User name").fill(name);
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  }

  async function signInByRedirect(page, request, user = ALICE) {
    // The page goes away while the call is still open.
    page.evaluate((r) => globalThis.msal.loginRedirect(r), request).catch(() => {});
    await page.waitForURL(`${authority.https}/**`);
    await fillIn(page, user);
    await page.waitForURL(`${site.origin}/index.html*`);
    await ready(page);
    return page.evaluate(() => globalThis.redirected);
  }

  const tokenRequests = async () => (await authority.control.get("/requests?path=/token&method=POST")).filter((r) => r.status === 200);

  test("redirect: signs in, gets a token silently from its cache, one for a second API, signs out", async (t) => {
    const page = await openPage(t);
    const { result, error } = await signInByRedirect(page, { scopes: ORDERS });
    assert.equal(error, undefined);
    assert.equal(result.account.username, ALICE.name);
    await verify(result.idToken, { audience: authority.app["Orders page"].clientId });
    const first = await verify(result.accessToken, { audience: authority.app["Orders API"].clientId });
    assert.equal(first.claims.scp, "Orders.Read");
    assert.equal(first.claims.azpacr, "0");

    const { account } = result;
    const cached = await call(page, "acquireTokenSilent", { scopes: ORDERS, account });
    assert.equal(cached.result.fromCache, true);
    assert.equal(cached.result.accessToken, result.accessToken);

    const second = await call(page, "acquireTokenSilent", { scopes: LEDGER, account });
    assert.equal(second.result.fromCache, false);
    assert.equal((await verify(second.result.accessToken, { audience: "https://ledger.contoso.example" })).claims.ver, "1.0");
    assert.deepEqual((await tokenRequests()).map((r) => r.form.grant_type), ["authorization_code", "refresh_token"]);

    page.evaluate((a) => globalThis.msal.logoutRedirect({ account: a }), account).catch(() => {});
    await page.waitForURL(`${site.origin}/index.html*`);
    await ready(page);
    assert.deepEqual((await call(page, "getAllAccounts")).result, []);
    const gone = await call(page, "ssoSilent", { scopes: ORDERS, loginHint: ALICE.name });
    assert.match(gone.error.errorMessage, /AADSTS50058/);
  });

  test("popup: signs in, and signs out in a popup", async (t) => {
    const page = await openPage(t);
    const opening = page.waitForEvent("popup");
    const signingIn = call(page, "loginPopup", { scopes: ORDERS });
    await fillIn(await opening, ALICE);
    const { result, error } = await signingIn;
    assert.equal(error, undefined);
    await verify(result.accessToken);
    const logout = await call(page, "logoutPopup", { account: result.account, postLogoutRedirectUri: `${site.origin}/redirect.html` });
    assert.deepEqual((await call(page, "getAllAccounts")).result, []);
    assert.equal(logout.error, undefined);
  });

  test("prompt=none in a hidden iframe: single sign-on while the session lasts", async (t) => {
    const page = await openPage(t);
    await signInByRedirect(page, { scopes: ORDERS });
    const { result, error } = await call(page, "ssoSilent", { scopes: LEDGER, loginHint: ALICE.name });
    assert.equal(error, undefined);
    assert.equal(result.account.username, ALICE.name);
    await verify(result.accessToken);
  });

  test("common: consent is asked once, of a user of another organisation; declining it is told to the page", async (t) => {
    const frank = { name: "frank@fabrikam.onmicrosoft.com", password: "frank-password" };
    const page = await openPage(t, "/callback");
    const attempt = async (press) => {
      const opening = page.waitForEvent("popup");
      const signingIn = call(page, "loginPopup", { scopes: ORDERS, prompt: "select_account" });
      const popup = await opening;
      const signedIn = popup.getByRole("button", { name: /Frank Falk/ });
      await popup.getByRole("heading", { name: /Sign in|Pick an account/ }).waitFor();
      if (await signedIn.isVisible()) await signedIn.click();
      else await fillIn(popup, frank);
      if (press) await popup.getByRole("button", { name: press }).click();
      return signingIn;
    };
    const declined = await attempt("Cancel");
    assert.equal(declined.error.errorCode, "access_denied");
    assert.match(declined.error.errorMessage, /AADSTS65004/);
    const accepted = await attempt("Accept");
    assert.equal((await verify(accepted.result.accessToken)).claims.tid, authority.fabrikam.id);
    const again = await attempt(undefined);
    assert.equal(again.error, undefined);
  });

  test("Conditional Access: a silent request is refused with claims, which a popup satisfies", async (t) => {
    const page = await openPage(t);
    const { result: signedIn } = await signInByRedirect(page, { scopes: ORDERS });
    await authority.control.patch("/directory/tenants/contoso.onmicrosoft.com", {
      conditionalAccess: [{ id: "3f0c1a5e-0000-4000-8000-000000000001", applications: ["Ledger API"], control: "mfa" }],
    });
    t.after(() => authority.control.patch("/directory/tenants/contoso.onmicrosoft.com", { conditionalAccess: [] }));
    const { error } = await call(page, "acquireTokenSilent", { scopes: LEDGER, account: signedIn.account });
    assert.equal(error.name, "InteractionRequiredAuthError");
    assert.match(error.errorMessage, /AADSTS50076/);
    assert.deepEqual(JSON.parse(error.claims), { access_token: { polids: { essential: true, values: ["3f0c1a5e-0000-4000-8000-000000000001"] } } });

    const opening = page.waitForEvent("popup");
    const asking = call(page, "acquireTokenPopup", { scopes: LEDGER, account: signedIn.account, claims: error.claims });
    await (await opening).getByRole("button", { name: "Approve" }).click();
    const response = await asking;
    assert.equal(response.error, undefined);
    assert.deepEqual((await verify(response.result.accessToken)).claims.amr, ["pwd", "mfa"]);
  });

  test("the code and the refresh token of the page need an Origin, and last 24 hours in all", async (t) => {
    const page = await openPage(t);
    const { result } = await signInByRedirect(page, { scopes: ORDERS });
    await authority.control.post("/clock", { advance: 23 * 3600 });
    t.after(() => authority.control.post("/clock", { reset: true }));
    const fresh = await call(page, "acquireTokenSilent", { scopes: ORDERS, account: result.account, forceRefresh: true });
    assert.equal(fresh.error, undefined);
    await authority.control.post("/clock", { advance: 2 * 3600 });
    // CacheLookupPolicy.RefreshToken: no hidden iframe after it.
    const late = await call(page, "acquireTokenSilent", { scopes: ORDERS, account: result.account, forceRefresh: true, cacheLookupPolicy: 3 });
    assert.match(late.error.errorMessage, /AADSTS700084/);
    const renewed = await call(page, "acquireTokenSilent", { scopes: ORDERS, account: result.account, forceRefresh: true });
    assert.equal(renewed.error, undefined, "the session is still there, so that a hidden iframe gets a new code");
  });

  test("9002326: a page whose redirect URI is registered as that of a web app", async (t) => {
    const { redirectUris } = (await authority.control.get("/directory")).registrations.find((r) => r.name === "Orders site");
    await authority.control.patch("/directory/registrations/Orders site", { redirectUris: { web: [...redirectUris.web, "https://localhost/redirect.html"] } });
    const page = await openPage(t, "/web.html");
    const opening = page.waitForEvent("popup");
    const signingIn = call(page, "loginPopup", { scopes: ORDERS });
    await fillIn(await opening, ALICE);
    const { error } = await signingIn;
    assert.match(error.errorMessage, /AADSTS9002326/);
    assert.equal(error.errorCode, "invalid_request");
  });

  test("a claims challenge of Graph, to which the library responds", async (t) => {
    configurations["/index.html"].auth.clientCapabilities = ["CP1"];
    t.after(() => delete configurations["/index.html"].auth.clientCapabilities);
    const page = await openPage(t);
    const { result } = await signInByRedirect(page, { scopes: ["User.Read"] });
    const me = (token) =>
      page.evaluate(async ([url, bearer]) => {
        const response = await fetch(url, { headers: { authorization: `Bearer ${bearer}` } });
        return { status: response.status, challenge: response.headers.get("www-authenticate") };
      }, [`${authority.https}/v1.0/me`, token]);
    assert.equal((await me(result.accessToken)).status, 200);
    await authority.control.post("/revoke/access-tokens", { user: ALICE.name });
    const { status, challenge } = await me(result.accessToken);
    assert.equal(status, 401);
    const claims = atob(/claims="([^"]+)"/.exec(challenge)[1]);
    const fresh = await call(page, "acquireTokenSilent", { scopes: ["User.Read"], account: result.account, claims });
    assert.equal(fresh.error, undefined);
    assert.equal((await me(fresh.result.accessToken)).status, 200);
  });
});
