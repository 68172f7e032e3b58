// What a provider must not do, and what an attacker between two of them would.

import { assert } from "chai";

import { refused } from "../../edge/cases/case.js";
import { withProvider } from "./provider.js";
import { follow, test } from "./scene.js";

const app = (scene, issuer, options) => scene.client({ authority: issuer, clientId: "app", scope: "openid", openBrowser: follow, ...options });

test("RFC 9207 2.4: the response of another issuer is refused, and so is one that does not say whose it is", async (scene) => {
  for (const [iss, code] of [
    ["https://other.example", "response_issuer_mismatch"],
    [undefined, "response_issuer_missing"],
  ]) {
    const authorize = ({ redirect_uri, state }) => ({ location: `${redirect_uri}?${new URLSearchParams({ code: "c", state, ...(iss && { iss }) })}` });
    await withProvider({ "/authorize": authorize }, async ({ issuer, of }) => {
      const client = await app(scene, issuer);
      await refused(code, () => client.signIn());
      assert.lengthOf(of("/token"), 0);
      assert.deepEqual(client.accounts, []);
    });
  }
});

test("RFC 6749 3.1: a response that repeats a parameter is refused", async (scene) => {
  const authorize = ({ redirect_uri, state }, { issuer }) => ({ location: `${redirect_uri}?code=a&code=b&state=${state}&iss=${encodeURIComponent(issuer)}` });
  await withProvider({ "/authorize": authorize }, async ({ issuer, of }) => {
    await refused("response_invalid", async () => (await app(scene, issuer)).signIn());
    assert.lengthOf(of("/token"), 0);
  });
});

test("OpenID Connect Core 3.1.3.7: an ID token of another sign-in, user, client or issuer signs nobody in", async (scene) => {
  for (const [claims, code] of [
    [{ nonce: "other" }, "nonce_mismatch"],
    [{ aud: "other" }, "token_audience_mismatch"],
    [{ iss: "https://other.example" }, "token_issuer_mismatch"],
    [{ exp: 1 }, "token_expired"],
  ]) {
    const token = (_, { usual }) => {
      const reply = usual();
      reply.body.id_token = provider.idToken(claims);
      return reply;
    };
    let provider;
    await withProvider({ "/token": token }, async (given) => {
      provider = given;
      const client = await app(scene, given.issuer);
      await refused(code, () => client.signIn());
      assert.deepEqual(client.accounts, []);
    });
  }
});

test("OpenID Connect Core 5.3.2: UserInfo about another user is refused, and so is what is no UserInfo", async (scene) => {
  for (const [reply, code] of [
    [{ body: { sub: "eve" } }, "user_info_mismatch"],
    [{ body: {} }, "user_info_mismatch"],
    [{ body: "<html>" }, "unexpected_response"],
    [{ status: 401 }, "unexpected_response"],
    [{ status: 503 }, "provider_unavailable"],
  ]) {
    await withProvider({ "/userinfo": () => reply }, async ({ issuer }) => {
      const client = await app(scene, issuer);
      await client.signIn();
      await refused(code, () => client.userInfo());
    });
  }
  await withProvider({ metadata: { userinfo_endpoint: "http://evil.example/userinfo" } }, async ({ issuer }) => {
    const client = await app(scene, issuer);
    await client.signIn();
    await refused("metadata_invalid", () => client.userInfo());
  });
});

test("RFC 7009 2.1: signing out revokes the refresh token, and needs no response to do so", async (scene) => {
  for (const reply of [{}, { status: 500 }]) {
    await withProvider({ "/revoke": () => reply }, async ({ issuer, of }) => {
      const client = await app(scene, issuer);
      await client.signIn();
      await client.signOut();
      assert.deepEqual(client.accounts, []);
      await refused("sign_in_required", () => client.getToken());
      const [{ token, token_type_hint, client_id }] = of("/revoke");
      assert.deepEqual([token, token_type_hint, client_id], ["rt1", "refresh_token", "app"]);
      // Once more does nothing.
      await client.signOut();
      assert.lengthOf(of("/revoke"), 1);
    });
  }
});

test("OpenID Connect RP-Initiated Logout 2: the browser is opened to end the provider's session only if the app asks for it", async (scene) => {
  await withProvider({}, async ({ issuer, of }) => {
    const opened = [];
    const client = await app(scene, issuer, { openBrowser: async (url) => (opened.push(url), opened.length === 2 ? undefined : follow(url)) });
    await client.signIn();
    await client.signOut({ inBrowser: true });
    const { pathname, searchParams } = new URL(opened[1]);
    assert.equal(pathname, "/end");
    assert.isString(searchParams.get("id_token_hint"));
    assert.lengthOf(of("/revoke"), 1);
  });
  await withProvider({}, async ({ issuer, of }) => {
    const client = await app(scene, issuer);
    await client.signIn();
    await client.signOut({ local: true });
    assert.deepEqual([client.accounts, of("/revoke")], [[], []]);
  });
});

test("RFC 8628 3.2: a device authorization response that lacks what is required is refused", async (scene) => {
  for (const body of [{}, { device_code: "d", user_code: "u", verification_uri: "https://a.example" }, { device_code: "d", verification_uri: "https://a.example", expires_in: 9 }, "<html>"]) {
    await withProvider({ "/device": () => ({ body }) }, async ({ issuer, of }) => {
      const client = await app(scene, issuer);
      await refused("unexpected_response", () => client.signInWithDeviceCode(() => {}));
      assert.lengthOf(of("/token"), 0);
    });
  }
  await withProvider({ metadata: { device_authorization_endpoint: undefined } }, async ({ issuer }) => {
    const client = await app(scene, issuer);
    await refused("metadata_invalid", () => client.signInWithDeviceCode(() => {}));
  });
});

test("RFC 8628 3.5: a provider that is too busy is asked again, not before it wants to be", async (scene) => {
  const polls = [];
  const token = (_, { usual }) => {
    polls.push(Date.now());
    if (polls.length === 1) return { status: 429, headers: { "retry-after": "2" } };
    if (polls.length === 2) return { status: 503, body: "<html>" };
    if (polls.length === 3) return { status: 400, body: { error: "authorization_pending" } };
    return usual();
  };
  await withProvider({ "/token": token }, async ({ issuer }) => {
    const client = await app(scene, issuer);
    assert.equal((await client.signInWithDeviceCode(() => {})).subject, "ada");
    const [afterBusy, afterFailure] = [polls[1] - polls[0], polls[2] - polls[1]];
    assert.isAtLeast(afterBusy, 1900);
    assert.isAtLeast(afterFailure, 900);
    assert.isBelow(afterFailure, 1900);
  });
});
