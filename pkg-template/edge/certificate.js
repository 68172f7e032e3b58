// X.509 certificates, as far as a client needs its own: the DER, and whose key it is.

import { AuthError } from "../auth-error.js";
import { elements, isSame, pemBlocks, sequence } from "./der.js";

/** `[0]`, the version of a certificate; absent from those of version 1. */
const VERSION = 0xa0;

/**
 * The chain, the client's own certificate first. If the private key has its public part with it, they are compared at once.
 *
 * @param {string | Uint8Array | (string | Uint8Array)[]} given PEM, one or several, or DER
 * @param {{ publicPart?: Uint8Array }} key
 * @returns {{ der: Uint8Array, publicKeyInfo: Uint8Array, isOfKey: boolean }[]}
 */
export function readCertificates(given, { publicPart }) {
  const chain = [given].flat().flatMap(read);
  if (chain.length === 0) throw new AuthError("credential_invalid", { detail: "certificate has no PEM block CERTIFICATE" });
  if (publicPart === undefined) return chain;
  // A file may begin with the authority's certificate.
  const own = chain.findIndex((certificate) => holds(certificate, publicPart));
  if (own === -1) throw new AuthError("credential_invalid", { detail: "the private key is not that of the certificate" });
  const [leaf] = chain.splice(own, 1);
  return [{ ...leaf, isOfKey: true }, ...chain];
}

function read(given) {
  const ders =
    typeof given === "string"
      ? pemBlocks(given)
          .filter(({ label }) => /^(X509 |TRUSTED )?CERTIFICATE$/.test(label))
          .map(({ bytes }) => bytes)
      : [new Uint8Array(given)];
  return ders.map((bytes) => {
    try {
      // A trusted certificate of OpenSSL's has more behind the certificate.
      const der = elements(bytes)[0].whole;
      const [toBeSigned] = sequence(der);
      const parts = elements(toBeSigned.content);
      // Serial number, signature, issuer, validity and subject stand before the key (RFC 5280 section 4.1).
      const publicKeyInfo = parts[parts[0].tag === VERSION ? 6 : 5].whole;
      sequence(publicKeyInfo);
      return { der, publicKeyInfo, isOfKey: false };
    } catch (cause) {
      throw new AuthError("credential_invalid", { detail: "certificate is not an X.509 certificate" }, cause);
    }
  });
}

/** The key's bit string begins with the number of its unused bits, 0. */
function holds({ publicKeyInfo }, publicPart) {
  return isSame(sequence(publicKeyInfo)[1].content.subarray(1), publicPart);
}
