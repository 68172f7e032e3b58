import { getRequestListener } from "@hono/node-server";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp } from "./app.js";
import { Authority } from "./authority.js";
import { generateRsaKeys, privateKeyPem, selfSigned, thumbprints } from "./certificates.js";
import { createControl } from "./control/control.js";
import { describeAuthority } from "./description.js";
import { readDirectory } from "./directory.js";

/**
 * Starts an authority on loopback.
 *
 * @param {object} [options]
 * @param {boolean} [options.https] listen with TLS; default true
 * @param {boolean} [options.http] listen without; default true
 * @param {number} [options.port] of the https listener, or of http if that is alone; default a free one
 * @param {number} [options.httpPort] of the http listener beside https; default a free one
 * @param {number} [options.controlPort] default a free one
 * @param {object} [options.directory] in place of `directory.json`
 * @param {null | { user: string }} [options.automatic] no pages: the hinted user, or this one, signs in and consents
 * @param {number} [options.deviceCodeInterval] seconds between the polls of a device; default 5
 * @returns {Promise<{ https, http, control, certificate, tenants, users, registrations, authority: Authority, close: () => Promise<void> }>}
 */
export async function startAuthority(options = {}) {
  const directory = options.directory ?? (await readDirectory());
  const settings = { automatic: options.automatic ?? null, deviceCodeInterval: options.deviceCodeInterval ?? 5 };
  const folder = await mkdtemp(join(tmpdir(), "authority-"));
  const servers = [];
  try {
    const [authority, tls] = await Promise.all([
      Authority.create({ directory, settings }),
      options.https === false ? undefined : createServerCertificate(folder),
    ]);
    authority.files = { certificate: tls?.file, registrations: await createCredentials(authority, folder) };

    const listener = getRequestListener(createApp(authority).fetch, { overrideGlobalObjects: false });
    const listen = async (name, server, port) => {
      server.listen(port ?? 0, "127.0.0.1");
      await once(server, "listening");
      servers.push(server);
      authority.origins[name] = `${server instanceof https.Server ? "https" : "http"}://localhost:${server.address().port}`;
    };
    if (tls) await listen("https", https.createServer({ key: tls.key, cert: tls.pem }, listener), options.port);
    if (options.http !== false) await listen("http", http.createServer(listener), tls ? options.httpPort : options.port);
    await listen("control", http.createServer(getRequestListener(createControl(authority).fetch)), options.controlPort);
    return { ...describeAuthority(authority), authority, close: () => close(servers, folder) };
  } catch (error) {
    await close(servers, folder);
    throw error;
  }
}

async function close(servers, folder) {
  await Promise.all(
    servers.map((server) => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      return closed;
    }),
  );
  await rm(folder, { recursive: true, force: true });
}

async function createServerCertificate(folder) {
  const keys = await generateRsaKeys();
  const pem = (await selfSigned({ keys, name: "localhost", hosts: ["localhost", "127.0.0.1", "::1"] })).toString("pem");
  const file = join(folder, "authority.pem");
  await writeFile(file, `${pem}\n`);
  return { key: await privateKeyPem(keys), pem, file };
}

/** A key and a certificate for each registration that has one as its credential. */
async function createCredentials(authority, folder) {
  const files = {};
  const wanting = authority.directory.data.registrations.filter((registration) => registration.certificate);
  await Promise.all(
    wanting.map(async ({ clientId }) => {
      const keys = await generateRsaKeys();
      const certificate = await selfSigned({ keys, name: clientId });
      files[clientId] = { certificate: join(folder, `${clientId}.pem`), privateKey: join(folder, `${clientId}.key`) };
      authority.addCertificate(clientId, { pem: certificate.toString("pem"), ...thumbprints(certificate) });
      await writeFile(files[clientId].certificate, `${certificate.toString("pem")}\n`);
      await writeFile(files[clientId].privateKey, await privateKeyPem(keys), { mode: 0o600 });
    }),
  );
  return files;
}
