import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { post, startForTests, verify } from "./fixture.js";
import { launchChromium } from "./page/chromium.js";

/** With SCREENSHOTS set to a folder, every page is photographed into it. */
const { SCREENSHOTS } = process.env;

describe("the pages, used as a person uses them", () => {
  let authority, chromium, application, REDIRECT;
  before(async () => {
    if (SCREENSHOTS) await mkdir(SCREENSHOTS, { recursive: true });
    application = http.createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<title>Application</title>"));
    await once(application.listen(0, "127.0.0.1"), "listening");
    REDIRECT = `http://localhost:${application.address().port}/callback`;
    [authority, chromium] = await Promise.all([startForTests({ automatic: null }), launchChromium()]);
  });
  after(async () => {
    await Promise.all([chromium?.close(), authority?.close()]);
    application.closeAllConnections();
    application.close();
  });

  async function open(t, { dark = false } = {}) {
    const context = await chromium.newContext({ ignoreHTTPSErrors: true, viewport: { width: 900, height: 720 }, colorScheme: dark ? "dark" : "light" });
    t.after(() => context.close());
    return context.newPage();
  }

  const authorizeUrl = (parameters, tenant = authority.contoso.id) =>
    `${authority.https}/${tenant}/oauth2/v2.0/authorize?${new URLSearchParams({ client_id: authority.app["Orders site"].clientId, response_type: "code", redirect_uri: REDIRECT, scope: "openid", state: "s", ...parameters })}`;

  async function responseAt(page) {
    await page.waitForURL(`${REDIRECT}**`);
    return Object.fromEntries(new URL(page.url()).searchParams);
  }

  async function photograph(page, name, heading) {
    await page.getByRole("heading", { name: heading }).waitFor();
    if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/${name}.png` });
  }

  async function typeUserName(page, name) {
    await page.getByLabel("User name").fill(name);
    await page.keyboard.press("Enter");
  }

  async function typePassword(page, password) {
    await page.getByLabel("Password").fill(password);
    await page.keyboard.press("Enter");
  }

  async function signIn(page, user = "alice@contoso.onmicrosoft.com", password = "alice-password") {
    await typeUserName(page, user);
    await typePassword(page, password);
  }

  /** A mistake in words for people, and tied to its input (WAI-ARIA 1.2: aria-invalid, aria-describedby). */
  async function toldInPlace(page, label, text) {
    const alert = page.getByRole("alert");
    await alert.getByText(text).waitFor();
    assert.doesNotMatch(await alert.textContent(), /AADSTS/);
    const input = page.getByLabel(label, { exact: true });
    assert.equal(await input.getAttribute("aria-invalid"), "true");
    assert.equal(await input.getAttribute("aria-describedby"), await alert.getAttribute("id"));
  }

  test("user name, then password, with the keyboard alone; mistakes are told in place", async (t) => {
    const page = await open(t);
    await page.goto(authorizeUrl());
    await photograph(page, "user-name", "Sign in");
    await typeUserName(page, "nobody@contoso.onmicrosoft.com");
    await toldInPlace(page, "User name", "We couldn't find an account with that user name.");
    await photograph(page, "user-name-wrong", "Sign in");
    await typeUserName(page, "alice@contoso.onmicrosoft.com");
    await photograph(page, "password", "Enter password");
    await typePassword(page, "wrong");
    await toldInPlace(page, "Password", "That password is incorrect.");
    assert.ok(!(await page.content()).includes("wrong\""), "the password does not come back");
    await typePassword(page, "alice-password");
    assert.ok((await responseAt(page)).code);
  });

  test("somebody who is new here finds the accounts and their passwords on the pages", async (t) => {
    const page = await open(t);
    await page.goto(authorizeUrl({ login_hint: "" }));
    await page.getByText("Accounts of this authority").click();
    await photograph(page, "accounts", "Sign in");
    await page.getByRole("button", { name: /Bob Berg/ }).click();
    await page.getByText("The password of this account").click();
    await page.getByText("bob-password").waitFor();
    await page.getByRole("button", { name: "Back" }).click();
    await page.getByLabel("User name").waitFor();
  });

  test("pick an account: one that is signed in, or another", async (t) => {
    const page = await open(t);
    await page.goto(authorizeUrl());
    await signIn(page);
    await responseAt(page);
    await page.goto(authorizeUrl({ prompt: "select_account" }));
    await photograph(page, "pick-an-account", "Pick an account");
    await page.getByRole("button", { name: "Use another account" }).click();
    await signIn(page, "bob@contoso.onmicrosoft.com", "bob-password");
    await responseAt(page);
    // Two are signed in now, so that it asks by itself.
    await page.goto(authorizeUrl());
    await page.getByRole("button", { name: /Bob Berg/ }).waitFor();
    await page.getByRole("button", { name: /Alice Anders/ }).click();
    assert.ok((await responseAt(page)).code);
  });

  test("prompt=login asks for the password although there is a session; login_hint skips the user name", async (t) => {
    const page = await open(t);
    await page.goto(authorizeUrl({ login_hint: "alice@contoso.onmicrosoft.com" }));
    await typePassword(page, "alice-password");
    await responseAt(page);
    await page.goto(authorizeUrl({ login_hint: "alice@contoso.onmicrosoft.com" }));
    await responseAt(page);
    await page.goto(authorizeUrl({ prompt: "login", login_hint: "alice@contoso.onmicrosoft.com" }));
    await typePassword(page, "alice-password");
    assert.ok((await responseAt(page)).code);
  });

  test("consent as a user; it is remembered", async (t) => {
    const page = await open(t);
    const scope = "openid api://orders.contoso.example/Orders.Write https://graph.microsoft.com/Mail.Read";
    await page.goto(authorizeUrl({ scope }));
    await signIn(page);
    await page.getByText("Place and change orders for you").waitFor();
    await photograph(page, "consent", "Permissions requested");
    assert.equal(await page.getByLabel("Consent on behalf of your organisation").count(), 0);
    await page.getByRole("button", { name: "Accept" }).click();
    assert.ok((await responseAt(page)).code);
    await page.goto(authorizeUrl({ scope, prompt: "none" }));
    assert.ok((await responseAt(page)).code);
    await page.goto(authorizeUrl({ scope, prompt: "consent" }));
    await page.getByRole("button", { name: "Cancel" }).click();
    assert.deepEqual(await responseAt(page).then(({ error, state }) => [error, state]), ["access_denied", "s"]);
  });

  test("the first sign-in with OpenID's scopes alone asks for consent, and never again", async (t) => {
    const page = await open(t);
    const url = authorizeUrl({ scope: "openid profile offline_access", login_hint: "admin@fabrikam.onmicrosoft.com" }, "organizations");
    await page.goto(url);
    await typePassword(page, "fabrikam-admin-password");
    for (const permission of ["openid", "profile", "offline_access", "User.Read"]) {
      await page.getByRole("listitem").filter({ hasText: `Microsoft Graph: ${permission}` }).waitFor();
    }
    await photograph(page, "consent-first-sign-in", "Permissions requested");
    await page.getByRole("button", { name: "Accept" }).click();
    assert.ok((await responseAt(page)).code);
    await page.goto(url);
    assert.ok((await responseAt(page)).code);
  });

  test("domain_hint: only that domain's accounts are offered", async (t) => {
    const page = await open(t);
    await page.goto(authorizeUrl({ domain_hint: "fabrikam.onmicrosoft.com" }, "organizations"));
    assert.equal(await page.getByLabel("User name").getAttribute("placeholder"), "name@fabrikam.onmicrosoft.com");
    await page.getByText("Accounts of this authority").click();
    await page.getByRole("button", { name: /Frank Falk/ }).waitFor();
    assert.equal(await page.getByRole("button", { name: /Alice Anders/ }).count(), 0);
  });

  test("an administrator's permission: a user is stopped, an administrator consents for everybody", async (t) => {
    const scope = "openid api://orders.contoso.example/Orders.Manage";
    const page = await open(t);
    await page.goto(authorizeUrl({ scope }));
    await signIn(page);
    await page.getByText("AADSTS90094").waitFor();
    await photograph(page, "administrator-needed", "An administrator's approval is needed");
    await page.getByRole("button", { name: "Back to the application" }).click();
    assert.equal((await responseAt(page)).error, "access_denied");

    await page.goto(authorizeUrl({ scope, prompt: "select_account" }));
    await page.getByRole("button", { name: "Use another account" }).click();
    await signIn(page, "admin@contoso.onmicrosoft.com", "admin-password");
    await page.getByLabel("Consent on behalf of your organisation").check();
    await photograph(page, "consent-as-administrator", "Permissions requested");
    await page.getByRole("button", { name: "Accept" }).click();
    assert.ok((await responseAt(page)).code);

    await page.goto(authorizeUrl({ scope, login_hint: "alice@contoso.onmicrosoft.com" }));
    assert.ok((await responseAt(page)).code);
  });

  describe("admin consent", () => {
    const url = (version, parameters) =>
      `${authority.https}/organizations${version === 2 ? "/v2.0" : ""}/adminconsent?${new URLSearchParams({ client_id: authority.app["Orders site"].clientId, redirect_uri: REDIRECT, state: "s", ...parameters })}`;
    const appRoles = async () => {
      const { body } = await post(`${authority.https}/${authority.contoso.id}/oauth2/v2.0/token`, { client_id: authority.app["Orders site"].clientId, client_secret: authority.app["Orders site"].secret, grant_type: "client_credentials", scope: "api://orders.contoso.example/.default" });
      return (await verify(body.access_token)).claims.roles;
    };

    test("v1.0: all that the registration asks for, app roles too; declined, then accepted", async (t) => {
      const page = await open(t);
      await page.goto(url(1));
      await signIn(page, "admin@contoso.onmicrosoft.com", "admin-password");
      await page.getByText("Read all orders").waitFor();
      await photograph(page, "admin-consent", "Permissions requested for Contoso");
      await page.getByRole("button", { name: "Cancel" }).click();
      const declined = await responseAt(page);
      assert.deepEqual([declined.error, declined.admin_consent, declined.state], ["consent_required", "True", "s"]);
      assert.match(declined.error_description, /AADSTS65004/);
      assert.equal(await appRoles(), undefined);

      await page.goto(url(1));
      await page.getByRole("button", { name: "Accept" }).click();
      assert.deepEqual(await responseAt(page), { admin_consent: "True", tenant: authority.contoso.id, state: "s" });
      assert.deepEqual(await appRoles(), ["Orders.Read.All"]);
    });

    test("v2.0: the scopes named, and what was granted comes back", async (t) => {
      const page = await open(t);
      const scope = "https://graph.microsoft.com/Directory.Read.All";
      await page.goto(url(2, { scope }));
      await signIn(page, "admin@contoso.onmicrosoft.com", "admin-password");
      await page.getByRole("button", { name: "Accept" }).click();
      assert.deepEqual(await responseAt(page), { admin_consent: "True", tenant: authority.contoso.id, scope, state: "s" });
      await page.goto(authorizeUrl({ scope: `openid ${scope}` }));
      assert.ok((await responseAt(page)).code);
    });

    test("v2.0 without a scope, and somebody who is no administrator", async (t) => {
      const page = await open(t);
      await page.goto(url(2));
      await page.getByText("AADSTS900144").waitFor();
      await page.goto(url(1));
      await signIn(page);
      await page.getByText("AADSTS90094").waitFor();
    });

    test("prompt=admin_consent at the v1.0 authorize endpoint", async (t) => {
      const page = await open(t);
      await page.goto(authorizeUrl({ prompt: "admin_consent", resource: "https://ledger.contoso.example" }).replace("/v2.0", ""));
      await signIn(page, "admin@contoso.onmicrosoft.com", "admin-password");
      await page.getByRole("button", { name: "Accept" }).click();
      const { code, admin_consent } = await responseAt(page);
      assert.ok(code);
      assert.equal(admin_consent, "True");
    });
  });

  test("an account of another organisation: the error page has the code, and a way to another account", async (t) => {
    const page = await open(t);
    await page.goto(authorizeUrl());
    await signIn(page, "frank@fabrikam.onmicrosoft.com", "frank-password");
    await page.getByText("AADSTS90072").waitFor();
    await photograph(page, "error", "having trouble");
    await page.getByRole("button", { name: "Use another account" }).click();
    await page.getByRole("button", { name: "Use another account" }).click();
    await signIn(page);
    assert.ok((await responseAt(page)).code);
  });

  test("an unregistered redirect URI: an error page that leads nowhere", async (t) => {
    const page = await open(t, { dark: true });
    const response = await page.goto(authorizeUrl({ redirect_uri: "https://stranger.example/" }));
    assert.equal(response.status(), 400);
    await page.getByText("AADSTS50011").waitFor();
    assert.equal(await page.getByRole("button").count(), 0);
    await photograph(page, "error-dark", "having trouble");
  });

  test("Conditional Access: a second factor is approved once for the session; denied, it is told", async (t) => {
    await authority.control.patch("/directory/tenants/fabrikam.onmicrosoft.com", { conditionalAccess: [{ id: "3f0c1a5e-0000-4000-8000-000000000002", applications: ["all"], control: "mfa" }] });
    await authority.control.patch("/directory/registrations/Orders site", { installedIn: [authority.fabrikam.id] });
    t.after(() => authority.control.patch("/directory/tenants/fabrikam.onmicrosoft.com", { conditionalAccess: [] }));
    const page = await open(t);
    const url = authorizeUrl({ scope: "openid" }, authority.fabrikam.id);
    await page.goto(url);
    await signIn(page, "erin@fabrikam.onmicrosoft.com", "erin-password");
    await photograph(page, "second-factor", "Approve the sign-in request");
    await page.getByRole("button", { name: "Deny" }).click();
    await page.getByText("AADSTS50076").waitFor();
    await page.goto(url);
    await page.getByRole("button", { name: "Approve" }).click();
    // Erin is new to this application.
    await page.getByRole("button", { name: "Accept" }).click();
    assert.ok((await responseAt(page)).code);
    await page.goto(url);
    assert.ok((await responseAt(page)).code);
  });

  test("device code: the code is typed, the sign-in confirmed, the device gets its token", async (t) => {
    const client_id = authority.app["Orders desktop"].clientId;
    const token = `${authority.https}/${authority.contoso.id}/oauth2/v2.0`;
    const { body: device } = await post(`${token}/devicecode`, { client_id, scope: "openid api://orders.contoso.example/Orders.Read" });
    const page = await open(t);
    await page.goto(device.verification_uri);
    await page.getByLabel("Code").fill("WRONG");
    await page.keyboard.press("Enter");
    await toldInPlace(page, "Code", "That code didn't work.");
    await page.getByLabel("Code").fill(device.user_code.toLowerCase());
    await photograph(page, "device-code", "Enter the code");
    await page.keyboard.press("Enter");
    await signIn(page);
    await photograph(page, "device-confirm", "Are you trying to sign in");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("You are signed in to Orders desktop").waitFor();
    await photograph(page, "device-done", "You are signed in");
    const { body } = await post(`${token}/token`, { client_id, grant_type: "urn:ietf:params:oauth:grant-type:device_code", device_code: device.device_code });
    assert.equal((await verify(body.access_token)).claims.preferred_username, "alice@contoso.onmicrosoft.com");
  });

  test("sign-out: goes back if the URL is registered, stays if not, calls front-channel URLs", async (t) => {
    const page = await open(t);
    const client_id = authority.app["Orders site"].clientId;
    const frontChannel = `${new URL(REDIRECT).origin}/signed-out`;
    await authority.control.patch(`/directory/registrations/${client_id}`, { frontChannelLogoutUrl: frontChannel });
    const signOut = (parameters) => page.goto(`${authority.https}/common/oauth2/v2.0/logout?${new URLSearchParams({ client_id, state: "s", ...parameters })}`);
    await page.goto(authorizeUrl());
    await signIn(page);
    await responseAt(page);
    const called = page.waitForRequest(`${frontChannel}*`);
    await signOut({ post_logout_redirect_uri: REDIRECT });
    const calledUrl = new URL((await called).url());
    assert.equal(calledUrl.searchParams.get("iss"), `${authority.https}/${authority.contoso.id}/v2.0`);
    assert.ok(calledUrl.searchParams.get("sid"));
    assert.deepEqual(await responseAt(page), { state: "s" });

    await page.goto(authorizeUrl({ prompt: "none" }));
    assert.equal((await responseAt(page)).error, "login_required");
    await signOut({ post_logout_redirect_uri: "https://stranger.example/" });
    await page.getByText("You signed out of your account").waitFor();
    await photograph(page, "signed-out", "You signed out");
    assert.ok(page.url().startsWith(authority.https));
  });

  test("pages are not to be framed, cached or told to others (RFC 9700 section 4.16)", async () => {
    const { headers } = await fetch(authorizeUrl());
    assert.deepEqual([headers.get("x-frame-options"), headers.get("cache-control"), headers.get("referrer-policy")], ["DENY", "no-store", "no-referrer"]);
    const preflight = await fetch(authorizeUrl(), { method: "OPTIONS", headers: { origin: new URL(REDIRECT).origin, "access-control-request-method": "GET" } });
    assert.equal(preflight.headers.get("access-control-allow-origin"), null, "no CORS at the authorize endpoint (RFC 9700 section 2.6)");
  });
});
