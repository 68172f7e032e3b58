// A client's credential: what the core is told of it, and what signs.

import { AuthError } from "../auth-error.js";
import { encode } from "../crossing.js";
import { toBase64url } from "./base64url.js";
import { readCertificates } from "./certificate.js";
import { readPrivateKey } from "./private-key.js";

/** Functions and CryptoKeys are told apart by what they are, not by what they hold. */
const serials = new WeakMap();
let lastSerial = 0;

/** @returns {{ text: string, sign?: Function, assertion?: Function, fetch?: Function }} `text` is another one for another credential */
export function readCredential(credential, readFile) {
  const { secret, assertion, assertionFile, managedIdentity, mutualTls, privateKey } = credential ?? {};
  if (typeof secret === "string" && secret !== "") return readSecret(credential);
  if (typeof assertion === "function") return { text: encode({ kind: "assertion", identity: serialOf(assertion) }), assertion };
  if (typeof assertionFile === "string") return readAssertionFile(assertionFile, readFile);
  if (managedIdentity !== undefined) return readManagedIdentity(managedIdentity);
  if (typeof mutualTls === "function") return { text: encode({ kind: "mutual_tls", identity: serialOf(mutualTls) }), fetch: mutualTls };
  if (privateKey !== undefined) return readKey(credential);
  throw new AuthError("credential_invalid");
}

/** The file is read for each request: the one that renews it tells nobody. */
function readAssertionFile(file, readFile) {
  if (readFile === undefined) throw new AuthError("credential_invalid", { detail: "assertionFile: there are no files" });
  return { text: encode({ kind: "assertion", identity: `file ${file}` }), assertion: async () => (await readFile(file, "utf8")).trim() };
}

/** What the core reads of the host's environment. */
const VARIABLES = ["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "AZURE_POD_IDENTITY_AUTHORITY_HOST", "IDENTITY_SERVER_THUMBPRINT", "IMDS_ENDPOINT", "MSI_ENDPOINT"];

function readManagedIdentity(given) {
  const { environment: variables = globalThis.process?.env ?? {}, clientId, objectId, resourceId, ...others } = given;
  for (const unknown of Object.keys(others)) throw new AuthError("credential_invalid", { detail: `managedIdentity: ${unknown}` });
  const form = new URLSearchParams(encode({ kind: "managed_identity", clientId, objectId, resourceId }));
  for (const name of VARIABLES) if (variables[name] !== undefined) form.set(name, variables[name]);
  return { text: form.toString() };
}

function readSecret({ secret, method = "post" }) {
  if (method !== "post" && method !== "basic") throw new AuthError("credential_invalid", { detail: "method must be post or basic" });
  return { text: encode({ kind: method, secret }) };
}

function readKey({ privateKey, certificate, keyId, algorithm, thumbprint = "SHA-256", sendChain = false, audience = "tokenEndpoint" }) {
  const key = readPrivateKey(privateKey);
  const chain = certificate === undefined ? [] : readCertificates(certificate, key);
  if (chain.length === 0 && keyId === undefined) throw new AuthError("credential_invalid", { detail: "certificate or keyId is missing" });
  const chosen = algorithm ?? key.algorithms[0];
  if (!key.algorithms.includes(chosen)) {
    throw new AuthError("credential_invalid", { detail: `algorithm must be ${key.algorithms.join(" or ")} for this key` });
  }
  const name = chain.length === 0 ? "kid" : sendChain ? "x5c" : thumbprint === "SHA-1" ? "x5t" : "x5t#S256";
  const text = encode({
    kind: "key",
    algorithm: chosen,
    name,
    keyId,
    audience: audience === "issuer" ? "issuer" : undefined,
    publicKey: key.identity,
    identity: key.identity === undefined ? serialOf(key.cryptoKey) : undefined,
  });
  const certificates = chain.map(({ der }) => `&certificate=${toBase64url(der)}`).join("");
  // A CryptoKey can be used by every request of an isolate, a promise of one request cannot.
  let ready;
  return {
    text: text + certificates,
    async sign(parameters, data) {
      ready ??= await signingKey(key, parameters, chain[0]);
      return crypto.subtle.sign(parameters, ready, data);
    },
  };
}

/** The key as a CryptoKey that nobody can export, once it is known to belong to the certificate. */
async function signingKey(key, parameters, certificate) {
  const signing = key.cryptoKey ?? (await key.import(parameters));
  if (certificate !== undefined && !certificate.isOfKey) {
    const probe = new Uint8Array(32);
    const publicKey = await crypto.subtle.importKey("spki", certificate.publicKeyInfo, parameters, false, ["verify"]).catch(() => undefined);
    const signature = await crypto.subtle.sign(parameters, signing, probe);
    if (publicKey === undefined || !(await crypto.subtle.verify(parameters, publicKey, signature, probe))) {
      throw new AuthError("credential_invalid", { detail: "the private key is not that of the certificate" });
    }
  }
  return signing;
}

/** The same for the same object, another one for another. */
function serialOf(object) {
  if (!serials.has(object)) serials.set(object, String((lastSerial += 1)));
  return serials.get(object);
}
