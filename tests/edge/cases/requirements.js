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
    for (const given of [{ scope: "write read" }, { scp: "read write more" }, { scope: ["read", "write"] }]) {
      const signed = await token(by, given);
      for (const scope of ["read", "read write", ["write", "read"]]) await verify(signed, { scope });
      for (const scope of ["admin", "read admin", ["read", "admin"], "rea", "READ"]) {
        await refused("insufficient_scope", () => verify(signed, { scope }));
      }
    }
    await refused("insufficient_scope", async () => verify(await token(by), { scope: "read" }));
    // Separated by spaces and by nothing else; an element of a list is one scope.
    for (const given of [{ scp: ["write read"] }, { scope: "write\tread" }, { scope: "write\nread" }, { scope: "write,read" }]) {
      await refused("insufficient_scope", async () => verify(await token(by, given), { scope: "read" }));
    }
    for (const scope of [1, {}, [1], true]) await refused("token_claim_invalid", async () => verify(await token(by, { scope })));
  });

  test(`RFC 9068 2.2.3.1 (${way}): one of the roles that a request needs`, async () => {
    const by = await key("ES256");
    const verify = verifier({ jwks: jwks(by) });
    const signed = await token(by, { roles: ["Reader", "Auditor"] });
    for (const roles of ["Reader", ["Writer", "Auditor"]]) await verify(signed, { roles });
    await verify(await token(by, { roles: [{ value: "Reader", primary: true }] }), { roles: "Reader" });
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

  test(`RFC 9068 2.2.3 (${way}): where both are needed, every token needs both`, async () => {
    const by = await key("ES256");
    const verify = verifier({ jwks: jwks(by) });
    const requirement = { scope: "notes.write", roles: "member" };
    await verify(await token(by, { scope: "notes.write", roles: ["member"] }), requirement);
    for (const given of [{}, { tid: "8b0c6f6e-2f7b-4b9a-9d0e-5f3c1d2a7e41" }, { sub: "daemon", client_id: "daemon" }, { idtyp: "app" }]) {
      await refused("insufficient_scope", async () => verify(await token(by, { ...given, roles: ["member"] }), requirement));
      await refused("insufficient_role", async () => verify(await token(by, { ...given, scope: "notes.write" }), requirement));
    }
  });

  test(`RFC 9068 2.2 (${way}): what a user needs and what an application needs`, async () => {
    const by = await key("ES256");
    const verify = verifier({ jwks: jwks(by), profile: "rfc9068" });
    const of = (given) => token(by, given, { typ: "at+jwt" });
    const requirement = { user: { scope: "read" }, app: { roles: "Reader" } };
    const user = await verify(await of({ client_id: "page", scope: "read" }), requirement);
    assert.equal(user.kind, "user");
    const app = await verify(await of({ sub: "daemon", client_id: "daemon", roles: ["Reader"] }), requirement);
    assert.equal(app.kind, "app");
    await refused("insufficient_scope", async () => verify(await of({ client_id: "page", roles: ["Reader"] }), requirement));
    await refused("insufficient_role", async () => verify(await of({ sub: "daemon", client_id: "daemon", scope: "read" }), requirement));
    await refused("token_kind_refused", async () => verify(await of({ scope: "read", roles: ["Reader"] }), requirement));
    await refused("token_kind_refused", async () => verify(await of({ sub: "daemon", client_id: "daemon" }), { user: {} }));
    await verify(await of({ client_id: "page" }), { user: {} });
  });

  test(`RFC 9068 2.2 (${way}): each profile tells an application's token`, async () => {
    const by = await key("ES256");
    for (const [profile, given] of [
      ["auth0", { sub: "abc@clients", azp: "abc", gty: "client-credentials" }],
      ["okta", { sub: "0oa1", cid: "0oa1", scp: ["read"] }],
      ["keycloak", { azp: "abc", client_id: "abc", preferred_username: "service-account-abc", typ: "Bearer" }],
      ["cognito", { aud: undefined, client_id: "https://api.example", sub: "https://api.example", token_use: "access" }],
      ["entra", { azp: "abc", roles: ["Reader"] }],
      ["generic", { sub: "abc", azp: "abc" }],
    ]) {
      const verify = verifier({ jwks: jwks(by), profile });
      assert.equal((await verify(await token(by, given))).kind, "app", profile);
    }
    await refused("invalid_option", async () => verifier({ jwks: jwks(by), profile: "azure" })(await token(by)));
  });
});

test("more requirements than are remembered are each still asked for", async () => {
  const by = await key("ES256");
  const verifier = createVerifier({ issuer: "https://login.example", audience: "https://api.example", jwks: jwks(by) });
  const signed = await token(by, { scope: "s0 s100 s299" });
  const long = Array.from({ length: 5000 }, (_, number) => `long-${number}`);
  for (let round = 0; round < 2; round += 1) {
    for (let number = 0; number < 300; number += 1) {
      const call = () => verifier.verify(signed, { scope: `s${number}` });
      if ([0, 100, 299].includes(number)) await call();
      else await refused("insufficient_scope", call);
      if (number % 50 === 0) await refused("insufficient_scope", () => verifier.verify(signed, { scope: [...long, `s${number}`] }));
    }
  }
});

test("a requirement that would require nothing, or is not plain data, is a mistake of the author's", async () => {
  const by = await key("ES256");
  const options = { issuer: "https://login.example", audience: "https://api.example", jwks: jwks(by) };
  const verifier = createVerifier(options);
  const good = await token(by, { scope: "read", roles: ["Reader"] });
  class Needs {
    scope = "admin";
  }
  class Computed {
    get scope() {
      return "admin";
    }
  }
  const getter = { get scope() { return "admin"; } }; // prettier-ignore
  const hidden = Object.defineProperty({}, "scope", { value: "admin" });
  const empty = ["", [], null, undefined, " ", [""], ["read", ""]];
  for (const requirement of [
    ...empty.map((scope) => ({ scope })),
    ...[[], null, undefined, "", [""]].map((roles) => ({ roles })),
    ...[null, undefined, "read", ["read"]].map((user) => ({ user })),
    ...empty.map((scope) => ({ user: { scope } })),
    { user: { scopes: "read" } },
    { app: { tenant: "x" } },
    { scope: 'a"b' },
    { scope: "caf\u00e9" },
    { scope: "\u0441\u043a\u043e\u0443\u043f" },
    new Map([["scope", "admin"]]),
    new Set(["admin"]),
    () => ({ scope: "admin" }),
    Object.assign(() => {}, { scope: "read" }),
    new Needs(),
    new Computed(),
    Object.create({ scope: "admin" }),
    Object.create(Object.create(null, { scope: { value: "admin", enumerable: true } })),
    getter,
    hidden,
    { [Symbol("scope")]: "admin" },
    { scope: new Set(["admin"]) },
    { scope: Object.assign([], { length: 1 }) },
    [],
    new Date(),
    Promise.resolve({ scope: "admin" }),
  ]) {
    await refused("invalid_option", () => verifier.verify(good, requirement));
    await refused("invalid_option", () => verifier.verifySync(good, requirement));
    if (requirement instanceof Promise || Array.isArray(requirement)) continue;
    if (Object.getPrototypeOf(requirement) === Object.prototype) {
      await refused("invalid_option", () => createVerifier(Object.defineProperties({ ...options }, Object.getOwnPropertyDescriptors(requirement))).verify(good));
    }
  }
  // Of another realm, or without a prototype.
  await verifier.verify(good, Object.assign(Object.create(null), { scope: "read" }));
  await refused("insufficient_scope", () => verifier.verify(good, Object.assign(Object.create(null), { scope: "admin" })));
});

test("what requires nothing is refused also after something that JSON writes the same", async () => {
  const by = await key("ES256");
  const options = { issuer: "https://login.example", audience: "https://api.example", jwks: jwks(by) };
  const verifier = createVerifier(options);
  const good = await token(by, { scope: "read" });
  await verifier.verify(good, {});
  await verifier.verify(good, { scope: "read" });
  for (const requirement of [
    { scope: undefined },
    { roles: undefined },
    { user: undefined },
    { app: undefined },
    { scope: () => "admin" },
    { scope: Symbol("admin") },
    { scope: 1n },
    { scope: ["read", 1n] },
    { scope: "admin", toJSON: () => ({}) },
    { scope: "admin", toJSON: () => ({ scope: "read" }) },
    { user: { scope: () => "admin" } },
  ]) {
    await refused("invalid_option", () => verifier.verify(good, requirement));
    await refused("invalid_option", () => verifier.verifySync(good, requirement));
    await refused("invalid_option", () => createVerifier({ ...options, ...requirement }).verify(good));
  }
  const circular = { keys: [] };
  circular.keys.push(circular);
  for (const wrong of [{ tenants: () => [] }, { typo: () => {} }, { jwks: () => {} }, { jwks: { toJSON() {} } }, { jwks: circular }, { jwks: { keys: [1n] } }]) {
    await refused("invalid_option", () => createVerifier({ ...options, ...wrong }).verify(good));
  }
});

test("options that would admit everybody, or are not plain data, are a mistake of the author's", async () => {
  const by = await key("ES256");
  const options = { issuer: "https://login.example", audience: "https://api.example", jwks: jwks(by) };
  const good = await token(by);
  for (const tenants of [[], null, undefined, [""], "x", ["x"], ["contoso.com"]]) {
    await refused("invalid_option", () => createVerifier({ ...options, tenants }).verify(good));
  }
  for (const given of [undefined, null, "x", new Map(Object.entries(options)), Object.create(options), Object.assign(() => {}, options)]) {
    await refused("invalid_option", () => createVerifier(given).verify(good));
  }
});

test("a requirement whose getter throws does not disable the verifier", async () => {
  const by = await key("ES256");
  const verifier = createVerifier({ issuer: "https://login.example", audience: "https://api.example", jwks: jwks(by) });
  const good = await token(by, { scope: "read" });
  const hostile = new Proxy({ scope: "read" }, { getOwnPropertyDescriptor: () => { throw new Error("mine"); } }); // prettier-ignore
  const thrower = { get scope() { throw new Error("mine"); } }; // prettier-ignore
  for (let round = 0; round < 3; round += 1) {
    await refused("invalid_option", () => verifier.verify(good, thrower));
    await refused("invalid_option", () => verifier.verify(good, hostile));
    await verifier.verify(good, { scope: "read" });
    verifier.verifySync(good, { scope: "read" });
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

test("an error about an option names the rule that it broke", async () => {
  const options = { issuer: "https://login.example", audience: "https://api.example", jwks: { keys: [] } };
  for (const [wrong, detail] of [
    [{ tenants: "x" }, "tenants must be a list of strings"],
    [{ clockTolerance: "60" }, "clockTolerance must be a number of seconds"],
    [{ clockTolerance: 601 }, "clockTolerance must be between 0 and 600 seconds"],
    [{ profile: "okto" }, "profile must be entra, rfc9068, auth0, okta, keycloak, cognito or generic"],
    [{ audiences: ["x"] }, "audiences is not an option"],
  ]) {
    const error = await refused("invalid_option", () => createVerifier({ ...options, ...wrong }).verify("x"));
    assert.equal(error.detail, detail);
  }
  const error = await refused("invalid_option", () => createVerifier(options).verify("x", { tenants: ["x"] }));
  assert.equal(error.detail, "tenants is not part of a requirement");
});
