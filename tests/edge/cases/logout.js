// What a provider sends when sessions have ended: Back-Channel Logout 1.0, Front-Channel Logout 1.0.

import { backChannelLogout, createVerifier, readFrontChannelLogout } from "countersign/edge";
import { assert } from "chai";

import { moveClock, refused, test } from "./case.js";
import { newIssuer } from "./issuer.js";
import { AUDIENCE, ISSUER, jwks, key, token } from "./tokens.js";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";
const TYPE = { typ: "logout+jwt" };

async function scene(options = {}) {
  const by = await key("ES256");
  const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks: jwks(by), ...options });
  const logoutToken = (given = {}, header = TYPE) => token(by, { events: { [EVENT]: {} }, jti: crypto.randomUUID(), sid: "session", ...given }, header);
  return { by, verifier, logoutToken };
}

const posted = (body, more = {}) =>
  new Request("https://app.example/logout", { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body, ...more });

for (const crypto of ["host", "rust"]) {
  test(`Back-Channel Logout 2.6: a logout token says whose sessions have ended: ${crypto}`, async () => {
    const { verifier, logoutToken } = await scene({ crypto });
    const logout = await verifier.verifyLogoutToken(await logoutToken());
    assert.deepEqual([logout.issuer, logout.sub, logout.sid], [ISSUER, "alice", "session"]);
    assert.equal(logout.claims.events[EVENT] !== undefined, true);
    assert.isTrue(Object.isFrozen(logout));
    const { sub, sid } = await verifier.verifyLogoutToken(await logoutToken({ sid: undefined }, { typ: "JWT" }));
    assert.deepEqual([sub, sid], ["alice", undefined]);
    assert.equal((await verifier.verifyLogoutToken(await logoutToken({ sub: undefined }, {}))).sid, "session");
  });
}

test("Back-Channel Logout 2.6: each check", async () => {
  const { by, verifier, logoutToken } = await scene();
  for (const [given, header, code] of [
    [{ events: undefined }, TYPE, "not_a_logout_token"],
    [{ events: {} }, TYPE, "not_a_logout_token"],
    [{ events: "logout" }, TYPE, "not_a_logout_token"],
    [{ events: [EVENT] }, TYPE, "not_a_logout_token"],
    [{ events: { [EVENT]: true } }, TYPE, "not_a_logout_token"],
    [{ events: { [EVENT]: null } }, TYPE, "not_a_logout_token"],
    [{ nonce: "n" }, TYPE, "not_a_logout_token"],
    [{ nonce: null }, TYPE, "not_a_logout_token"],
    [{ sub: undefined, sid: undefined }, TYPE, "not_a_logout_token"],
    [{}, { typ: "at+jwt" }, "not_a_logout_token"],
    [{}, { typ: "dpop+jwt" }, "not_a_logout_token"],
    [{ sub: 7 }, TYPE, "token_claim_invalid"],
    [{ sid: "" }, TYPE, "token_claim_invalid"],
    [{ jti: undefined }, TYPE, "token_claim_invalid"],
    [{ iat: undefined }, TYPE, "token_claim_invalid"],
    [{ iat: Date.now() / 1000 + 120 }, TYPE, "token_not_yet_valid"],
    [{ exp: 1 }, TYPE, "token_expired"],
    [{ exp: undefined }, TYPE, "token_claim_invalid"],
    [{ iss: "https://evil.example" }, TYPE, "token_issuer_mismatch"],
    [{ aud: "another" }, TYPE, "token_audience_mismatch"],
  ]) {
    await refused(code, async () => verifier.verifyLogoutToken(await logoutToken(given, header)));
  }
  const good = await logoutToken();
  await refused("signature_invalid", () => verifier.verifyLogoutToken(`${good.slice(0, -86)}${"A".repeat(86)}`));
  await refused("token_malformed", () => verifier.verifyLogoutToken("x"));
  await refused("not_a_logout_token", async () => verifier.verifyLogoutToken(await token(by)));
  // And it is no access token.
  await refused("not_an_access_token", () => verifier.verify(good));
});

test("Back-Channel Logout 2.6: a logout token is good once, by its issuer and jti", async () => {
  const { verifier, logoutToken } = await scene();
  const once = await logoutToken({ jti: "1" });
  await verifier.verifyLogoutToken(once);
  await refused("logout_token_replayed", () => verifier.verifyLogoutToken(once));
  await refused("logout_token_replayed", async () => verifier.verifyLogoutToken(await logoutToken({ jti: "1", sid: "other" })));
  const asked = [];
  const { verifier: own, logoutToken: ofOwn } = await scene({ dpop: { replay: { add: (...given) => asked.push(given) > 0 } } });
  await own.verifyLogoutToken(await ofOwn());
  assert.match(asked[0][0], /^logout-[\w-]{43}$/);
  moveClock(2000);
  await refused("token_expired", () => verifier.verifyLogoutToken(once));
});

test("Back-Channel Logout 2.8: the handler ends the session, and responds so that nobody stores it", async () => {
  const { verifier, logoutToken } = await scene();
  const ended = [];
  const handler = backChannelLogout(verifier, ({ sid }, _, env) => ended.push([sid, env]));
  const body = async (given) => new URLSearchParams({ logout_token: await logoutToken(given) });
  const good = await handler(posted(await body()), "env");
  assert.deepEqual([good.status, good.headers.get("cache-control"), ended], [200, "no-store", [["session", "env"]]]);
  const twice = new URLSearchParams([["logout_token", await logoutToken()], ["logout_token", await logoutToken()]]);
  for (const request of [
    posted(await body({ events: undefined })),
    posted("logout_token=x"),
    posted(""),
    posted(twice),
    posted(await body(), { headers: { "content-type": "application/json" } }),
    posted(`logout_token=${"x".repeat(80_000)}`),
  ]) {
    const response = await handler(request);
    assert.deepEqual([response.status, response.headers.get("cache-control")], [400, "no-store"]);
    assert.equal((await response.json()).error, "invalid_request");
  }
  assert.equal((await handler(new Request("https://app.example/logout"))).status, 405);
  assert.equal(ended.length, 1);
});

test("Back-Channel Logout 2.8: a session that cannot be ended is told, and what failed is not", async () => {
  const { verifier, logoutToken } = await scene();
  const handler = backChannelLogout(verifier, () => Promise.reject(new Error("s3cr3t")));
  const response = await handler(posted(new URLSearchParams({ logout_token: await logoutToken() })));
  assert.deepEqual([response.status, await response.json()], [400, { error: "server_error" }]);
});

test("Back-Channel Logout 2.6: the issuer's keys are fetched when that is due", async (provider) => {
  const by = await key("RS256");
  const issuer = await newIssuer(provider);
  await issuer.publish(by);
  const verifier = createVerifier({ issuer: issuer.issuer, audience: AUDIENCE });
  const logout = await verifier.verifyLogoutToken(await issuer.token(by, { events: { [EVENT]: {} }, jti: "1" }, TYPE));
  assert.equal(logout.sub, "alice");
});

test("Front-Channel Logout 2: iss and sid come together, once, from the trusted issuer", async () => {
  const read = (query) => readFrontChannelLogout(`https://app.example/logout${query}`, { issuer: ISSUER });
  const iss = encodeURIComponent(ISSUER);
  assert.deepEqual(read(`?iss=${iss}&sid=1`), { iss: ISSUER, sid: "1" });
  assert.deepEqual(read(""), {});
  assert.deepEqual(readFrontChannelLogout(`/logout?sid=1&iss=${iss}`, { issuer: ISSUER }), { iss: ISSUER, sid: "1" });
  await refused("token_issuer_mismatch", () => read("?iss=https%3A%2F%2Fevil.example&sid=1"));
  for (const query of [`?iss=${iss}`, "?sid=1", `?iss=${iss}&sid=`, `?iss=${iss}&sid=1&sid=2`, `?iss=${iss}&iss=${iss}&sid=1`]) {
    await refused("token_claim_invalid", () => read(query));
  }
  await refused("invalid_option", () => readFrontChannelLogout("/", {}));
});
