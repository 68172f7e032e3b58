import "reflect-metadata"; // @peculiar/x509 asks for it before it is loaded
import * as x509 from "@peculiar/x509";
import { createHash, randomBytes } from "node:crypto";

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
const YEAR = 365 * 24 * 3600 * 1000;

x509.cryptoProvider.set(globalThis.crypto);

export function generateRsaKeys() {
  return crypto.subtle.generateKey(RSA, true, ["sign", "verify"]);
}

/**
 * A self-signed certificate.
 * @param {{ keys: CryptoKeyPair, name: string, hosts?: string[], notBefore?: Date, notAfter?: Date }} options
 */
export async function selfSigned({ keys, name, hosts, notBefore, notAfter }) {
  const extensions = [new x509.BasicConstraintsExtension(Boolean(hosts), undefined, true)];
  if (hosts) {
    extensions.push(
      new x509.SubjectAlternativeNameExtension(
        hosts.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? "ip" : "dns", value })),
      ),
      new x509.ExtendedKeyUsageExtension(["1.3.6.1.5.5.7.3.1"]),
    );
  }
  return x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: `00${randomBytes(8).toString("hex")}`,
    name: `CN=${name}`,
    notBefore: notBefore ?? new Date(Date.now() - 24 * 3600 * 1000),
    notAfter: notAfter ?? new Date(Date.now() + YEAR),
    signingAlgorithm: RSA,
    keys,
    extensions,
  });
}

/** A certificate issued by another one, for authentication by subject name and issuer (`x5c`). */
export async function issuedBy({ issuer, issuerKeys, keys, name }) {
  return x509.X509CertificateGenerator.create({
    serialNumber: `00${randomBytes(8).toString("hex")}`,
    subject: `CN=${name}`,
    issuer: issuer.subject,
    notBefore: new Date(Date.now() - 24 * 3600 * 1000),
    notAfter: new Date(Date.now() + YEAR),
    signingAlgorithm: RSA,
    publicKey: keys.publicKey,
    signingKey: issuerKeys.privateKey,
  });
}

/** The certificate's names in a JOSE header: `x5t` (RFC 7515 section 4.1.7), `x5t#S256` (4.1.8), `x5c` (4.1.6). */
export function thumbprints(certificate) {
  const der = Buffer.from(certificate.rawData);
  return {
    x5t: createHash("sha1").update(der).digest("base64url"),
    x5tS256: createHash("sha256").update(der).digest("base64url"),
    x5c: der.toString("base64"),
  };
}

export async function privateKeyPem(keys) {
  const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  const lines = der.toString("base64").match(/.{1,64}/g).join("\n");
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}
