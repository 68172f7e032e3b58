import "reflect-metadata"; // @peculiar/x509 needs it loaded first
import * as x509 from "@peculiar/x509";
import { createHash, randomBytes } from "node:crypto";
import { isIP } from "node:net";

export const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 24 * 3600 * 1000;
const YEAR = 365 * DAY;
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";

x509.cryptoProvider.set(globalThis.crypto);

export function generateRsaKeys() {
  return crypto.subtle.generateKey(RSA, true, ["sign", "verify"]);
}

/**
 * A self-signed certificate, as applications register one for their credential.
 * @param {{ keys: CryptoKeyPair, name: string, notBefore?: Date, notAfter?: Date }} options
 */
export async function selfSigned({ keys, name, notBefore, notAfter }) {
  return x509.X509CertificateGenerator.createSelfSigned({
    ...period(notBefore, notAfter),
    // The same key gives the same certificate, so that its thumbprint outlives a restart with seeded keys.
    serialNumber: serialNumber(createHash("sha256").update(new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey))).digest()),
    name: `CN=${name}`,
    signingAlgorithm: RSA,
    keys,
    extensions: [new x509.BasicConstraintsExtension(false, undefined, true)],
  });
}

/** A root certificate and its keys: what a client is told to trust. */
export async function createRoot(name) {
  const keys = await crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...period(undefined, new Date(Date.now() + 10 * YEAR)),
    serialNumber: serialNumber(),
    name: `CN=${name}`,
    signingAlgorithm: EC,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { keys, certificate };
}

/** Reads a root back from the PEM files that `createRoot` went to. */
export async function readRoot({ certificatePem, keyPem }) {
  const certificate = new x509.X509Certificate(certificatePem);
  const der = x509.PemConverter.decodeFirst(keyPem);
  const privateKey = await crypto.subtle.importKey("pkcs8", der, EC, true, ["sign"]);
  return { keys: { privateKey, publicKey: await certificate.publicKey.export() }, certificate };
}

/**
 * A server's certificate with its key, issued by a root (RFC 5280 section 4.2): not a CA, for server
 * authentication, and with its names as subject alternative names, which is all that clients look at
 * (RFC 9525 section 2).
 */
export async function issueServerCertificate(root, hosts) {
  const keys = await crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    // No client accepts a longer life of a leaf (Apple: 825 days; the CA/Browser Forum less).
    ...period(undefined, new Date(Date.now() + 90 * DAY)),
    serialNumber: serialNumber(),
    subject: `CN=${hosts[0]}`,
    issuer: root.certificate.subject,
    signingAlgorithm: EC,
    publicKey: keys.publicKey,
    signingKey: root.keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTHENTICATION]),
      new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: isIP(value) ? "ip" : "dns", value }))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(root.certificate),
    ],
  });
  return { key: await privateKeyPem(keys), certificate };
}

/** A certificate issued by another one, for authentication by subject name and issuer (`x5c`). */
export async function issuedBy({ issuer, issuerKeys, keys, name }) {
  return x509.X509CertificateGenerator.create({
    ...period(),
    serialNumber: serialNumber(),
    subject: `CN=${name}`,
    issuer: issuer.subject,
    signingAlgorithm: issuerKeys.privateKey.algorithm.name === EC.name ? EC : RSA,
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
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY")}\n`;
}

/** From yesterday, for clients whose clock is behind. */
function period(notBefore = new Date(Date.now() - DAY), notAfter = new Date(Date.now() + YEAR)) {
  return { notBefore, notAfter };
}

/** Positive and at most 20 octets (RFC 5280 section 4.1.2.2), without leading zeros that DER would not have. */
function serialNumber(bytes = randomBytes(8)) {
  const serial = Buffer.from(bytes.subarray(0, 8));
  serial[0] = 0x40 | (serial[0] & 0x3f);
  return serial.toString("hex");
}
