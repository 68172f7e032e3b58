// How a client proves who it is, in every form that people have a key in.

import { createConfidentialClient } from "countersign/edge";
import { assert } from "chai";

import { moveClock, refused } from "../../edge/cases/case.js";
import { claimsOf, recording, test } from "./authority.js";

const SCOPE = "api://orders.contoso.example/.default";

/** A client whose token requests are kept. */
function clientOf({ v2, applications }, name, credential, options) {
  const recorded = recording();
  const client = createConfidentialClient({ authority: v2, clientId: applications[name].clientId, credential, fetch: recorded.fetch, ...options });
  return { client, forms: recorded.forms };
}

const partOf = (jwt, place) => JSON.parse(atob(jwt.split(".")[place].replaceAll("-", "+").replaceAll("_", "/")));
const bytesOf = (pem) => Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, "")), (character) => character.charCodeAt(0));
const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const pemOf = (label, bytes) => `-----BEGIN ${label}-----\n${btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/.{64}/g, "$&\n")}\n-----END ${label}-----\n`;

/** The PKCS#1 key inside of PKCS#8: behind 26 bytes for a key of 2048 bits (RFC 5958, RFC 8017). */
const pkcs1Of = (pkcs8) => pemOf("RSA PRIVATE KEY", bytesOf(pkcs8).subarray(26));

test("RFC 6749 2.3.1: a secret goes in the body, or in a header in which both parts are form-encoded", async (authority) => {
  const { secret } = authority.applications["Daemon with a secret"];
  for (const method of ["post", "basic"]) {
    const { client, forms } = clientOf(authority, "Daemon with a secret", { secret, method });
    await client.clientCredentials({ scope: SCOPE, forceRefresh: true });
    assert.equal(forms[0].client_secret, method === "post" ? secret : undefined);
  }
});

test("Entra, certificate credentials: PS256 and x5t#S256 of the certificate's DER, one audience, and an end within ten minutes", async (authority) => {
  const { certificate, privateKey } = authority.applications["Daemon with a certificate"];
  const { client, forms } = clientOf(authority, "Daemon with a certificate", { certificate, privateKey });
  await client.clientCredentials({ scope: SCOPE, forceRefresh: true });
  const header = partOf(forms[0].client_assertion, 0);
  const thumbprint = base64url(await crypto.subtle.digest("SHA-256", bytesOf(certificate)));
  assert.deepEqual(header, { alg: "PS256", typ: "JWT", "x5t#S256": thumbprint });
  const { aud, iss, sub, exp, nbf, iat, jti } = partOf(forms[0].client_assertion, 1);
  const { clientId } = authority.applications["Daemon with a certificate"];
  assert.deepEqual([iss, sub, typeof jti], [clientId, clientId, "string"]);
  assert.equal(aud, `${authority.origin}/${authority.contoso}/oauth2/v2.0/token`);
  assert.isAtMost(exp - nbf, 600);
  assert.equal(iat, nbf);
});

test("Entra, certificate credentials: RS256 with x5t for older servers, and the chain on request", async (authority) => {
  const { certificate, privateKey } = authority.applications["Daemon with a certificate"];
  const header = async (more) => {
    const { client, forms } = clientOf(authority, "Daemon with a certificate", { certificate, privateKey, ...more });
    await client.clientCredentials({ scope: SCOPE, forceRefresh: true });
    return partOf(forms[0].client_assertion, 0);
  };
  const thumbprint = base64url(await crypto.subtle.digest("SHA-1", bytesOf(certificate)));
  assert.deepEqual(await header({ algorithm: "RS256", thumbprint: "SHA-1" }), { alg: "RS256", typ: "JWT", x5t: thumbprint });
  const withChain = await header({ sendChain: true });
  assert.deepEqual(withChain.x5c, [certificate.replace(/-----[^-]+-----|\s/g, "")]);
  assert.isDefined(withChain["x5t#S256"]);
});

test("RFC 7468: a key in every wrapping that people have it in", async (authority) => {
  const { certificate, privateKey } = authority.applications["Daemon with a certificate"];
  for (const [name, given] of Object.entries({
    "PKCS#8": { certificate, privateKey },
    "PKCS#1": { certificate, privateKey: pkcs1Of(privateKey) },
    "one file with text around both": { certificate: `Bag Attributes\n  friendlyName: x\n${privateKey}subject=CN = x\n${certificate}`, privateKey: `x\n${certificate}${privateKey}` },
    "lines that end as on Windows": { certificate: certificate.replaceAll("\n", "\r\n"), privateKey: privateKey.replaceAll("\n", "\r\n") },
    "line ends written out, as in settings": { certificate: certificate.replaceAll("\n", "\\n"), privateKey: privateKey.replaceAll("\n", "\\n") },
    "once more in base64": { certificate: btoa(certificate), privateKey: btoa(privateKey) },
    "the certificate as DER": { certificate: bytesOf(certificate), privateKey },
  })) {
    const { client } = clientOf(authority, "Daemon with a certificate", given);
    const { accessToken } = await client.clientCredentials({ scope: SCOPE, forceRefresh: true }).catch((error) => {
      throw new Error(`${name}: ${error.message} ${error.cause}`);
    });
    assert.equal(claimsOf(accessToken).azpacr, "2", name);
  }
});

test("Web Cryptography: a CryptoKey that cannot be exported signs, by its own algorithm", async (authority) => {
  const { certificate, privateKey } = authority.applications["Daemon with a certificate"];
  for (const [name, alg] of [
    ["RSA-PSS", "PS256"],
    ["RSASSA-PKCS1-v1_5", "RS256"],
  ]) {
    const key = await crypto.subtle.importKey("pkcs8", bytesOf(privateKey), { name, hash: "SHA-256" }, false, ["sign"]);
    const { client, forms } = clientOf(authority, "Daemon with a certificate", { certificate, privateKey: key });
    await client.clientCredentials({ scope: SCOPE, forceRefresh: true });
    assert.equal(partOf(forms[0].client_assertion, 0).alg, alg);
  }
});

test("A PEM key that is not the certificate's is refused when the client is made; a CryptoKey at its first use", async (authority) => {
  const { certificate } = authority.applications["Daemon with a certificate"];
  const { privateKey: other } = authority.applications["Shop API"];
  const make = (privateKey) => clientOf(authority, "Daemon with a certificate", { certificate, privateKey });
  const { detail } = await refused("credential_invalid", () => make(other));
  assert.match(detail, /not that of the certificate/);
  const key = await crypto.subtle.importKey("pkcs8", bytesOf(other), { name: "RSA-PSS", hash: "SHA-256" }, false, ["sign"]);
  const { client, forms } = make(key);
  await refused("credential_invalid", () => client.clientCredentials({ scope: SCOPE }));
  assert.lengthOf(forms, 0);
});

test("Entra, certificate credentials: one that has expired, and one that is not registered, arrive typed with AADSTS's number", async (authority) => {
  const own = authority.applications["Daemon with a certificate"];
  const refusal = async ({ certificate, privateKey }) => {
    const { client } = clientOf(authority, "Daemon with a certificate", { certificate, privateKey });
    const error = await refused("client_refused", () => client.clientCredentials({ scope: SCOPE, forceRefresh: true }));
    assert.deepEqual([error.error, error.error_codes, error.status, error.toResponse().status], ["invalid_client", [700027], 401, 500]);
    return error.error_description;
  };
  assert.match(await refusal(authority.applications["Shop API"]), /AADSTS700027.*not found/);
  const later = 400 * 24 * 3600;
  await authority.tell("POST", "/clock", { advance: later });
  moveClock(later);
  try {
    assert.match(await refusal(own), /AADSTS700027.*expired/);
  } finally {
    await authority.tell("POST", "/clock", { reset: true });
  }
});

test("A credential that cannot be used says why, and says nothing of the key", async (authority) => {
  const { certificate, privateKey } = authority.applications["Daemon with a certificate"];
  const encrypted = privateKey.replaceAll("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
  for (const [credential, about] of [
    [undefined, /give a secret/],
    [{}, /give a secret/],
    [{ secret: "" }, /give a secret/],
    [{ secret: "x", method: "header" }, /method/],
    [{ certificate, privateKey: encrypted }, /encrypted/],
    [{ certificate, privateKey: "x" }, /no PEM block PRIVATE KEY/],
    [{ certificate, privateKey: pemOf("PRIVATE KEY", [1, 2, 3]) }, /not a key/],
    [{ certificate, privateKey: privateKey.slice(0, -200) }, /no PEM block/],
    [{ certificate: "x", privateKey }, /no PEM block CERTIFICATE/],
    [{ certificate: pemOf("CERTIFICATE", [0x30, 0x01, 0x00]), privateKey }, /not an X.509/],
    [{ certificate, privateKey, algorithm: "ES256" }, /PS256 or RS256/],
    [{ privateKey }, /certificate or keyId/],
    [{ certificate, privateKey: 7 }, /PEM, a CryptoKey or a JWK/],
  ]) {
    const error = await refused("credential_invalid", () => clientOf(authority, "Daemon with a certificate", credential));
    assert.match(error.message, about);
    assert.notInclude(`${error.message}${error.cause?.message}`, privateKey.slice(100, 140));
  }
});

test("A function that returns an assertion is asked for each request, and its failure is told", async (authority) => {
  const name = "Daemon with a federated credential";
  let asked = 0;
  const assertion = async () => {
    asked += 1;
    return (await authority.tell("POST", "/workload/token", { subject: "repo:contoso/orders:ref:refs/heads/main" })).token;
  };
  const { client } = clientOf(authority, name, { assertion });
  await client.clientCredentials({ scope: SCOPE, forceRefresh: true });
  await client.clientCredentials({ scope: SCOPE, forceRefresh: true });
  assert.equal(asked, 2);
  const cause = new Error("no file");
  const failing = clientOf(authority, name, { assertion: () => Promise.reject(cause) }).client;
  const error = await refused("credential_failed", () => failing.clientCredentials({ scope: SCOPE }));
  assert.equal(error.cause, cause);
  await refused("credential_failed", () => clientOf(authority, name, { assertion: () => "" }).client.clientCredentials({ scope: SCOPE }));
});

test("Entra takes an assertion again until it expires, so one signature does for several requests", async (authority) => {
  const { certificate, privateKey } = authority.applications["Daemon with a certificate"];
  const { client, forms } = clientOf(authority, "Daemon with a certificate", { certificate, privateKey });
  await client.clientCredentials({ scope: SCOPE, forceRefresh: true });
  await client.clientCredentials({ scope: SCOPE, forceRefresh: true });
  assert.equal(forms[0].client_assertion, forms[1].client_assertion);
});

test("While a credential is replaced, the next one is tried when the provider refuses the first", async (authority) => {
  const { secret } = authority.applications["Daemon with a secret"];
  const credentials = [{ secret: "daemon-secret-of-last-year" }, { secret }];
  const { client, forms } = clientOf(authority, "Daemon with a secret", credentials);
  await client.clientCredentials({ scope: SCOPE });
  assert.deepEqual(forms.map(({ client_secret }) => client_secret), ["daemon-secret-of-last-year", secret]);
  await client.clientCredentials({ scope: SCOPE, forceRefresh: true });
  assert.equal(forms.at(-1).client_secret, secret, "the one that was good is tried first");
  const wrong = clientOf(authority, "Daemon with a secret", { secret: "wrong" }).client;
  const error = await refused("client_refused", () => wrong.clientCredentials({ scope: SCOPE }));
  assert.deepEqual([error.error, error.error_codes], ["invalid_client", [7000215]]);
});

test("Clients of one configuration share their tokens, and one with another credential gets none of them", async (authority) => {
  const { secret } = authority.applications["Daemon with a secret"];
  const first = clientOf(authority, "Daemon with a secret", { secret });
  await first.client.clientCredentials({ scope: SCOPE });
  const second = clientOf(authority, "Daemon with a secret", { secret });
  await second.client.clientCredentials({ scope: SCOPE });
  assert.lengthOf(second.forms, 0);
  const { client } = clientOf(authority, "Daemon with a secret", { secret: "guessed" });
  await refused("client_refused", () => client.clientCredentials({ scope: SCOPE }));
});
