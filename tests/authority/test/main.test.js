import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { CERTIFICATES } from "./fixture.js";

const MAIN = fileURLToPath(new URL("../main.js", import.meta.url));

describe("main.js", () => {
  function start(t, ...args) {
    const child = spawn(process.execPath, [MAIN, "--certificates", CERTIFICATES, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const ended = once(child, "exit");
    t.after(() => (child.kill("SIGTERM"), ended));
    return child;
  }

  const firstLine = async (child) => (await once(createInterface(child.stdout), "line"))[0];

  for (const signal of ["SIGINT", "SIGTERM"]) {
    test(`--json: one object on the first line; ${signal} stops it and takes its private keys away`, async (t) => {
      const child = start(t, "--json");
      const about = JSON.parse(await firstLine(child));
      assert.deepEqual(Object.keys(about), ["https", "http", "control", "listening", "certificate", "tenants", "users", "registrations", "managedIdentity"]);
      assert.match(await readFile(about.certificate, "utf8"), /^-----BEGIN CERTIFICATE-----/);
      assert.deepEqual([...new Set(about.registrations.map((r) => r.kind))].sort(), ["daemon", "managed-identity", "middle-tier", "native", "spa", "web", "web-api"]);
      assert.ok(about.registrations.some((r) => r.secret) && about.registrations.some((r) => r.certificate && r.privateKey));
      assert.equal((await fetch(`${about.http}/common/v2.0/.well-known/openid-configuration`)).status, 200);
      child.kill(signal);
      const [code] = await once(child, "exit");
      assert.equal(code, 0);
      for (const { privateKey } of about.registrations) if (privateKey) await assert.rejects(access(privateKey));
      // What clients trust outlives it.
      await access(about.certificate);
    });
  }

  test("--http-only", async (t) => {
    const about = JSON.parse(await firstLine(start(t, "--json", "--http-only")));
    assert.deepEqual([about.https, about.certificate], [null, null]);
    assert.equal((await fetch(`${about.http}/common/discovery/keys`)).status, 200);
  });

  test("for a person: URLs, users and registrations", async (t) => {
    const child = start(t);
    let text = "";
    for await (const chunk of child.stdout) {
      text += chunk;
      if (text.includes("Ctrl-C")) break;
    }
    for (const expected of [/https {4}https:\/\/localhost:\d+/, /alice@contoso\.onmicrosoft\.com +alice-password/, /Orders page/, /client id 1{8}/]) assert.match(text, expected);
  });

  test("--seed: the same keys and credentials after a restart, others with another seed", async (t) => {
    const identity = async (...seed) => {
      const child = start(t, "--json", "--http-only", ...seed);
      const about = JSON.parse(await firstLine(child));
      const { keys } = await (await fetch(`${about.http}/common/discovery/v2.0/keys`)).json();
      const { certificate } = about.registrations.find((r) => r.certificate);
      return { kids: keys.map(({ kid }) => kid), certificate: await readFile(certificate, "utf8") };
    };
    const [first, second, other, random] = await Promise.all([identity("--seed", "one"), identity("--seed", "one"), identity("--seed", "two"), identity()]);
    assert.deepEqual(first, second);
    for (const different of [other, random]) {
      assert.ok(!different.kids.some((kid) => first.kids.includes(kid)));
      assert.notEqual(different.certificate, first.certificate);
    }
    assert.equal(new Set(first.kids).size, 3, "one seed, different keys");
  });

  test("a directory file that is not valid says where", async (t) => {
    const file = fileURLToPath(import.meta.url);
    const child = start(t, "--directory", file);
    let complaint = "";
    child.stderr.on("data", (chunk) => (complaint += chunk));
    const [code] = await once(child, "close");
    assert.equal(code, 2);
    assert.ok(complaint.startsWith(`${file}:1: This is not JSON`), complaint);
  });

  test("a wrong option says what is right", async (t) => {
    const child = start(t, "--port", "ninety");
    let complaint = "";
    child.stderr.on("data", (chunk) => (complaint += chunk));
    const [code] = await once(child, "close");
    assert.equal(code, 2);
    assert.match(complaint, /--port takes a port number/);
  });

  test("a host that this machine does not have says so", async (t) => {
    // RFC 5737: a block of addresses that nobody has.
    const child = start(t, "--host", "203.0.113.1", "--http-only");
    let complaint = "";
    child.stderr.on("data", (chunk) => (complaint += chunk));
    const [code] = await once(child, "close");
    assert.equal(code, 2);
    assert.match(complaint, /^This machine has no address "203\.0\.113\.1" to listen at\./);
  });

  test("a port that is taken says so", async (t) => {
    const about = JSON.parse(await firstLine(start(t, "--json", "--http-only")));
    const second = start(t, "--http-only", "--port", new URL(about.http).port);
    let complaint = "";
    second.stderr.on("data", (chunk) => (complaint += chunk));
    const [code] = await once(second, "close");
    assert.equal(code, 2);
    assert.match(complaint, /is taken/);
  });
});
