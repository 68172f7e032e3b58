// Signatures: RFC 7515 section 5.2, by every algorithm and every way to verify.

import { assert } from "chai";
import { base64url } from "jose";

import { refused, test } from "./case.js";
import { ALGORITHMS, claims, FURTHER_ALGORITHMS, jwks, key, newKey, token } from "./tokens.js";
import { forEachWay, WAYS } from "./ways.js";

forEachWay((way, verifier) => {
  // Only in Rust every runtime has all algorithms.
  for (const alg of way === "host" ? ALGORITHMS : [...ALGORITHMS, ...FURTHER_ALGORITHMS]) {
    test(`RFC 7515 5.2 (${way}): a ${alg} token is good, and the verdict is complete`, async () => {
      const by = await key(alg);
      const verify = verifier({ jwks: jwks(by) });
      const given = claims({ scope: "read write", roles: ["reader"], client_id: "page" });
      const verified = await verify(await token(by, given, { typ: "at+jwt" }));
      assert.deepEqual(verified, {
        claims: given,
        header: { alg, kid: by.kid, typ: "at+jwt" },
        kind: "unknown",
        issuer: given.iss,
        client: "page",
        scopes: ["read", "write"],
        roles: ["reader"],
      });
    });

    test(`RFC 7515 5.2 (${way}): a ${alg} signature of another key, over other claims, cut or empty is wrong`, async () => {
      const by = await key(alg);
      const verify = verifier({ jwks: jwks(by) });
      const good = await token(by);
      const [header, , signature] = good.split(".");
      const payload = base64url.encode(JSON.stringify(claims({ sub: "mallory" })));
      const other = await newKey(alg, by.kid);
      for (const forged of [
        await token(other),
        `${header}.${payload}.${signature}`,
        withSignature(good, (bytes) => bytes.slice(0, -1)),
        withSignature(good, (bytes) => new Uint8Array([...bytes, 0])),
        withSignature(good, (bytes) => bytes.map(() => 0)),
        withSignature(good, (bytes) => bytes.map(() => 255)),
        withSignature(good, () => new Uint8Array()),
      ]) {
        await refused("signature_invalid", () => verify(forged));
      }
      await verify(good);
    });
  }

  test(`RFC 9864 2.2 (${way}): Ed25519 names the same algorithm as EdDSA`, async () => {
    const by = await key("EdDSA");
    const { alg, ...jwk } = by.jwk;
    for (const set of [{ keys: [jwk] }, { keys: [{ ...jwk, alg: "Ed25519" }] }, { keys: [{ ...jwk, alg }] }]) {
      const verify = verifier({ jwks: set, algorithms: ["Ed25519"] });
      await verify(await token(by, {}, { alg: "Ed25519" }));
      await verify(await token(by, {}, { alg: "EdDSA" }));
    }
  });

  test(`RFC 8725 2.1 (${way}): a forged token is told that its signature is wrong, and nothing else`, async () => {
    const by = await key("RS256");
    const forger = await newKey("RS256", by.kid);
    const verify = verifier({ jwks: jwks(by), typ: "at+jwt", tenants: ["11111111-2222-3333-4444-555555555555"], scope: "admin" });
    for (const bad of [{ exp: 1 }, { iss: "https://evil.example" }, { aud: "x" }, { nbf: 9e9 }, { exp: "soon" }, {}]) {
      await refused("signature_invalid", async () => verify(await token(forger, bad)));
    }
  });
});

for (const alg of FURTHER_ALGORITHMS) {
  test(`RFC 7515 5.2 (host): ${alg} is verified, or the runtime lacks it`, async () => {
    const by = await key(alg);
    const verify = WAYS.host.verifier({ jwks: jwks(by) });
    const forged = await token(await newKey(alg, by.kid));
    if (await hostHas(alg)) {
      await verify(await token(by));
      await refused("signature_invalid", () => verify(forged));
    } else {
      await refused("algorithm_unsupported", async () => verify(await token(by)));
      await refused("algorithm_unsupported", () => verify(forged));
    }
  });
}

/** Whether the crypto that the package uses in this runtime has the algorithm. */
async function hostHas(alg) {
  const { jwk } = await key(alg);
  // Deno's accepts only the smaller of two right signatures.
  if (alg === "ES256K" && "Deno" in globalThis) return false;
  const nodeCrypto = globalThis.process?.getBuiltinModule?.("node:crypto");
  try {
    if (nodeCrypto === undefined) await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: jwk.crv }, false, ["verify"]);
    else nodeCrypto.createPublicKey({ key: jwk, format: "jwk" });
    return true;
  } catch {
    return false;
  }
}

function withSignature(token, change) {
  const end = token.lastIndexOf(".") + 1;
  return token.slice(0, end) + base64url.encode(change(base64url.decode(token.slice(end))));
}
