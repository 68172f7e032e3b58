// Claims: RFC 7519 section 4.1, RFC 8725 sections 3.8 and 3.9.

import { assert } from "chai";

import { moveClock, refused, stopClock, test } from "./case.js";
import { AUDIENCE, claims, ISSUER, jwks, key, token, tokenOf } from "./tokens.js";
import { forEachWay } from "./ways.js";

forEachWay((way, verifier) => {
  const rule = (name, run, options) =>
    test(`${name.split(":")[0]} (${way}):${name.slice(name.indexOf(":") + 1)}`, async () => {
      const by = await key("ES256");
      const verify = verifier({ jwks: jwks(by), ...options });
      await run(async (given, code) => {
        const signed = await token(by, given);
        return code === undefined ? verify(signed) : refused(code, () => verify(signed));
      }, by, verify);
    });

  rule("RFC 8725 3.8: the issuer is compared character by character", async (check) => {
    for (const iss of [`${ISSUER}/`, ISSUER.toUpperCase(), "https://evil.example", "", `${ISSUER}\0`]) {
      await check({ iss }, "token_issuer_mismatch");
    }
    for (const iss of [undefined, null, 1, [ISSUER]]) await check({ iss }, "token_claim_invalid");
  });

  rule("RFC 8725 3.9: one of the audiences is ours", async (check) => {
    for (const aud of [AUDIENCE, [AUDIENCE], ["other", AUDIENCE]]) await check({ aud });
    for (const aud of ["other", ["other"], [], `${AUDIENCE}/`, AUDIENCE.toUpperCase()]) await check({ aud }, "token_audience_mismatch");
    for (const aud of [undefined, null, 1, [1], { aud: AUDIENCE }]) await check({ aud }, "token_claim_invalid");
  });

  rule(
    "RFC 7519 4.1.3: a token for any of the API's audiences is good",
    async (check) => {
      for (const aud of [AUDIENCE, "api://second", ["other", "api://second"]]) await check({ aud });
      await check({ aud: "api://third" }, "token_audience_mismatch");
    },
    { audience: [AUDIENCE, "api://second"] },
  );

  rule("RFC 7519 4.1.4: a token ends at exp, give or take the clock tolerance", async (check) => {
    stopClock();
    const now = Math.floor(Date.now() / 1000);
    for (const exp of [now + 1, now, now - 59, now - 59.5]) await check({ exp });
    for (const exp of [now - 60, now - 3600, 0, -1]) await check({ exp }, "token_expired");
    for (const exp of [undefined, null, String(now + 60), [now + 60], true]) await check({ exp }, "token_claim_invalid");
  });

  rule("RFC 7519 4.1.5: a token begins at nbf, give or take the clock tolerance", async (check) => {
    stopClock();
    const now = Math.floor(Date.now() / 1000);
    for (const nbf of [undefined, 0, now, now + 60]) await check({ nbf });
    for (const nbf of [now + 61, now + 3600]) await check({ nbf }, "token_not_yet_valid");
    for (const nbf of ["0", [0], {}, null]) await check({ nbf }, "token_claim_invalid");
  });

  rule("RFC 7519 4.1.6: iat is a number, if it is there", async (check) => {
    for (const iat of [undefined, 0, 1.5, 9e9]) await check({ iat });
    for (const iat of ["0", [0], {}, null, true]) await check({ iat }, "token_claim_invalid");
  });

  rule("RFC 7519 4.2: another vendor's tid and idtyp may be of any type", async (check) => {
    for (const given of [{ tid: 7 }, { tid: null }, { idtyp: 1 }, { tid: ["x"], idtyp: {} }]) {
      const { kind, tenant } = await check(given);
      assert.deepEqual([kind, tenant], ["unknown", undefined]);
    }
  });

  rule(
    "RFC 7519 4.1.4: without tolerance, to the millisecond",
    async (check) => {
      stopClock();
      const now = Math.floor(Date.now() / 1000);
      await check({ exp: now + 0.001, nbf: now });
      await check({ exp: now }, "token_expired");
      await check({ nbf: now + 0.001 }, "token_not_yet_valid");
    },
    { clockTolerance: 0 },
  );

  rule("RFC 7519 2: a number of seconds that no clock reaches is malformed", async (check, by, verify) => {
    const payload = JSON.stringify(claims({ exp: 0 })).replace('"exp":0', '"exp":1e400');
    const header = JSON.stringify({ alg: by.alg, kid: by.kid });
    await refused("token_claim_invalid", async () => verify(await tokenOf(by, header, payload)));
    await check({ exp: 1e15 });
  });

  rule("RFC 7519 4: a good token ends while it is used", async (check, by, verify) => {
    const signed = await token(by, { exp: Math.floor(Date.now() / 1000) + 10 });
    await verify(signed);
    moveClock(71);
    await refused("token_expired", () => verify(signed));
  });

  rule("RFC 7519 4.3: claims arrive as they were signed", async (check) => {
    const own = { name: "Ålesund 🔑 \u2028 \" \\ \0", nested: { list: [1, 2.5, null, true, "x"] }, ["__proto__"]: { admin: true }, "": "" };
    const verified = await check(own);
    assert.equal(verified.claims.name, own.name);
    assert.deepEqual(verified.claims.nested, own.nested);
    assert.isUndefined(verified.claims.admin);
    assert.isUndefined({}.admin);
  });
});
