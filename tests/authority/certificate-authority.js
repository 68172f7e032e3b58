import { X509Certificate } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { createRoot, issueServerCertificate, privateKeyPem, readRoot } from "./certificates.js";

/** Renewed this long before it expires, so that a long test run does not see it expire. */
const RENEWAL = 30 * 24 * 3600 * 1000;

/** The directory for files of this program in the user's cache, as each system has it. */
export function defaultCertificateDirectory(environment = process.env, platform = process.platform) {
  const bases = {
    win32: environment.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"),
    darwin: join(homedir(), "Library", "Caches"),
  };
  return join(bases[platform] ?? (environment.XDG_CACHE_HOME || join(homedir(), ".cache")), "entra-local");
}

/**
 * The certificate authority of this user: made once and kept, so that what was told to trust it goes on
 * to work after a restart. Its key signs certificates for any name; trust it in the process under test,
 * not in the whole machine.
 */
export class CertificateAuthority {
  #root;

  /** @param {string} directory where `ca.pem` and `ca.key` are, or will be */
  static async open(directory = defaultCertificateDirectory()) {
    try {
      return await CertificateAuthority.#openIn(directory);
    } catch (error) {
      throw new Error(`The certificate authority could not be kept in ${directory}: ${error.message}. Choose another directory (--certificates), or do without TLS (--http-only).`, { cause: error });
    }
  }

  static async #openIn(directory) {
    const authority = new CertificateAuthority();
    const [secret, shared] = [resolve(directory, "ca.key"), resolve(directory, "ca.pem")];
    await mkdir(directory, { recursive: true, mode: 0o700 });
    authority.#root = (await read(secret)) ?? (await create(secret));
    const pem = `${authority.#root.certificate.toString("pem")}\n`;
    if ((await readFile(shared, "utf8").catch(() => "")) !== pem) await replace(shared, pem, 0o644);
    /** The file that clients are told to trust. */
    authority.file = shared;
    return authority;
  }

  /** @returns {Promise<{ key: string, certificate: string }>} in PEM */
  async issue(hosts) {
    const { key, certificate } = await issueServerCertificate(this.#root, [...new Set(hosts)]);
    return { key, certificate: certificate.toString("pem") };
  }
}

/** The root in the file; undefined when there is none, or one that is damaged or about to expire. */
async function read(file) {
  const text = await readFile(file, "utf8").catch(() => "");
  const part = (label) => new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`).exec(text)?.[0];
  const [certificatePem, keyPem] = [part("CERTIFICATE"), part("PRIVATE KEY")];
  if (!certificatePem || !keyPem) return undefined;
  try {
    if (Date.parse(new X509Certificate(certificatePem).validTo) < Date.now() + RENEWAL) return undefined;
    return await readRoot({ certificatePem, keyPem });
  } catch {
    return undefined;
  }
}

/** Key and certificate go into one file at once, so that two processes that start together end up with the same pair. */
async function create(file) {
  const root = await createRoot("entra-local development CA");
  const content = `${await privateKeyPem(root.keys)}${root.certificate.toString("pem")}\n`;
  const temporary = `${file}.${process.pid}.${Date.now()}`;
  await writeFile(temporary, content, { mode: 0o600 });
  try {
    await link(temporary, file);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const theirs = await read(file);
    if (theirs) return theirs;
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
  return root;
}

async function replace(file, content, mode) {
  const temporary = `${file}.${process.pid}.${Date.now()}`;
  await writeFile(temporary, content, { mode });
  await rename(temporary, file);
}
