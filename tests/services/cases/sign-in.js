// A web app signs its users in, as a confidential client: RFC 6749 section 4.1.

import { createConfidentialClient, createVerifier } from "countersign/edge";
import { assert } from "chai";

import { moveClock, refused } from "../../edge/cases/case.js";
import { claimsOf, recording, test } from "./authority.js";

const ORDERS = "api://orders.contoso.example";
const REDIRECT = "http://localhost/callback";
const SCOPE = `openid profile offline_access ${ORDERS}/Orders.Read`;

function site({ v2, applications }, options) {
  const { clientId, secret } = applications["Orders site"];
  return createConfidentialClient({ authority: v2, clientId, credential: { secret }, ...options });
}

/** What the browser does: the authority signs in by itself. @returns {Promise<string>} the URL that it comes to */
async function browse(url) {
  for (let next = url; ; ) {
    const response = await fetch(next, { redirect: "manual" });
    const location = response.headers.get("location");
    const page = await response.text();
    if (location === null) throw new Error(page);
    next = new URL(location, next).href;
    if (next.startsWith(REDIRECT)) return next;
  }
}

test("RFC 6749 4.1, RFC 9700 2.1.1: a user signs in by a code, PKCE and the client's secret, and the app acts as itself beside that", async (authority) => {
  const { fetch, forms } = recording();
  const client = site(authority, { fetch });
  const { url, transaction } = await client.authorizationRequest({ redirectUri: REDIRECT, scope: SCOPE, loginHint: "bob@contoso.onmicrosoft.com" });
  const query = new URL(url).searchParams;
  assert.deepEqual([query.get("code_challenge_method"), query.get("response_type")], ["S256", "code"]);
  for (const secret of new URLSearchParams(transaction).getAll("code_verifier")) assert.notInclude(url, secret);

  // Another instance of the app has nothing but the transaction.
  const { account, token, refreshToken, idToken } = await site(authority, { fetch }).handleRedirect(await browse(url), transaction);
  assert.deepEqual([account.claims.name, account.tenant, account.issuer], ["Bob Berg", authority.contoso, authority.v2]);
  assert.equal(token.scope, `${ORDERS}/Orders.Read`);
  assert.isString(idToken);
  const { secret } = authority.applications["Orders site"];
  const [{ code_verifier, client_secret, grant_type }] = forms;
  assert.match(code_verifier, /^[\w-]{43}$/);
  assert.deepEqual([client_secret, grant_type], [secret, "authorization_code"]);
  const verifier = createVerifier({ issuer: authority.v2, audience: authority.applications["Orders API"].clientId });
  assert.equal((await verifier.verify(token.accessToken)).kind, "user");

  const renewed = await client.refresh({ refreshToken, scope: `${ORDERS}/Orders.Read` });
  assert.notEqual(renewed.token.accessToken, token.accessToken);
  assert.isString(renewed.refreshToken);
  const graph = await client.refresh({ refreshToken: renewed.refreshToken, scope: "User.Read" });
  assert.notEqual(claimsOf(graph.token.accessToken).aud, claimsOf(token.accessToken).aud);
});

test("RFC 6749 4.4: the client that signs users in acts as itself, too", async (authority) => {
  const client = site(authority);
  const { accessToken } = await client.clientCredentials({ scope: `${ORDERS}/.default` });
  assert.equal(claimsOf(accessToken).appid ?? claimsOf(accessToken).azp, authority.applications["Orders site"].clientId);
});

test("OAuth 2.0 Form Post Response Mode: the response comes in the body of a request", async (authority) => {
  const client = site(authority);
  const { url, transaction } = await client.authorizationRequest({ redirectUri: REDIRECT, scope: SCOPE });
  const body = new URL(await browse(url)).search.slice(1);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const { account } = await client.handleRedirect(new Request("http://inside.example/callback", { method: "POST", headers, body }), transaction);
  assert.equal(account.claims.name, "Alice Anders");
});

test("RFC 6749 10.12: only the browser that began a sign-in completes it, once, and in time", async (authority) => {
  const { fetch, forms } = recording();
  const client = site(authority, { fetch });
  const begin = () => client.authorizationRequest({ redirectUri: REDIRECT, scope: SCOPE });
  const [mine, others] = await Promise.all([begin(), begin()]);
  const response = await browse(mine.url);
  for (const [url, transaction] of [
    [response, others.transaction],
    [response, ""],
    [response, `${mine.transaction}x=`.replace("state=", "estate=")],
    [REDIRECT, mine.transaction],
    [`${REDIRECT}?state=${new URL(response).searchParams.get("state")}`, mine.transaction],
    [`${response}&code=stolen`, mine.transaction],
  ]) {
    await refused("response_invalid", () => client.handleRedirect(url, transaction));
  }
  const other = new URL(response);
  other.searchParams.set("iss", "https://other.example");
  await refused("response_issuer_mismatch", () => client.handleRedirect(other, mine.transaction));
  assert.lengthOf(forms, 0);
  await client.handleRedirect(response, mine.transaction);
  // The provider takes a code once.
  const error = await refused("interaction_required", () => client.handleRedirect(response, mine.transaction));
  assert.equal(error.error, "invalid_grant");
  const late = await begin();
  const lateResponse = await browse(late.url);
  moveClock(3601);
  await refused("sign_in_timed_out", () => client.handleRedirect(lateResponse, late.transaction));
});

test("RFC 9700 4.4: a transaction of another provider's sign-in is refused", async (authority) => {
  const { url, transaction } = await site(authority).authorizationRequest({ redirectUri: REDIRECT, scope: SCOPE });
  const { fetch, forms } = recording();
  const other = site(authority, { authority: `${authority.origin}/${authority.fabrikam}/v2.0`, fetch });
  await refused("response_issuer_mismatch", async () => other.handleRedirect(await browse(url), transaction));
  assert.lengthOf(forms, 0);
});

test("A sign-in that cannot work is refused before anything is sent", async (authority) => {
  const { fetch, forms } = recording();
  const client = site(authority, { fetch });
  for (const [options, about] of [
    [{}, /redirectUri/],
    [{ redirectUri: "http://site.example/callback" }, /redirectUri/],
    [{ redirectUri: `${REDIRECT}#a` }, /redirectUri/],
    [{ redirectUri: REDIRECT, scope: "profile" }, /openid/],
    [{ redirectUri: REDIRECT, responseMode: "fragment" }, /responseMode/],
    [{ redirectUri: REDIRECT, parameters: { state: "mine" } }, /state/],
    [{ redirectUri: REDIRECT, redirectURI: "x" }, /redirect/],
  ]) {
    assert.match((await refused("invalid_option", () => client.authorizationRequest(options))).message, about);
  }
  await refused("invalid_option", () => client.refresh({}));
  assert.lengthOf(forms, 0);
  await refused("interaction_required", () => client.refresh({ refreshToken: "revoked", scope: SCOPE }));
});
