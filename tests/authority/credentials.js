import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { privateKeyPem, selfSigned, thumbprints } from "./certificates.js";

/** Of certificates that are the same after every restart. */
const FIXED_PERIOD = { notBefore: new Date("2020-01-01T00:00:00Z"), notAfter: new Date("2049-12-31T00:00:00Z") };

/**
 * A key and a certificate for each registration that has one as its credential, as files for its program.
 * @param {{ seeded: boolean }} options whether they are to be the same after a restart
 */
export async function createCredentials(authority, folder, { seeded }) {
  const wanting = authority.directory.data.registrations.filter((registration) => registration.certificate);
  await Promise.all(
    wanting.map(async ({ clientId }) => {
      const keys = await authority.rsaKeys(`credential of ${clientId}`);
      const certificate = await selfSigned({ keys, name: clientId, ...(seeded && FIXED_PERIOD) });
      const pem = certificate.toString("pem");
      const files = { certificate: join(folder, `${clientId}.pem`), privateKey: join(folder, `${clientId}.key`) };
      authority.addCertificate(clientId, { pem, ...thumbprints(certificate) });
      authority.files.registrations[clientId] = files;
      await writeFile(files.certificate, `${pem}\n`);
      await writeFile(files.privateKey, await privateKeyPem(keys), { mode: 0o600 });
    }),
  );
}
