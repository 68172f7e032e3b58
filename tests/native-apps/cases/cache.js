// The cache on disk: read by its owner, shared by processes, and never a reason to lose what could be kept.

import { spawn } from "node:child_process";
import { chmod, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import process from "node:process";

import { assert } from "chai";

import { refused } from "../../edge/cases/case.js";
import { follow, pause, test } from "./scene.js";

const BOB = "bob@contoso.onmicrosoft.com";
const names = (client) => client.accounts.map(({ claims }) => claims.name).toSorted();

test("Only its owner can read the cache", async (scene) => {
  await scene.signedIn();
  const modeOf = async (file) => ((await stat(file)).mode & 0o777).toString(8);
  assert.equal(await modeOf(scene.cacheFile), "600");
  assert.equal(await modeOf(path.dirname(scene.cacheFile)), "700");
  await chmod(scene.cacheFile, 0o644);
  assert.lengthOf((await scene.client()).accounts, 1);
  assert.equal(await modeOf(scene.cacheFile), "600");
  // Nothing else is left of writing it.
  assert.deepEqual(await readdir(path.dirname(scene.cacheFile)), ["tokens"]);
});

test("A cache that was cut loses the user whose line was cut, and nobody else", async (scene) => {
  const { client } = await scene.signedIn();
  await client.signIn({ loginHint: BOB });
  assert.deepEqual(names(client), ["Alice Anders", "Bob Berg"]);
  const whole = await readFile(scene.cacheFile, "utf8");
  const firstEnd = whole.indexOf("\n", whole.indexOf("\n") + 1) + 1;
  for (const length of [0, 1, 10, 18, 19, 200, firstEnd - 2, firstEnd - 1, firstEnd, firstEnd + 1, firstEnd + 500, whole.length - 2, whole.length - 1]) {
    await writeFile(scene.cacheFile, whole.slice(0, length));
    const kept = names(await scene.client());
    const expected = length >= whole.length - 1 ? 2 : length >= firstEnd - 1 ? 1 : 0;
    assert.lengthOf(kept, expected, `cut at ${length} of ${whole.length}, the first line ends at ${firstEnd}`);
    // Who was kept stays when another one comes.
    const cut = await scene.client({ openBrowser: follow });
    await cut.signIn({ loginHint: BOB });
    assert.includeMembers(names(await scene.client()), [...kept, "Bob Berg"]);
  }
});

test("A line that was altered is nobody's session", async (scene) => {
  await scene.signedIn();
  const whole = await readFile(scene.cacheFile, "utf8");
  for (const place of [25, 60, 400, whole.length - 40]) {
    await writeFile(scene.cacheFile, `${whole.slice(0, place)}${whole[place] === "A" ? "B" : "A"}${whole.slice(place + 1)}`);
    assert.deepEqual((await scene.client()).accounts, []);
  }
});

test("Lines of another version are kept for it", async (scene) => {
  const line = "7 what-a-later-version writes";
  await mkdir(path.dirname(scene.cacheFile));
  await writeFile(scene.cacheFile, `countersign cache\n${line}\n`);
  const { client } = await scene.signedIn();
  await client.getToken({ forceRefresh: true });
  assert.include(await readFile(scene.cacheFile, "utf8"), `\n${line}\n`);
  await client.signOut();
  assert.equal(await readFile(scene.cacheFile, "utf8"), `countersign cache\n${line}\n`);
});

test("A file of something else is left alone", async (scene) => {
  const content = '{"name":"my-app"}';
  await mkdir(path.dirname(scene.cacheFile));
  await writeFile(scene.cacheFile, content);
  const { message } = await refused("cache_foreign", () => scene.client());
  assert.include(message, scene.cacheFile);
  assert.equal(await readFile(scene.cacheFile, "utf8"), content);
});

test("A cache that cannot be used is an error before a user signs in for it", async (scene) => {
  const file = path.join(scene.folder, "file");
  await writeFile(file, "");
  const error = await refused("cache_unavailable", () => scene.client({ cacheFile: path.join(file, "tokens") }));
  assert.oneOf(error.cause.code, ["ENOTDIR", "EEXIST", "ENOENT"]);
  await refused("cache_unavailable", () => scene.client({ cacheFile: scene.folder }));

  // And one that becomes so during the sign-in: the user is signed in until the program ends.
  const client = await scene.client({ openBrowser: async (url) => (await writeFile(scene.cacheFile, "{}"), follow(url)) });
  const account = await client.signIn();
  assert.deepEqual(client.accounts, [account]);
  assert.isString((await client.getToken({ forceRefresh: true })).accessToken);
  assert.equal(await readFile(scene.cacheFile, "utf8"), "{}");
});

test("What is no file is never read, replaced or given other permissions", async (scene) => {
  if (process.platform === "win32") return;
  const pipe = path.join(scene.folder, "pipe");
  // Who writes to a pipe lets its reader go on.
  const writer = spawn("sh", ["-c", 'mkfifo -m 644 "$0" && echo > "$0.made" && : > "$0"', pipe], { stdio: "ignore" });
  const ended = new Promise((resolve) => writer.once("close", resolve));
  try {
    while (!(await stat(`${pipe}.made`).catch(() => undefined))) await pause(5);
    const { cause } = await refused("cache_unavailable", () => scene.client({ cacheFile: pipe }));
    assert.match(cause.message, /no file/);
    const { mode } = await stat(pipe);
    assert.equal(mode & 0o777, 0o644);
  } finally {
    writer.kill("SIGKILL");
    await ended;
  }
});

test("A link to the cache stays one", async (scene) => {
  const link = path.join(scene.folder, "link");
  await scene.signedIn();
  await symlink(scene.cacheFile, link);
  const { client } = await scene.signedIn({ cacheFile: link }, BOB);
  assert.deepEqual(names(client), ["Alice Anders", "Bob Berg"]);
  assert.deepEqual(names(await scene.client()), ["Alice Anders", "Bob Berg"]);
});

test("Processes that write at the same time lose nothing of each other", async (scene) => {
  const { client } = await scene.signedIn();
  for (const user of ["bob", "admin"]) await client.signIn({ loginHint: `${user}@contoso.onmicrosoft.com` });
  const together = Date.now() + 1500;
  // Each renews the token of a user of its own, and all write one file.
  const programs = client.accounts.map(({ issuer, subject }) =>
    scene.start({ options: scene.options, act: "renewAndLook", account: { issuer, subject }, times: 25, together }),
  );
  const ends = await Promise.all(programs.map(({ ended }) => ended));
  for (const { lines, code } of ends) {
    assert.equal(code, 0);
    assert.lengthOf(lines, 25);
    for (const { renewed, kept } of lines.flat()) assert.isTrue(renewed === kept, "another process brought a former record back");
  }
  assert.deepEqual(await readdir(path.dirname(scene.cacheFile)), ["tokens"]);
});

test("RFC 9700 4.14.2: processes that share a cache use no refresh token twice, where that would end the session", async (scene) => {
  const options = { ...scene.options, authority: scene.oidc, clientId: "desktop", scope: "openid" };
  const client = await scene.client(options);
  await client.signIn();
  const together = Date.now() + 1500;
  const programs = Array.from({ length: 3 }, () => scene.start({ options, act: "renew", times: 6, callers: 3, together }).ended);
  for (const { lines } of await Promise.all(programs)) {
    assert.lengthOf(lines, 6);
    for (const token of lines.flat()) assert.isString(token, JSON.stringify(token));
  }
  assert.isString((await client.getToken({ forceRefresh: true })).accessToken);
});

test("Processes that are killed at any time leave a cache that works", async (scene) => {
  const { client } = await scene.signedIn();
  for (let round = 0; round < 6; round += 1) {
    const ends = [];
    const program = scene.start({ options: scene.options, act: "renew", times: 1000 }, () => ends.push(1));
    while (ends.length === 0) await pause(5);
    await pause(round * 7);
    program.process.kill("SIGKILL");
    await program.ended;
    const began = Date.now();
    await client.getToken({ forceRefresh: true });
    assert.isBelow(Date.now() - began, 5000, `round ${round}`);
  }
  assert.lengthOf((await scene.client()).accounts, 1);
});

test("A lock whose process is gone, or froze, does not hold anybody", async (scene) => {
  const { client } = await scene.signedIn();
  const lock = `${scene.cacheFile}.lock`;
  // The id of a process that has ended.
  const gone = scene.start({ options: scene.options, act: "accounts" });
  await gone.ended;
  await writeFile(lock, JSON.stringify({ id: "a", pid: gone.process.pid, host: hostname() }));
  const began = Date.now();
  await client.getToken({ forceRefresh: true });
  assert.isBelow(Date.now() - began, 5000);

  for (const content of [JSON.stringify({ id: "a", pid: 1, host: "another machine" }), "", "{"]) {
    await writeFile(lock, content);
    const old = Date.now() / 1000 - 61;
    await utimes(lock, old, old);
    await client.getToken({ forceRefresh: true });
  }
  assert.deepEqual(await readdir(path.dirname(scene.cacheFile)), ["tokens"]);

  // One that is held is waited for.
  await writeFile(lock, JSON.stringify({ id: "a", pid: 1, host: "another machine" }));
  let isDone = false;
  const waiting = client.getToken({ forceRefresh: true }).then(() => (isDone = true));
  await pause(400);
  assert.isFalse(isDone);
  const old = Date.now() / 1000 - 61;
  await utimes(lock, old, old);
  await waiting;
});

test("Several users: each call says whose token it is, and one signs out without the others", async (scene) => {
  const { client, account: alice } = await scene.signedIn();
  const bob = await client.signIn({ loginHint: BOB });
  await refused("account_required", () => client.getToken());
  await refused("account_required", () => client.signOut());
  const [hers, his] = await Promise.all([client.getToken({ account: alice }), client.getToken({ account: bob })]);
  const nameIn = ({ accessToken }) => JSON.parse(atob(accessToken.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).oid;
  assert.deepEqual([nameIn(hers), nameIn(his)], [alice.claims.oid, bob.claims.oid]);
  await client.signOut({ account: alice });
  assert.deepEqual(names(client), ["Bob Berg"]);
  await refused("sign_in_required", () => client.getToken({ account: alice }));
  assert.equal((await client.getToken()).accessToken, his.accessToken);
  assert.notInclude(await readFile(scene.cacheFile, "utf8"), alice.subject);
});

test("A sign-out in another process ends the session here", async (scene) => {
  const { client } = await scene.signedIn();
  const other = await scene.client();
  await other.signOut();
  assert.deepEqual(client.accounts, []);
  await refused("sign_in_required", () => client.getToken());
});

test("Apps with another client or authority share the file, and not their users", async (scene) => {
  await scene.signedIn();
  assert.deepEqual((await scene.client({ clientId: "other" })).accounts, []);
  assert.deepEqual((await scene.client({ authority: scene.v1 })).accounts, []);
  assert.lengthOf((await scene.client()).accounts, 1);
});

test("Without a cache file nothing is kept on disk", async (scene) => {
  const { client } = await scene.signedIn({ cacheFile: undefined });
  assert.lengthOf(client.accounts, 1);
  assert.isString((await client.getToken({ forceRefresh: true })).accessToken);
  assert.deepEqual(await readdir(scene.folder), []);
});
