import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { JsonSource } from "../directory/json-source.js";
import { readDirectory } from "../directory/read.js";

const DEFAULT = new URL("../directory/directory.json", import.meta.url);

const SMALL = `{
  "tenants": [
    { "id": "5c0e1a8e-6f0b-4a3c-9d57-0a6f2b1c4d10", "domain": "contoso.example", "name": "Contoso" }
  ],
  "users": [
    { "name": "alice@contoso.example", "password": "p", "tenant": "contoso.example",
      "id": "c1a5e0de-0001-4a11-8a01-5f2d3c4b5a01", "displayName": "Alice" }
  ],
  "registrations": [
    { "name": "Page", "tenant": "contoso.example", "clientId": "11111111-aaaa-4bbb-8ccc-000000000001",
      "redirectUris": { "spa": ["http://localhost/"] },
      "requiredResourceAccess": { "Microsoft Graph": ["User.Read"] } }
  ]
}
`;

describe("a directory file", () => {
  async function file(t, text) {
    const folder = await mkdtemp(join(tmpdir(), "entra-local-directory-"));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, "mine.json");
    await writeFile(path, text);
    return path;
  }

  /** What is said of the small file with one change; it begins with the file and the line. */
  async function complaint(t, from, to) {
    assert.ok(SMALL.includes(from), from);
    const path = await file(t, SMALL.replace(from, to));
    const error = await readDirectory(path).then(() => assert.fail("It was accepted."), (e) => e);
    assert.equal(error.name, "DirectoryError");
    return error.message.replaceAll(path, "mine.json");
  }

  test("the small one is good, and what it leaves out is filled in", async (t) => {
    const directory = await readDirectory(await file(t, SMALL), { redirectUris: ["http://localhost:1/more"] });
    assert.deepEqual(directory.consents, []);
    assert.equal(directory.tenants[0].kind, "organization");
    assert.ok(directory.registrations.some(({ name }) => name === "Microsoft Graph"));
  });

  test("the one of this package is good", () => readDirectory());

  for (const [why, from, to, expected] of [
    ["a comma is missing", '"domain": "contoso.example", "name"', '"domain": "contoso.example" "name"', /^mine\.json:3: This is not JSON: "," or "}" was expected, not "\\""\.$/],
    ["it ends in the middle", '"registrations": [', '"registrations": [{"name": "x', /^mine\.json:9: This is not JSON/],
    ["a member is there twice", '"password": "p"', '"password": "p", "password": "q"', /^mine\.json:6: This is not JSON: the member "password" is there twice/],
    ["a member is missing", '"password": "p", ', "", /^mine\.json:6: users\[0\] has no "password"\.$/],
    ["a member is unknown", '"displayName"', '"fullName": "x", "displayName"', /^mine\.json:7: users\[0\]\.fullName is not known here; known are name, password/],
    ["a value has another type", '["http://localhost/"]', '"http://localhost/"', /^mine\.json:11: registrations\[0\]\.redirectUris\.spa must be an array\.$/],
    ["an id is no GUID", "c1a5e0de-0001-4a11-8a01-5f2d3c4b5a01", "alice", /^mine\.json:7: users\[0\]\.id must be a GUID/],
    ["a tenant is named that is not there", '"password": "p", "tenant": "contoso.example"', '"password": "p", "tenant": "fabrikam.example"', /^mine\.json:6: users\[0\]\.tenant names the tenant "fabrikam\.example", which is not in "tenants"\.$/],
    ["a scope is named that the API does not have", '["User.Read"]', '["User.Burn"]', /^mine\.json:12: registrations\[0\]\.requiredResourceAccess\["Microsoft Graph"\] names "User\.Burn", which "Microsoft Graph" does not have in its "scopes"\.$/],
    ["a whole list is missing", '"users"', '"persons"', /^mine\.json:1: The file has no "users"\.\nmine\.json:5: persons is not known here/],
  ]) {
    test(`names file, line and place when ${why}`, async (t) => assert.match(await complaint(t, from, to), expected));
  }

  test("two entries with one id", async (t) => {
    const path = await file(t, SMALL.replace('"registrations": [', '"registrations": [{ "name": "Twin", "tenant": "contoso.example", "clientId": "11111111-AAAA-4bbb-8ccc-000000000001" },'));
    await assert.rejects(readDirectory(path), /mine\.json:10: registrations\[1\]\.clientId is "11111111-aaaa-4bbb-8ccc-000000000001", which another entry has already\./);
  });

  test("a file that is not there, and an object in place of a file", async () => {
    await assert.rejects(readDirectory("/nowhere/mine.json"), /The directory file \/nowhere\/mine\.json could not be read: ENOENT/);
    await assert.rejects(readDirectory({ tenants: [], users: [{}], registrations: [] }), /The directory is not valid: users\[0\] has no "name"\./);
  });

  test("no more than ten problems are told", async () => {
    const users = Array.from({ length: 12 }, () => ({}));
    await assert.rejects(readDirectory({ tenants: [], users, registrations: [] }), /… and 50 more\.$/);
  });

  test("the reader of JSON reads what JSON.parse reads", async () => {
    const text = await readFile(DEFAULT, "utf8");
    for (const json of [text, '{"a":[1,-2.5e3,true,false,null,"\\u00e9\\n\\"",{}],"b":[]}', " 5 ", '"x"']) assert.deepEqual(new JsonSource(json).value, JSON.parse(json));
    for (const broken of ["", "{", "[1,]", "{'a':1}", "01", '"\n"', "[1] 2", "nul", '{"a" 1}']) {
      assert.throws(() => JSON.parse(broken), broken);
      assert.throws(() => new JsonSource(broken), broken);
    }
  });
});
