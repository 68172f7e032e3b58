/** The migration guides name every method and option of the peers' current types. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (file) => readFileSync(new URL(file, import.meta.url), "utf8");

/** The members of a class, an interface or a type in a declaration file: those at its first level. */
function members(text, declaration) {
  const found = new RegExp(`^( *)export (?:declare )?(?:(?:class|interface) ${declaration}\\b|type ${declaration} =)`, "m").exec(text);
  assert.ok(found, `${declaration} is not declared any more`);
  const [, indent] = found;
  const body = text.slice(found.index, text.indexOf(`\n${indent}}`, found.index));
  const member = new RegExp(`^${indent} {4}(?:readonly |get )?([a-zA-Z]\\w*)(?=[?:(<])`, "gm");
  return [...body.matchAll(member)].map(([, name]) => name).filter((name) => name !== "constructor");
}

/** Whether a guide names something in code, by itself or behind what it belongs to. */
const isNamed = (guide, name) => new RegExp(`\`(?:\\w+\\.)?${name}\``).test(guide);

function assertNamed(guide, names, without = []) {
  assert.ok(names.length > 0);
  assert.deepEqual(names.filter((name) => !without.includes(name) && !isNamed(guide, name)), []);
}

test("docs/migrate-from-msal-browser.md names what msal-browser has", () => {
  const guide = read("../docs/migrate-from-msal-browser.md");
  const types = (file) => read(`node_modules/@azure/msal-browser/types/${file}.d.ts`);
  assertNamed(guide, members(types("app/IPublicClientApplication"), "IPublicClientApplication"));
  const configuration = types("config/Configuration");
  for (const options of ["BrowserAuthOptions", "CacheOptions", "BrowserSystemOptions", "BrowserTelemetryOptions"]) assertNamed(guide, members(configuration, options));
  for (const request of ["PopupRequest", "RedirectRequest", "SilentRequest"]) {
    assertNamed(guide, members(types(`request/${request}`), request), ["redirectUri"]);
  }
});

test("docs/migrate-from-oidc-client-ts.md names what oidc-client-ts has", () => {
  const guide = read("../docs/migrate-from-oidc-client-ts.md");
  const types = read("node_modules/oidc-client-ts/dist/types/oidc-client-ts.d.ts");
  assertNamed(guide, members(types, "UserManager"));
  for (const options of ["UserManagerSettings", "OidcClientSettings"]) assertNamed(guide, members(types, options));
  // What a page sets is among the settings, or made by the library.
  assertNamed(guide, members(types, "SigninRequestCreateArgs"), ["url", "state_data"]);
  assertNamed(guide, members(types, "User"));
  assertNamed(guide, members(types, "UserManagerEvents").filter((name) => name.startsWith("add")));
});

test("what a guide does not name is noticed", () => {
  assert.ok(!isNamed("| `loginRedirect` |", "login"));
  assert.ok(isNamed("| `auth.clientId` |", "clientId"));
  assert.deepEqual(members("export interface A {\n    one?: string;\n    two(): void;\n    readonly three: 3;\n        four: 4;\n}\n", "A"), ["one", "two", "three"]);
});
