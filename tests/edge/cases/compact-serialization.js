// The form of a token: RFC 7515, with RFC 8725 on what has gone wrong with it before.

import { base64url, exportSPKI, SignJWT } from "jose";

import { refused, test } from "./case.js";
import { claims, jwks, key, newKey, token, tokenOf, tokenOfParts } from "./tokens.js";
import { forEachWay } from "./ways.js";

const json = JSON.stringify;

forEachWay((way, verifier) => {
  const rule = (name, run) =>
    test(`${name.split(":")[0]} (${way}):${name.slice(name.indexOf(":") + 1)}`, async () => {
      const by = await key("ES256");
      await run(verifier({ jwks: jwks(by) }), by);
    });

  rule("RFC 7515 7.1: a token has three parts, and is a text", async (verify, by) => {
    const good = await token(by);
    const [header, payload, signature] = good.split(".");
    for (const bad of ["", ".", "x", `${header}.${payload}`, `${good}.`, `${good}.${signature}`, "a.b.c.d.e", `.${good}`]) {
      await refused("token_malformed", () => verify(bad));
    }
    for (const bad of [undefined, null, 1, {}, [good], new String(good)]) {
      await refused("token_malformed", () => verify(bad));
    }
  });

  rule("RFC 7515 5.2: a token of 1 MB is refused by its length", async (verify, by) => {
    await refused("token_too_large", () => verify("A".repeat(1_000_000)));
    await refused("token_too_large", async () => verify(await token(by, { fill: "x".repeat(1_000_000) })));
    await verify(await token(by, { fill: "x".repeat(40_000) }));
    await refused("token_malformed", () => verify("A".repeat(65_536)));
    await refused("token_too_large", () => verify("A".repeat(65_537)));
  });

  rule("RFC 7515 2: only canonical base64url, in each of the three parts", async (verify, by) => {
    const header = base64url.encode(paddedTo(1, { alg: by.alg, kid: by.kid }));
    const payload = base64url.encode(paddedTo(1, claims()));
    await verify(await tokenOfParts(by, header, payload));
    for (const change of [
      (part) => `${part}==`,
      (part) => `${part}=`,
      (part) => `${part}\n`,
      (part) => ` ${part}`,
      (part) => `${part.slice(0, 8)}+${part.slice(9)}`,
      (part) => `${part.slice(0, 8)}/${part.slice(9)}`,
      (part) => `${part.slice(0, 8)}%${part.slice(9)}`,
      (part) => `${part}AAA`,
      // The last letter of what is one byte more than whole groups carries four bits that must be zero.
      (part) => part.slice(0, -1) + String.fromCharCode(part.charCodeAt(part.length - 1) + 1),
    ]) {
      await refused("token_encoding_invalid", async () => verify(await tokenOfParts(by, change(header), payload)));
      await refused("token_encoding_invalid", async () => verify(await tokenOfParts(by, header, change(payload))));
    }
    const good = await tokenOfParts(by, header, payload);
    for (const bad of [`${good}==`, `${good}=`, `${good}\n`, `${good.slice(0, -1)}+`, nextLetter(good), `${good}AAA`]) {
      await refused("token_encoding_invalid", () => verify(bad));
    }
  });

  rule("RFC 7515 3: a character outside ASCII is in no token", async (verify, by) => {
    const good = await token(by);
    for (const strange of ["é", "\u{1f511}", "\ud800"]) {
      for (const bad of [strange + good, good + strange, good.replace(".", `${strange}.`)]) {
        await refused("token_malformed", () => verify(bad));
      }
    }
    await refused("token_encoding_invalid", () => verify(`${good}\0`));
  });

  rule("RFC 7515 4: header and claims are JSON objects in UTF-8", async (verify, by) => {
    const header = json({ alg: by.alg, kid: by.kid });
    for (const bad of ["", "[]", "1", "null", '"x"', "{", `${header}x`, `\ufeff${header}`, "{'alg':'ES256'}", new Uint8Array([123, 34, 255, 34, 58, 49, 125])]) {
      await refused("token_json_invalid", async () => verify(await tokenOf(by, bad, json(claims()))));
      await refused("token_json_invalid", async () => verify(await tokenOf(by, header, bad)));
    }
  });

  rule("RFC 7515 4: a member that stands twice is refused, in the header and in the claims", async (verify, by) => {
    const header = json({ alg: by.alg, kid: by.kid });
    for (const bad of [header.replace("{", '{"alg":"none",'), header.replace("{", '{"\\u0061lg":"none",'), header.replace("}", ',"x":1,"x":1}')]) {
      await refused("token_member_duplicate", async () => verify(await tokenOf(by, bad, json(claims()))));
    }
    const payload = json(claims());
    for (const bad of [payload.replace("{", '{"sub":"mallory",'), payload.replace("}", ',"s\\u0075b":"mallory"}')]) {
      await refused("token_member_duplicate", async () => verify(await tokenOf(by, header, bad)));
    }
  });

  rule("RFC 7515 4.1.11: a critical header is refused, whatever it names", async (verify, by) => {
    for (const crit of [["b64"], ["exp"], ["x"], [], ["b64", "x"], "b64", [1], {}, true, null]) {
      const header = json({ alg: by.alg, kid: by.kid, b64: true, exp: 1, x: 1, crit });
      await refused("critical_header_unknown", async () => verify(await tokenOf(by, header, json(claims()))));
    }
  });

  rule("RFC 7515 4.1.4 and 4.1.9: kid and typ are texts, and null is none", async (verify, by) => {
    for (const change of [{ kid: null }, { typ: null }, { kid: 1 }, { typ: [] }]) {
      const header = json({ alg: by.alg, kid: by.kid, ...change });
      await refused("token_json_invalid", async () => verify(await tokenOf(by, header, json(claims()))));
    }
  });

  rule("RFC 7515 4: a part with more than 512 members is told so", async (verify, by) => {
    const wide = Object.fromEntries(Array.from({ length: 513 }, (_, number) => [`m${number}`, 1]));
    await refused("token_members_exceeded", async () => verify(await token(by, wide)));
  });

  rule("RFC 8725 3.2: a token without a signature is refused, however none is written", async (verify, by) => {
    for (const alg of ["none", "None", "NONE", "nOnE"]) {
      for (const kid of [by.kid, undefined]) {
        const unsigned = `${base64url.encode(json({ alg, kid }))}.${base64url.encode(json(claims()))}.`;
        await refused("algorithm_none", () => verify(unsigned));
        await refused("algorithm_none", () => verify(`${unsigned}AAAA`));
      }
    }
  });

  rule("RFC 8725 2.1: HMAC with the public key for a secret is refused", async (verify, by) => {
    const publicKey = await crypto.subtle.importKey("jwk", by.jwk, { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
    const secrets = [await exportSPKI(publicKey), json(by.jwk), by.jwk.x];
    for (const alg of ["HS256", "HS384", "HS512"]) {
      for (const secret of secrets) {
        const forged = new SignJWT(claims()).setProtectedHeader({ alg, kid: by.kid }).sign(new TextEncoder().encode(secret.padEnd(64, "=")));
        await refused("algorithm_symmetric", async () => verify(await forged));
      }
    }
  });

  rule("RFC 8725 3.1: an algorithm that is unknown, not a text or absent is refused", async (verify, by) => {
    for (const alg of ["RS1", "ES256k", "es256", "ES256 ", "", "HS1", "ML-DSA-44"]) {
      await refused("algorithm_not_allowed", async () => verify(await tokenOf(by, json({ alg, kid: by.kid }), json(claims()))));
    }
    for (const alg of [undefined, null, 1, ["ES256"]]) {
      await refused("token_json_invalid", async () => verify(await tokenOf(by, json({ alg, kid: by.kid }), json(claims()))));
    }
  });

  test(`RFC 8725 3.1 (${way}): an algorithm that is understood but not admitted is refused`, async () => {
    const by = await key("ES256");
    const verify = verifier({ jwks: jwks(by, await key("RS256")), algorithms: ["RS256", "PS256"] });
    await refused("algorithm_not_allowed", async () => verify(await token(by)));
    await verify(await token(await key("RS256")));
  });

  rule("RFC 8725 3.10: a key that the token itself brings is not looked at", async (verify, by) => {
    const forger = await newKey("ES256", by.kid);
    for (const header of [{ jwk: forger.jwk }, { jku: "https://evil.example/jwks" }, { x5u: "https://evil.example/cert" }, { x5c: ["MIIB"] }]) {
      await refused("signature_invalid", async () => verify(await token(forger, {}, header)));
      await verify(await token(by, {}, header));
    }
  });

  test(`RFC 8725 3.11 (${way}): a token of another type is no access token`, async () => {
    const by = await key("ES256");
    const verify = verifier({ jwks: jwks(by) });
    for (const typ of [undefined, "JWT", "jwt", "at+jwt", "application/at+JWT"]) await verify(await token(by, {}, { typ }));
    for (const typ of ["logout+jwt", "dpop+jwt", "secevent+jwt", "x", ""]) {
      await refused("not_an_access_token", async () => verify(await token(by, {}, { typ })));
    }
    for (const given of [{ nonce: "n" }, { at_hash: "h" }, { events: {} }, { htm: "GET", htu: "https://api.example/" }]) {
      await refused("not_an_access_token", async () => verify(await token(by, given)));
    }
  });

  test(`RFC 9068 4 (${way}): a required typ is compared without case and without application/`, async () => {
    const by = await key("ES256");
    for (const required of ["at+jwt", "application/AT+jwt"]) {
      const verify = verifier({ jwks: jwks(by), typ: required });
      for (const typ of ["at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"]) await verify(await token(by, {}, { typ }));
      for (const typ of ["JWT", "at+jwt ", "dpop+jwt", "logout+jwt", undefined]) {
        await refused("token_typ_refused", async () => verify(await token(by, {}, { typ })));
      }
    }
  });
});

/** The JSON of an object, with as many spaces as make it `rest` bytes longer than whole groups of three. */
function paddedTo(rest, object) {
  const text = json(object);
  return text + " ".repeat((3 + rest - (text.length % 3)) % 3);
}

const nextLetter = (text) => text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) + 1);
