import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import tls from "node:tls";
import { CertificateAuthority, defaultCertificateDirectory } from "../certificate-authority.js";
import { startAuthority } from "../start.js";

describe("the server's certificate and its authority", () => {
  async function directory(t) {
    const path = await mkdtemp(join(tmpdir(), "entra-local-test-"));
    t.after(() => rm(path, { recursive: true, force: true }));
    return path;
  }

  /** The chain as a client sees it, verified by OpenSSL with the authority's certificate alone. */
  async function connect(origin, ca, host = "localhost") {
    const socket = tls.connect({ port: new URL(origin).port, host: "127.0.0.1", servername: host === "127.0.0.1" ? "" : host, ca, checkServerIdentity: (_, certificate) => tls.checkServerIdentity(host, certificate) });
    await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
    const leaf = socket.getPeerX509Certificate();
    socket.destroy();
    return leaf;
  }

  test("a leaf for server authentication that is no CA (RFC 5280 sections 4.2.1.3, 4.2.1.9, 4.2.1.12), with its names (RFC 9525 section 2)", async (t) => {
    const running = await startAuthority({ certificateDirectory: await directory(t), http: false });
    t.after(() => running.close());
    const ca = await readFile(running.certificate, "utf8");
    const root = new X509Certificate(ca);
    for (const host of ["localhost", "127.0.0.1"]) {
      const leaf = await connect(running.https, ca, host);
      // By its bytes: rustls goes by them, where OpenSSL goes by the key usage too.
      const basic = new x509.X509Certificate(leaf.raw).getExtension(x509.BasicConstraintsExtension);
      assert.deepEqual([leaf.ca, basic.ca], [false, false]);
      assert.deepEqual(leaf.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
      assert.match(leaf.subjectAltName, /DNS:localhost, IP Address:127\.0\.0\.1, IP Address:0:0:0:0:0:0:0:1/);
      assert.ok(leaf.checkIssued(root) && leaf.verify(root.publicKey));
      assert.notEqual(leaf.fingerprint256, root.fingerprint256);
      // Apple's limit for a server certificate is 825 days.
      assert.ok(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom) < 825 * 24 * 3600 * 1000);
    }
    assert.equal(root.ca, true);
  });

  test("OpenSSL finds nothing wrong with the chain when it is strict (RFC 5280 section 4.2.1.1)", async (t) => {
    const folder = await directory(t);
    const authority = await CertificateAuthority.open(folder);
    const { certificate } = await authority.issue(["localhost"]);
    await writeFile(join(folder, "leaf.pem"), certificate);
    const { stdout, stderr } = spawnSync("openssl", ["verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "localhost", "-CAfile", authority.file, join(folder, "leaf.pem")], { encoding: "utf8" });
    assert.match(stdout, /leaf\.pem: OK/, stderr);
  });

  test("it persists: what trusted it once trusts it after a restart", async (t) => {
    const folder = await directory(t);
    const open = async () => new X509Certificate(await readFile((await CertificateAuthority.open(folder)).file)).fingerprint256;
    const first = await open();
    assert.equal(await open(), first);
    assert.equal((await stat(join(folder, "ca.key"))).mode & 0o777, 0o600);
    await rm(join(folder, "ca.pem"));
    assert.equal(await open(), first, "the certificate file is written again");
    await writeFile(join(folder, "ca.key"), "damaged");
    assert.notEqual(await open(), first, "a damaged one is replaced");
  });

  test("eight that start at once agree on one", async (t) => {
    const folder = await directory(t);
    const all = await Promise.all(Array.from({ length: 8 }, () => CertificateAuthority.open(folder)));
    const root = new X509Certificate(await readFile(all[0].file));
    for (const authority of all) {
      const { certificate } = await authority.issue(["localhost"]);
      assert.ok(new X509Certificate(certificate).verify(root.publicKey));
    }
  });

  test("a directory that cannot be written says what to do", async (t) => {
    const file = join(await directory(t), "file");
    await writeFile(file, "");
    await assert.rejects(CertificateAuthority.open(join(file, "certificates")), /could not be kept in .*: (ENOTDIR|EEXIST).* Choose another directory \(--certificates\), or do without TLS \(--http-only\)\./);
  });

  test("the directory is this user's cache, as each system has it", () => {
    assert.equal(defaultCertificateDirectory({ XDG_CACHE_HOME: "/cache" }, "linux"), join("/cache", "entra-local"));
    assert.match(defaultCertificateDirectory({}, "linux"), /\.cache.entra-local$/);
    assert.match(defaultCertificateDirectory({}, "darwin"), /Library.Caches.entra-local$/);
    assert.equal(defaultCertificateDirectory({ LOCALAPPDATA: "C:\\Local" }, "win32"), join("C:\\Local", "entra-local"));
  });

  test("--host and --public-url: the certificate has their names, and everything speaks of the public origin", async (t) => {
    const running = await startAuthority({ certificateDirectory: await directory(t), host: "0.0.0.0", publicUrl: "https://entra.example:8443" });
    t.after(() => running.close());
    assert.equal(running.https, "https://entra.example:8443");
    const port = new URL(running.listening.https).port;
    const leaf = await connect(`https://localhost:${port}`, await readFile(running.certificate, "utf8"), "entra.example");
    assert.match(leaf.subjectAltName, /DNS:entra\.example/);
    const metadata = await (await fetch(`${running.listening.http}/common/v2.0/.well-known/openid-configuration`)).json();
    assert.equal(metadata.token_endpoint, "https://entra.example:8443/common/oauth2/v2.0/token");
    assert.equal(metadata.issuer, "https://entra.example:8443/{tenantid}/v2.0");
  });

  test("a public URL that is no origin is refused", async () => {
    await assert.rejects(startAuthority({ publicUrl: "https://entra.example/auth" }), /must be an origin, for example https:\/\/entra\.example:8443, without a path/);
    await assert.rejects(startAuthority({ publicUrl: "entra.example" }), /must be an origin/);
  });
});
