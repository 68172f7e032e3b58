/** msal-node, unmodified, and this package against the same authority: their requests differ in what is listed here, and in nothing else. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { startForTests } from "../authority/test/fixture.js";
import { certificateCredential, confidential, LEDGER, ORDERS, publicClient, SHOP, signIn } from "../authority/test/msal-node-clients.js";

/** What only msal-node sends in a form. */
const ONLY_MSAL = new Set([
  // What library it is, on which system, and how its last calls went.
  "x-client-SKU",
  "x-client-VER",
  "x-client-OS",
  "x-client-CPU",
  "x-client-current-telemetry",
  "x-client-last-telemetry",
  "x-ms-lib-capability",
  // Ours is a header.
  "client-request-id",
  // Asks for the account's identifiers, which a service has in the assertion.
  "client_info",
]);

/** Each with msal-node's call and ours. */
const SCENARIOS = {
  "client credentials with a secret": {
    application: "Daemon with a secret",
    msal: (client) => client.acquireTokenByClientCredential({ scopes: [`${ORDERS}/.default`] }),
    ours: (client) => client.clientCredentials({ scope: `${ORDERS}/.default` }),
  },
  "client credentials with a certificate": {
    application: "Daemon with a certificate",
    certificate: true,
    msal: (client) => client.acquireTokenByClientCredential({ scopes: [`${ORDERS}/.default`] }),
    ours: (client) => client.clientCredentials({ scope: `${ORDERS}/.default` }),
  },
  "on behalf of": {
    application: "Shop API",
    msal: (client, assertion) => client.acquireTokenOnBehalfOf({ oboAssertion: assertion, scopes: [`${ORDERS}/Orders.Read`] }),
    ours: (client, assertion) => client.onBehalfOf({ assertion, scope: `${ORDERS}/Orders.Read` }),
    // msal-node asks for an ID token and a refresh token, and drops both.
    scopeOfMsal: `${ORDERS}/Orders.Read openid profile offline_access`,
  },
  "on behalf of, with the claims of a challenge": {
    application: "Shop API",
    msal: (client, assertion) => client.acquireTokenOnBehalfOf({ oboAssertion: assertion, scopes: [`${LEDGER}/.default`], claims: CLAIMS }),
    ours: (client, assertion) => client.onBehalfOf({ assertion, scope: `${LEDGER}/.default`, claims: CLAIMS }),
    scopeOfMsal: `${LEDGER}/.default openid profile offline_access`,
  },
};

const CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}';

/** @param {(result: { name: string, error?: string }) => void} report */
export async function compareWithMsal({ project, only }, report) {
  const { createConfidentialClient } = await import(pathToFileURL(path.join(project, "node_modules/countersign/edge/node.js")));
  const authority = await startForTests();
  try {
    const { accessToken } = await signIn(publicClient(authority, "Orders desktop"), { scopes: [`${SHOP}/access_as_user`] });
    for (const [name, scenario] of Object.entries(SCENARIOS)) {
      const rule = `msal-node and this package send the same: ${name}`;
      if (!rule.includes(only)) continue;
      try {
        await compare(authority, createConfidentialClient, scenario, accessToken);
        report({ name: rule });
      } catch (error) {
        report({ name: rule, error: String(error?.stack ?? error) });
      }
    }
  } finally {
    await authority.close();
  }
}

async function compare(authority, createConfidentialClient, { application, certificate, msal, ours, scopeOfMsal }, assertion) {
  const registration = authority.app[application];
  const theirs = confidential(authority, application, certificate && (await certificateCredential(registration)));
  const credential = certificate
    ? { certificate: await readFile(registration.certificate, "utf8"), privateKey: await readFile(registration.privateKey, "utf8") }
    : { secret: registration.secret };
  const client = createConfidentialClient({ authority: `${authority.https}/${authority.contoso.id}/v2.0`, clientId: registration.clientId, credential });
  const [expected, sent] = [await requestOf(authority, () => msal(theirs, assertion)), await requestOf(authority, () => ours(client, assertion))];

  assert.deepEqual([sent.method, sent.path], [expected.method, expected.path]);
  const common = Object.fromEntries(Object.entries(expected.form).filter(([parameter]) => !ONLY_MSAL.has(parameter)));
  // The order of a scope's words means nothing (RFC 6749 section 3.3).
  if (scopeOfMsal !== undefined) {
    assert.deepEqual(common.scope.split(" ").toSorted(), scopeOfMsal.split(" ").toSorted());
    common.scope = sent.form.scope;
  }
  // msal-node also says what it would like in the ID token.
  if (common.claims !== undefined) {
    assert.deepEqual(JSON.parse(common.claims).access_token, JSON.parse(sent.form.claims).access_token);
    common.claims = CLAIMS;
  }
  if (certificate) {
    assert.deepEqual(sent.form.client_assertion.header, expected.form.client_assertion.header);
    assert.deepEqual(Object.keys(sent.form.client_assertion.claims).toSorted(), Object.keys(expected.form.client_assertion.claims).toSorted());
    for (const claim of ["aud", "iss", "sub"]) assert.equal(sent.form.client_assertion.claims[claim], expected.form.client_assertion.claims[claim]);
    common.client_assertion = sent.form.client_assertion;
  }
  assert.deepEqual(sent.form, common);
  assert.ok(sent.headers["client-request-id"]);
}

async function requestOf(authority, call) {
  await authority.control.delete("/requests");
  await call();
  const [request, ...others] = await authority.control.get("/requests?path=/token&method=POST");
  assert.equal(others.length, 0);
  return request;
}
