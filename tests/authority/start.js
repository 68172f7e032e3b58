import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp } from "./app.js";
import { Authority, Surroundings } from "./authority.js";
import { CertificateAuthority } from "./certificate-authority.js";
import { createControl } from "./control/control.js";
import { createCredentials } from "./credentials.js";
import { describeAuthority } from "./description.js";
import { readDirectory } from "./directory/read.js";
import { keySource } from "./key-source.js";
import { Listeners } from "./listeners.js";
import { createIdentityEndpoint } from "./managed-identity/endpoint.js";

/**
 * Starts an authority. `index.d.ts` documents the options and the result.
 *
 * @param {import("./index.js").StartOptions} [options]
 * @returns {Promise<import("./index.js").RunningAuthority & { authority: Authority }>}
 */
export async function startAuthority(options = {}) {
  const directory = await readDirectory(options.directory, { redirectUris: options.redirectUris });
  const publicUrl = options.publicUrl === undefined ? undefined : readPublicUrl(options.publicUrl);
  const host = options.host ?? "127.0.0.1";
  const folder = await mkdtemp(join(tmpdir(), "entra-local-"));
  let listeners;
  const close = async () => {
    await listeners?.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const certificateAuthority = options.https === false ? undefined : await CertificateAuthority.open(options.certificateDirectory);
    const tls = await certificateAuthority?.issue(Listeners.certificateNames({ host, publicUrl }));
    listeners = new Listeners({ host, publicUrl, tls });

    const surroundings = new Surroundings({ automatic: options.automatic ?? null, deviceCodeInterval: options.deviceCodeInterval ?? 5 });
    const rsaKeys = keySource(options.seed);
    const start = async (data) => {
      const authority = await Authority.create({ directory: data, rsaKeys, surroundings });
      authority.files.certificate = certificateAuthority?.file;
      await createCredentials(authority, folder, { seeded: options.seed !== undefined });
      return authority;
    };
    const clouds = await Promise.all([directory, ...directory.nationalClouds].map(start));
    for (const authority of clouds) authority.clouds = clouds;

    const [authority, ...nationalClouds] = clouds;
    await open(authority, listeners, { ...options, atPublicUrl: "origin" });
    await listen(authority, listeners, "identity", createIdentityEndpoint(authority), { port: options.identityPort });
    for (const cloud of nationalClouds) await open(cloud, listeners, { ...options, ...NO_PORTS, ...cloud.cloud.ports, atPublicUrl: "hostname" });
    return { ...describeAuthority(authority), authority, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const NO_PORTS = { port: undefined, httpPort: undefined, controlPort: undefined };

async function open(authority, listeners, { https = true, http = true, port, httpPort, controlPort, atPublicUrl }) {
  const app = createApp(authority);
  if (https) await listen(authority, listeners, "https", app, { secure: true, port, atPublicUrl });
  if (http) await listen(authority, listeners, "http", app, { port: https ? httpPort : port, atPublicUrl });
  await listen(authority, listeners, "control", createControl(authority), { port: controlPort });
}

async function listen(authority, listeners, name, served, options) {
  const { origin, listening } = await listeners.open(served, options);
  authority.origins[name] = origin;
  authority.listening[name] = listening;
}

function readPublicUrl(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url && ["https:", "http:"].includes(url.protocol) && url.pathname === "/" && !url.search && !url.hash && !url.username;
  if (!isOrigin) throw new Error(`The public URL "${text}" must be an origin, for example https://entra.example:8443, without a path.`);
  return url;
}
