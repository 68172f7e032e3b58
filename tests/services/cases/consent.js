// Consent and registration: what is declared, what is granted, and the administrator's consent ("Admin consent on the Microsoft
// identity platform").

import { adminConsentUrl, missingPermissions, missingRoles, readAdminConsent, readApplication, undeclared, withApplication } from "countersign/consent";
import { createConfidentialClient } from "countersign/edge";
import { assert } from "chai";

import { refused } from "../../edge/cases/case.js";
import { recording, test } from "./authority.js";

const ORDERS = "api://orders.contoso.example";
const LEDGER = "https://ledger.contoso.example";
const APPLICATION = {
  clientId: "daemon",
  redirectUris: ["https://app.example/"],
  apis: [
    { resource: ORDERS, scopes: { "Orders.Read": "user", "Orders.Manage": "administrator" }, roles: ["Orders.Read.All", "Orders.Write.All"] },
    { resource: LEDGER, roles: ["Ledger.Read.All"] },
  ],
};
const ASKED = { authority: "https://login.microsoftonline.com/contoso.example/v2.0", clientId: "a b", redirectUri: "https://app.example/?a=b", state: "s&t" };

test("Entra, admin consent: the URL of each version, with every value encoded", () => {
  const v2 = new URL(adminConsentUrl({ ...ASKED, scope: [`${ORDERS}/.default`] }));
  assert.equal(`${v2.origin}${v2.pathname}`, "https://login.microsoftonline.com/contoso.example/v2.0/adminconsent");
  const expected = { client_id: "a b", redirect_uri: "https://app.example/?a=b", state: "s&t" };
  assert.deepEqual(Object.fromEntries(v2.searchParams), { ...expected, scope: `${ORDERS}/.default` });
  const v1 = new URL(adminConsentUrl({ ...ASKED, authority: "https://login.microsoftonline.com/organizations" }));
  assert.equal(v1.pathname, "/organizations/adminconsent");
  assert.deepEqual(Object.fromEntries(v1.searchParams), expected);
});

test("Entra, admin consent: a request that cannot succeed is refused, and one without state", async () => {
  for (const wrong of [
    { authority: "https://login.microsoftonline.com/common/v2.0" },
    { authority: "https://login.microsoftonline.com" },
    { authority: "http://login.example/t/v2.0" },
    { authority: "https://login.example/a/b/v2.0" },
    { scope: undefined },
    { authority: "https://login.microsoftonline.com/t", scope: "x" },
    { state: "" },
    { redirectUri: "/callback" },
  ]) {
    await refused("invalid_option", () => adminConsentUrl({ ...ASKED, scope: `${ORDERS}/.default`, ...wrong }));
  }
});

test("Entra, admin consent: the authority takes the URL of each version, and what it redirects to is read without its tenant", async ({ v1, v2, applications }) => {
  const { clientId, redirectUris } = applications["Orders site"];
  for (const asked of [{ authority: v2, scope: `${ORDERS}/.default` }, { authority: v1 }]) {
    const url = adminConsentUrl({ ...asked, clientId, redirectUri: redirectUris[0], state: "x" });
    const response = await fetch(`${url}&login_hint=admin@contoso.onmicrosoft.com`, { redirect: "manual" });
    const location = response.headers.get("location");
    const granted = readAdminConsent(location, { state: "x" });
    assert.hasAllKeys(granted, ["scopes"]);
    await refused("response_invalid", () => readAdminConsent(location, { state: "y" }));
  }
});

test("Entra, admin consent: a response of another request, a refusal and a doubled parameter are no consent", async () => {
  const read = (query) => readAdminConsent(`https://app.example/?${query}`, { state: "x" });
  await refused("response_invalid", () => read("admin_consent=True&tenant=t&state=y"));
  await refused("response_invalid", () => read("admin_consent=True&tenant=t"));
  await refused("response_invalid", () => read("admin_consent=True&state=x&state=y"));
  await refused("response_invalid", () => read("tenant=t&state=x"));
  await refused("response_invalid", () => read("admin_consent=False&state=x"));
  const error = await refused("authorization_refused", () => read("error=access_denied&error_description=AADSTS65004&admin_consent=True&state=x"));
  assert.deepEqual([error.error, error.error_description], ["access_denied", "AADSTS65004"]);
  await refused("invalid_option", () => readAdminConsent("https://app.example/?admin_consent=True&state=", { state: "" }));
});

test("application.json: what is asked and not declared is named", async () => {
  assert.deepEqual(undeclared(APPLICATION, { scope: `openid ${ORDERS}/Orders.Read ${ORDERS}/.default`, redirectUri: "https://app.example/" }), []);
  assert.deepEqual(undeclared(APPLICATION, { scope: `${ORDERS}/Orders.Delete ${LEDGER}/x Mail.Read` }), [`${ORDERS}/Orders.Delete`, `${LEDGER}/x`, "Mail.Read"]);
  assert.deepEqual(undeclared(APPLICATION, { scope: `${ORDERS}/constructor` }), [`${ORDERS}/constructor`]);
  assert.deepEqual(undeclared(APPLICATION, { resource: "api://other", redirectUri: "https://app.example" }), ["api://other", "https://app.example"]);
  assert.deepEqual(undeclared(JSON.stringify(APPLICATION), { resource: LEDGER }), []);
  for (const wrong of ["{", "[]", {}, { ...APPLICATION, redirectUris: "x" }, { ...APPLICATION, apis: [{}] }, { ...APPLICATION, apis: [{ resource: "r", scopes: { s: "anybody" } }] }]) {
    await refused("invalid_option", () => readApplication(wrong));
  }
});

test("application.json: a call for more is refused before it is sent, and a role that nobody granted is named", async ({ v2, applications }) => {
  const { clientId, secret } = applications["Daemon with a secret"];
  const { fetch: recorded, forms } = recording();
  const client = withApplication(createConfidentialClient({ authority: v2, clientId, credential: { secret }, fetch: recorded }), APPLICATION);
  const { detail } = await refused("invalid_option", () => client.clientCredentials({ scope: "api://payroll.contoso.example/.default" }));
  assert.match(detail, /payroll/);
  await refused("invalid_option", () => client.fetch("https://payroll.example/", { token: { scope: "api://payroll.contoso.example/.default" } }));
  assert.lengthOf(forms, 0);
  assert.deepEqual(await missingRoles(client, APPLICATION), [{ resource: ORDERS, permission: "Orders.Write.All", consent: "administrator" }]);
});

test("application.json: a user's token that lacks a scope says who can consent to it", async (authority) => {
  const accessToken = await authority.userToken({ scope: `${ORDERS}/Orders.Read` });
  assert.deepEqual(missingPermissions(APPLICATION, { resource: ORDERS, accessToken }), [{ resource: ORDERS, permission: "Orders.Manage", consent: "administrator" }]);
  await refused("token_malformed", () => missingPermissions(APPLICATION, { resource: ORDERS, accessToken: "opaque" }));
});
