// What a request needs: scopes (RFC 6749 section 3.3, RFC 9068 section 2.2.3) and roles.

import { createVerifier } from "countersign/edge";
import { assert } from "chai";

import { refused, test } from "./case.js";
import { jwks, key, token } from "./tokens.js";
import { forEachWay } from "./ways.js";

forEachWay((way, verifier) => {
  test(`RFC 6749 3.3 (${way}): all scopes that a request needs, in any order and form`, async () => {
    const by = await key("ES256");
    const verify = verifier({ jwks: jwks(by) });
    for (const given of [{ scope: "write read" }, { scp: "read write more" }, { scope: ["read", "write"] }, { scp: ["write read"] }]) {
      const signed = await token(by, given);
      for (const scope of ["read", "read write", ["write", "read"], "", []]) await verify(signed, { scope });
      for (const scope of ["admin", "read admin", ["read", "admin"], "rea", "READ"]) {
        await refused("insufficient_scope", () => verify(signed, { scope }));
      }
    }
    await refused("insufficient_scope", async () => verify(await token(by), { scope: "read" }));
    for (const scope of [1, {}, [1], true]) await refused("token_claim_invalid", async () => verify(await token(by, { scope })));
  });

  test(`RFC 9068 2.2.3.1 (${way}): one of the roles that a request needs`, async () => {
    const by = await key("ES256");
    const verify = verifier({ jwks: jwks(by) });
    const signed = await token(by, { roles: ["Reader", "Auditor"] });
    for (const roles of ["Reader", ["Writer", "Auditor"], []]) await verify(signed, { roles });
    for (const roles of ["Writer", "reader", ["Writer"], "Reader Auditor"]) await refused("insufficient_role", () => verify(signed, { roles }));
    for (const roles of [1, {}, [1]]) await refused("token_claim_invalid", async () => verify(await token(by, { roles })));
  });

  test(`RFC 6749 3.3 (${way}): what every request needs and what this one needs add up`, async () => {
    const by = await key("ES256");
    const verify = verifier({ jwks: jwks(by), scope: "read" });
    await verify(await token(by, { scope: "read write" }), { scope: "write" });
    await refused("insufficient_scope", async () => verify(await token(by, { scope: "write" }), { scope: "write" }));
    await refused("insufficient_scope", async () => verify(await token(by, { scope: "read" }), { scope: "write" }));
  });

  test(`RFC 9068 2.2.3 (${way}): where both are needed, scopes are for users and roles for applications`, async () => {
    const by = await key("ES256");
    const verify = verifier({ jwks: jwks(by) });
    const requirement = { scope: "read", roles: "Reader" };
    const user = await verify(await token(by, { client_id: "page", scope: "read" }), requirement);
    assert.equal(user.kind, "user");
    const app = await verify(await token(by, { sub: "daemon", client_id: "daemon", roles: ["Reader"] }), requirement);
    assert.equal(app.kind, "app");
    await refused("insufficient_scope", async () => verify(await token(by, { client_id: "page", roles: ["Reader"] }), requirement));
    await refused("insufficient_role", async () => verify(await token(by, { sub: "daemon", client_id: "daemon", scope: "read" }), requirement));
  });
});

test("more requirements than are remembered are each still asked for", async () => {
  const by = await key("ES256");
  const verifier = createVerifier({ issuer: "https://login.example", audience: "https://api.example", jwks: jwks(by) });
  const signed = await token(by, { scope: "s0 s100 s299" });
  for (let round = 0; round < 2; round += 1) {
    for (let number = 0; number < 300; number += 1) {
      const call = () => verifier.verify(signed, { scope: `s${number}` });
      if ([0, 100, 299].includes(number)) await call();
      else await refused("insufficient_scope", call);
    }
  }
});

test("a requirement or an option that is not known is a mistake of the author's, not of the token", async () => {
  const by = await key("ES256");
  const options = { issuer: "https://login.example", audience: "https://api.example", jwks: jwks(by) };
  const good = await token(by, { scope: "read" });
  for (const requirement of [{ scopes: "admin" }, { scope: 1 }, { roles: {} }, { tenant: "x" }]) {
    const error = await refused("invalid_option", () => createVerifier(options).verify(good, requirement));
    assert.match(error.detail, new RegExp(`^${Object.keys(requirement)[0]}\\b`));
  }
  for (const requirement of [null, 1, "read"]) {
    await refused("invalid_option", () => createVerifier(options).verify(good, requirement));
  }
  for (const wrong of [
    { issuer: undefined },
    { issuer: "" },
    { issuer: "login.example" },
    { issuer: "http://login.example" },
    { issuer: "https://login.example?x" },
    { audience: undefined },
    { audience: [] },
    { algorithms: [] },
    { algorithms: ["HS256"] },
    { algorithms: ["none"] },
    { algorithms: "RS256" },
    { clockTolerance: -1 },
    { clockTolerance: 601 },
    { clockTolerance: Number.NaN },
    { clockTolerance: "60" },
    { crypto: "native" },
    { audiences: ["x"] },
    { typo: undefined },
  ]) {
    const error = await refused("invalid_option", () => createVerifier({ ...options, ...wrong }).verify(good));
    assert.match(error.detail, new RegExp(`^${Object.keys(wrong)[0]}\\b`));
  }
});
