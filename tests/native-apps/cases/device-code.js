// Sign-in on another device: RFC 8628.

import { assert } from "chai";

import { refused } from "../../edge/cases/case.js";
import { ORDERS, test } from "./scene.js";

const ALICE = "alice@contoso.onmicrosoft.com";

test("RFC 8628 3: the app shows a code, and the user enters it in a browser elsewhere", async (scene) => {
  const client = await scene.client();
  const shown = [];
  const account = await client.signInWithDeviceCode(async (code) => {
    shown.push(code);
    await scene.open(code.verificationUri, code.userCode);
  });
  assert.equal(account.claims.preferred_username, ALICE);
  const [{ userCode, message, expiresAt, ...rest }] = shown;
  assert.match(userCode, /^[A-Z]{9}$/);
  assert.include(message, userCode);
  assert.isAbove(expiresAt, Date.now() / 1000 + 600);
  assert.notProperty(rest, "deviceCode");
  assert.equal((await client.getToken()).scope, `${ORDERS}/Orders.Read`);
  // Renewal is as after any sign-in.
  await client.getToken({ forceRefresh: true });
  assert.lengthOf(client.accounts, 1);
});

test("Entra v1.0, device code: its own names for the grant, and numbers that come as strings", async (scene) => {
  const client = await scene.client({ authority: scene.v1, scope: "openid", resource: ORDERS });
  const approve = ({ userCode }) => scene.tell("POST", "/device-codes", { userCode, user: ALICE });
  const account = await client.signInWithDeviceCode(approve);
  assert.deepEqual([account.claims.upn, account.tenant], [ALICE, scene.contoso]);
  assert.isString((await client.getToken()).accessToken);
  const [{ form }] = await scene.tokenRequests({ grant_type: "device_code" });
  assert.property(form, "code");
});

test("RFC 8628 3.3.1: at another provider the user follows the URL that has the code in it", async (scene) => {
  const client = await scene.client({ authority: scene.oidc, clientId: "desktop", scope: "openid profile" });
  const account = await client.signInWithDeviceCode(({ verificationUriComplete, userCode }) => {
    assert.include(verificationUriComplete, encodeURIComponent(userCode));
    return scene.open(verificationUriComplete, userCode);
  });
  assert.deepEqual([account.subject, client.accounts.length], ["ada", 1]);
});

test("RFC 8628 3.5: a user who declines, and a code that expired, are errors of their own", async (scene) => {
  const client = await scene.client();
  const declined = await refused("sign_in_declined", () => client.signInWithDeviceCode(({ userCode }) => scene.tell("POST", "/device-codes", { userCode, decline: true })));
  assert.equal(declined.error, "authorization_declined");
  const expired = await refused("device_code_expired", () => client.signInWithDeviceCode(() => scene.tell("POST", "/clock", { advance: 1000 })));
  assert.equal(expired.error, "expired_token");
  assert.deepEqual(client.accounts, []);
});

test("A device sign-in ends when the app ends it, or cannot show the code", async (scene) => {
  const client = await scene.client();
  const controller = new AbortController();
  await refused("aborted", () => client.signInWithDeviceCode(() => controller.abort(), { signal: controller.signal }));
  const error = await client.signInWithDeviceCode(() => Promise.reject(new RangeError("no display"))).catch((thrown) => thrown);
  assert.instanceOf(error, RangeError);
  const thrown = await client.signInWithDeviceCode(() => {
    throw new TypeError("no display");
  }).catch((given) => given);
  assert.instanceOf(thrown, TypeError);
  await refused("invalid_option", () => client.signInWithDeviceCode());
  await refused("invalid_option", () => client.signInWithDeviceCode(() => {}, { prompt: "none" }));
});
