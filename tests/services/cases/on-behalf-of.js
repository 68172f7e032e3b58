// A web API that calls another one on behalf of its caller: Entra's on-behalf-of flow.

import { createConfidentialClient } from "countersign/edge";
import { assert } from "chai";

import { refused } from "../../edge/cases/case.js";
import { claimsOf, recording, test } from "./authority.js";

const ORDERS = "api://orders.contoso.example";
const LEDGER = "https://ledger.contoso.example";
const ALICE = "c1a5e0de-0001-4a11-8a01-5f2d3c4b5a01";

function shop({ v2, applications }, options) {
  const { clientId, secret } = applications["Shop API"];
  const recorded = recording();
  const client = createConfidentialClient({ authority: v2, clientId, credential: { secret }, fetch: recorded.fetch, ...options });
  return { client, forms: recorded.forms };
}

test("Entra, on behalf of: the next API gets a token of the user's, and the refresh token is dropped", async (authority) => {
  const { client, forms } = shop(authority);
  const assertion = await authority.userToken();
  const { accessToken } = await client.onBehalfOf({ assertion, scope: `${ORDERS}/Orders.Read` });
  const { oid, scp, azp } = claimsOf(accessToken);
  assert.deepEqual([oid, scp, azp], [ALICE, "Orders.Read", authority.applications["Shop API"].clientId]);
  const [{ grant_type, requested_token_use, scope }] = forms;
  assert.deepEqual([grant_type, requested_token_use], ["urn:ietf:params:oauth:grant-type:jwt-bearer", "on_behalf_of"]);
  assert.equal(scope, `${ORDERS}/Orders.Read`);
  await client.onBehalfOf({ assertion, scope: `${ORDERS}/Orders.Read` });
  assert.lengthOf(forms, 1, "the token of this very assertion is kept");
});

test("Entra, on behalf of: two users of one API never share a token", async (authority) => {
  const { client } = shop(authority);
  const users = ["alice@contoso.onmicrosoft.com", "bob@contoso.onmicrosoft.com"];
  const assertions = await Promise.all(users.map((user) => authority.userToken({ user })));
  const tokens = await Promise.all(assertions.map((assertion) => client.onBehalfOf({ assertion, scope: `${ORDERS}/.default` })));
  for (const [place, { accessToken }] of tokens.entries()) assert.equal(claimsOf(accessToken).oid, claimsOf(assertions[place]).oid);
});

test("Entra v1.0, on behalf of: the resource is named", async (authority) => {
  const { client } = shop(authority, { authority: authority.v1 });
  const { accessToken } = await client.onBehalfOf({ assertion: await authority.userToken(), resource: LEDGER });
  assert.deepEqual([claimsOf(accessToken).oid, claimsOf(accessToken).aud], [ALICE, LEDGER]);
});

test("Entra, on behalf of: an assertion that Entra would refuse is not sent", async (authority) => {
  const { client, forms } = shop(authority);
  const { clientId, secret } = authority.applications["Daemon with a secret"];
  const daemon = createConfidentialClient({ authority: authority.v2, clientId, credential: { secret } });
  const scope = `${ORDERS}/Orders.Read`;
  const { accessToken: ofApplication } = await daemon.clientCredentials({ scope: `${ORDERS}/.default` });
  await refused("assertion_unsuitable", () => client.onBehalfOf({ assertion: ofApplication, scope }));
  const forOrders = await authority.userToken({ scope: `${ORDERS}/Orders.Read` });
  const { detail } = await refused("token_audience_mismatch", () => client.onBehalfOf({ assertion: forOrders, scope }));
  assert.equal(detail, authority.applications["Orders API"].clientId);
  await refused("invalid_option", () => client.onBehalfOf({ scope }));
  await refused("invalid_option", () => client.onBehalfOf({ assertion: forOrders }));
  assert.lengthOf(forms, 0);
});

test("Entra, agent identities: an assertion may be for the blueprint", async (authority) => {
  const { client, forms } = shop(authority, { audience: [authority.applications["Orders API"].clientId] });
  const forOrders = await authority.userToken({ scope: `${ORDERS}/Orders.Read` });
  // The local authority knows no agent identities: it refuses what the client now sends.
  await refused("assertion_refused", () => client.onBehalfOf({ assertion: forOrders, scope: `${LEDGER}/.default` }));
  assert.lengthOf(forms, 1);
});

test("Entra, claims challenge: what the user has to do more becomes the API's own 401", async (authority) => {
  const { client, forms } = shop(authority);
  const assertion = await authority.userToken();
  const error = await authority.withPolicy({ applications: ["Ledger API"], control: "mfa" }, () =>
    refused("interaction_required", () => client.onBehalfOf({ assertion, scope: `${LEDGER}/.default` })),
  );
  assert.equal(error.suberror, "basic_action");
  assert.deepEqual(error.error_codes, [50076]);
  assert.lengthOf(forms, 1);
  const response = error.toResponse();
  assert.equal(response.status, 401);
  assert.equal(response.headers.get("cache-control"), "no-store");
  const challenge = response.headers.get("www-authenticate");
  const [, claims] = /^Bearer realm="", error="insufficient_claims", claims="([A-Za-z0-9+/=]+)"$/.exec(challenge);
  assert.equal(atob(claims), error.claims);
  assert.notInclude(await response.text(), assertion.split(".")[2]);
});

test("RFC 6750 3.1: what the caller could not change by another token is not a challenge", async (authority) => {
  const { client } = shop(authority);
  const assertion = await authority.userToken();
  const blocked = await authority.withPolicy({ applications: ["Ledger API"], control: "block" }, () =>
    client.onBehalfOf({ assertion, scope: `${LEDGER}/.default` }).catch((error) => error),
  );
  assert.equal(blocked.code, "interaction_required");
  const consent = await refused("consent_required", () => client.onBehalfOf({ assertion, scope: "api://payroll.contoso.example/.default" }));
  assert.deepEqual([consent.toResponse().status, consent.toResponse().headers.get("www-authenticate")], [403, null]);
});

test("Entra, on behalf of: a revoked user's assertion is refused, and the caller is told to get a new token", async (authority) => {
  const { client } = shop(authority);
  const user = "bob@contoso.onmicrosoft.com";
  const assertion = await authority.userToken({ user });
  await authority.tell("POST", "/revoke", { user });
  const error = await refused("assertion_refused", () => client.onBehalfOf({ assertion, scope: `${ORDERS}/.default` }));
  const response = error.toResponse();
  assert.equal(response.status, 401);
  assert.equal(response.headers.get("www-authenticate"), 'Bearer error="invalid_token"');
});

test("Entra, on behalf of: a guest's token comes from the tenant that the assertion names", async (authority) => {
  const { client, forms } = shop(authority, { authority: `${authority.origin}/organizations/v2.0` });
  const assertion = await authority.userToken({ user: "erin@fabrikam.onmicrosoft.com" });
  const urls = [];
  const { clientId, secret } = authority.applications["Shop API"];
  const watched = createConfidentialClient({
    authority: `${authority.origin}/organizations/v2.0`,
    clientId,
    credential: { secret },
    fetch: (url, options) => (urls.push(url), fetch(url, options)),
  });
  const { accessToken } = await watched.onBehalfOf({ assertion, scope: `${ORDERS}/.default` }).catch((error) => {
    throw new Error(`${error.code} ${error.error_description}`);
  });
  assert.equal(claimsOf(accessToken).tid, authority.contoso);
  assert.include(urls.at(-1), `/${authority.contoso}/`);
  assert.isDefined(client);
  assert.lengthOf(forms, 0);
});

test("Entra, long-running work: a session goes on by its refresh token, for further APIs too, and ends", async (authority) => {
  const { client, forms } = shop(authority);
  const session = "job 17";
  await refused("session_unknown", () => client.onBehalfOf({ session, scope: `${ORDERS}/.default` }));
  await client.onBehalfOf({ assertion: await authority.userToken(), session, scope: `${ORDERS}/.default` });
  assert.include(forms[0].scope, "offline_access");
  const kept = await client.onBehalfOf({ session, scope: `${ORDERS}/.default` });
  assert.equal(claimsOf(kept.accessToken).oid, ALICE);
  assert.lengthOf(forms, 1);
  const { accessToken } = await client.onBehalfOf({ session, scope: `${LEDGER}/.default` });
  assert.deepEqual([claimsOf(accessToken).oid, claimsOf(accessToken).aud], [ALICE, LEDGER]);
  assert.equal(forms[1].grant_type, "refresh_token");
  await client.endSession(session);
  await refused("session_unknown", () => client.onBehalfOf({ session, scope: `${ORDERS}/.default` }));
});

test("Entra, long-running work: a key that is used for another user holds nothing of the first one's", async (authority) => {
  const { client } = shop(authority);
  const session = "job 18";
  await client.onBehalfOf({ assertion: await authority.userToken(), session, scope: `${ORDERS}/.default` });
  const bob = await authority.userToken({ user: "bob@contoso.onmicrosoft.com" });
  await client.onBehalfOf({ assertion: bob, session, scope: `${LEDGER}/.default` });
  const { accessToken } = await client.onBehalfOf({ session, scope: `${ORDERS}/.default` });
  assert.equal(claimsOf(accessToken).oid, claimsOf(bob).oid);
});

test("Entra, long-running work: a key belongs to the user who began with it last, also if their token is still kept", async (authority) => {
  const { client } = shop(authority);
  const session = "job 19";
  const scope = `${ORDERS}/.default`;
  const users = [await authority.userToken(), await authority.userToken({ user: "bob@contoso.onmicrosoft.com" })];
  for (const assertion of [...users, ...users]) {
    await client.onBehalfOf({ assertion, session, scope });
    const { accessToken } = await client.onBehalfOf({ session, scope: `${LEDGER}/.default` });
    assert.equal(claimsOf(accessToken).oid, claimsOf(assertion).oid);
  }
  // What has ended is begun again by the next assertion.
  await client.endSession(session);
  await client.onBehalfOf({ assertion: users[0], session, scope });
  const { accessToken } = await client.onBehalfOf({ session, scope: `${LEDGER}/.default` });
  assert.equal(claimsOf(accessToken).oid, claimsOf(users[0]).oid);
});

test("Entra, long-running work: a renewal under way brings back no session that has ended or is another's by now", async (authority) => {
  const { client, hold } = shopThatWaits(authority);
  const session = "job 20";
  const [orders, ledger] = [ORDERS, LEDGER].map((api) => ({ session, scope: `${api}/.default` }));
  const bob = await authority.userToken({ user: "bob@contoso.onmicrosoft.com" });
  await client.onBehalfOf({ ...orders, assertion: await authority.userToken() });
  await hold("refresh_token", () => client.onBehalfOf({ ...orders, forceRefresh: true }), async () => client.onBehalfOf({ ...orders, assertion: bob }));
  assert.equal(claimsOf((await client.onBehalfOf(ledger)).accessToken).oid, claimsOf(bob).oid);
  await hold("refresh_token", () => client.onBehalfOf({ ...orders, forceRefresh: true }), async () => client.endSession(session));
  await refused("session_unknown", () => client.onBehalfOf(orders));
  await refused("session_unknown", () => client.onBehalfOf(ledger));
});

/** A client of which a test holds back the response to a request, while something else happens. */
function shopThatWaits(authority) {
  const held = {};
  const { clientId, secret } = authority.applications["Shop API"];
  const client = createConfidentialClient({
    authority: authority.v2,
    clientId,
    credential: { secret },
    // A configuration of its own.
    audience: ["api://waits.example"],
    fetch: async (url, options) => {
      const response = await fetch(url, options);
      if (held.grant === undefined || !options.body?.includes(`grant_type=${held.grant}`)) return response;
      held.grant = undefined;
      held.isHeld();
      while (!held.isOver) await new Promise((over) => setTimeout(over, 5));
      return response;
    },
  });
  const hold = async (grant, begin, meanwhile) => {
    const isHeld = new Promise((resolve) => Object.assign(held, { grant, isHeld: resolve, isOver: false }));
    const work = begin();
    await isHeld;
    await meanwhile().finally(() => (held.isOver = true));
    return work;
  };
  return { client, hold };
}
