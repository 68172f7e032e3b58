import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** What a program of this folder prints, which trusts the given certificate. */
export async function acquire(python, program, given) {
  const script = fileURLToPath(new URL(program, import.meta.url));
  // msal's `verify` gives way to this variable where it is set already.
  const child = spawn(python, [script], { env: { ...process.env, REQUESTS_CA_BUNDLE: given.certificate } });
  child.stdin.end(JSON.stringify(given));
  const [output, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.ok(output, complaint);
  return JSON.parse(output);
}

/**
 * The tokens that azure-identity gets.
 *
 * @param {import("../../index.d.ts").AuthorityDescription} about the authority
 * @param {{ assertion: string, folder: string }} more a user's token for the shop; where files can be put
 */
export async function azureIdentityTokens(python, about, { assertion, folder }) {
  const app = Object.fromEntries(about.registrations.map((registration) => [registration.name, registration]));
  const [certified, shop] = [app["Daemon with a certificate"], app["Shop API"]];
  const tokenFile = join(folder, "workload-token");
  const subject = "repo:contoso/orders:ref:refs/heads/main";
  const response = await fetch(`${about.listening.control}/workload/token`, { method: "POST", body: JSON.stringify({ subject }) });
  await writeFile(tokenFile, (await response.json()).token);
  return acquire(python, "azure_identity_tokens.py", {
    https: about.https,
    certificate: about.certificate,
    tenant: certified.tenant,
    secret: app["Daemon with a secret"],
    certified,
    pem: await keyAndCertificate(join(folder, "daemon.pem"), certified),
    shop,
    shopPem: await keyAndCertificate(join(folder, "shop.pem"), shop),
    assertion,
    federated: app["Daemon with a federated credential"],
    tokenFile,
    worker: app["Orders worker"],
    managedIdentity: about.managedIdentity,
  });
}

/** The library wants both in one file. */
async function keyAndCertificate(path, { certificate, privateKey }) {
  await writeFile(path, (await readFile(privateKey, "utf8")) + (await readFile(certificate, "utf8")), { mode: 0o600 });
  return path;
}
