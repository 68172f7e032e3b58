/**
 * What a page's client does, whichever it is: the client of a provider, or the double of `countersign/testing`. Each case
 * begins with nobody signed in, with somebody signed in, or with a response of the provider that waits for `handleRedirect`.
 */
const API = "https://api.example/notes?page=2";

export const CASES = {
  "nobody is signed in at the beginning": async ({ client }) => {
    equal([client.account, client.accounts, client.reauthDueAt], [null, [], null]);
    equal(await client.handleRedirect(), null);
    equal(await code(client.getToken()), "sign_in_required");
    equal(await code(client.fetch(API)), "sign_in_required");
    equal(await client.signOut({ local: true }), undefined);
  },
  "handleRedirect gives the account and the page's state, tells it once, and shares it": returning(async ({ client, events, subject }) => {
    const [first, second] = await Promise.all([client.handleRedirect(), client.handleRedirect()]);
    equal([first.account.subject, first.appState], [subject, { path: "/orders/5" }]);
    equal(second, first);
    equal(client.account.subject, subject);
    equal([client.account.issuer, client.account.subject], [client.account.claims.iss, client.account.claims.sub]);
    equal(client.accounts.map(({ subject }) => subject), [subject]);
    equal(await client.handleRedirect(), null);
    equal(events(), ["signedin"]);
  }),
  "an account is the same object until it changes": signedIn(async ({ client }) => {
    equal(client.account === client.account && client.accounts[0] === client.account, true);
  }),
  "a token is frozen, the same object until it is renewed, and another one for another scope": signedIn(async ({ client, events }) => {
    const token = await client.getToken();
    equal(Object.isFrozen(token), true);
    equal(Object.keys(token).toSorted(), ["accessToken", "expiresAt", "obtainedAt", "refreshAt", "scope", "tokenType"]);
    equal([token.tokenType, typeof token.scope, token.obtainedAt < token.refreshAt, token.refreshAt < token.expiresAt], ["Bearer", "string", true, true]);
    equal(await client.getToken() === token, true);
    const other = await client.getToken({ scope: ["openid", "other"] });
    equal([other.accessToken !== token.accessToken, other.scope], [true, "openid other"]);
    const again = [await client.getToken({ scope: "openid other" }), await client.getToken({ scope: "openid other" })];
    equal([again[0].accessToken === other.accessToken, again[0] === again[1]], [true, true]);
    equal(events(), ["tokenrefreshed"]);
  }),
  "forceRefresh and claims get a new token, and it is told": signedIn(async ({ client, events }) => {
    const token = await client.getToken();
    const forced = await client.getToken({ forceRefresh: true });
    equal([forced.accessToken === token.accessToken, (await client.getToken()).accessToken === forced.accessToken], [false, true]);
    const claimed = await client.getToken({ claims: "{}" });
    equal([forced.accessToken === claimed.accessToken, events()], [false, ["tokenrefreshed", "tokenrefreshed"]]);
  }),
  "fetch sends the request as it is, with the token": signedIn(async ({ client, requests }) => {
    const { accessToken } = await client.getToken();
    const response = await client.fetch(API, { method: "POST", body: "hello", headers: { "x-own": "1" } });
    equal([response.status, await response.text()], [200, "hello"]);
    const [{ url, method, headers }] = requests;
    equal([url, method, headers.get("x-own"), headers.get("authorization")], [API, "POST", "1", `Bearer ${accessToken}`]);
  }),
  "RFC 6750 3.1: fetch does not repeat a request whose token was just obtained": signedIn(async ({ client, requests, respond }) => {
    respond(() => new Response(null, { status: 401, headers: { "www-authenticate": 'Bearer error="invalid_token"' } }));
    const { accessToken } = await client.getToken({ forceRefresh: true });
    const response = await client.fetch(API);
    equal([response.status, requests.map(({ headers }) => headers.get("authorization"))], [401, [`Bearer ${accessToken}`]]);
  }),
  "Entra, claims challenge: fetch gets a token with the claims and repeats the request once": signedIn(async ({ client, requests, respond }) => {
    const challenge = `Bearer error="insufficient_claims", claims="${btoa('{"access_token":{"acrs":{"value":"c1"}}}')}"`;
    respond((_, count) => (count === 1 ? new Response(null, { status: 401, headers: { "www-authenticate": challenge } }) : new Response("good")));
    equal(await (await client.fetch(API)).text(), "good");
    const [first, second, ...more] = requests.map(({ headers }) => headers.get("authorization"));
    equal([first === second, more], [false, []]);
  }),
  "fetch returns other responses as they are, and says when there is none": signedIn(async ({ client, requests, respond }) => {
    respond(() => new Response(null, { status: 403, headers: { "www-authenticate": 'Bearer error="insufficient_scope"' } }));
    equal([(await client.fetch(API)).status, requests.length], [403, 1]);
    respond(() => Promise.reject(new TypeError("no")));
    const error = await failure(client.fetch(API));
    equal([error.code, error.detail, error.cause.message], ["network_error", "https://api.example/notes", "no"]);
  }),
  "fetch refuses what would lose or betray the token": signedIn(async ({ client, requests }) => {
    equal(await code(client.fetch("http://api.example/")), "insecure_url");
    equal(await code(client.fetch(API, { mode: "no-cors" })), "invalid_option");
    equal(await code(client.fetch("https://[")), "invalid_option");
    equal(requests, []);
  }),
  "an option that is misspelt or of another type is refused by its name and its rule": signedIn(async ({ client }) => {
    for (const [call, options, detail] of [
      ["getToken", { forceRefresh: 1 }, "forceRefresh must be true or false"],
      ["getToken", { scope: "" }, "scope must be a string or an array of strings, none of them empty"],
      ["getToken", { scopes: "a" }, "scopes is not an option"],
      ["getToken", 5, "options must be an object"],
      ["signOut", { local: "yes" }, "local must be true or false"],
      ["signIn", { maxAge: "3600" }, "maxAge must be a number of seconds"],
      ["signIn", { promt: "login" }, "promt is not an option"],
      ["handleRedirect", 5, "url must be a string or a URL"],
    ]) {
      const error = await failure(client[call](options));
      equal([error.code, error.detail, error.message.includes(detail)], ["invalid_option", detail, true]);
    }
    const token = await client.getToken();
    equal((await client.getToken({ scope: null, claims: undefined })).accessToken, token.accessToken);
  }),
  "a call that is aborted fails at once, and others go on": signedIn(async ({ client }) => {
    const reason = new Error("enough");
    const aborted = failure(client.getToken({ forceRefresh: true, signal: AbortSignal.abort(reason) }));
    const other = client.getToken({ forceRefresh: true });
    const error = await aborted;
    equal([error.code, error.cause === reason], ["aborted", true]);
    equal(typeof (await other).accessToken, "string");
  }),
  "a sign-out ends the session, and is told once": signedIn(async ({ client, events }) => {
    await client.getToken();
    await client.signOut({ local: true });
    await client.signOut({ local: true });
    equal([client.account, client.accounts, events()], [null, [], ["signedout"]]);
    equal(await code(client.getToken()), "sign_in_required");
  }),
  "listeners: an object, one that hears once, and one that is taken away": signedIn(async ({ client }) => {
    const heard = [];
    const ending = new AbortController();
    client.addEventListener("tokenrefreshed", { handleEvent: ({ type }) => heard.push(type) });
    client.addEventListener("tokenrefreshed", ({ detail, target }) => heard.push(detail, target === client), { once: true });
    client.addEventListener("tokenrefreshed", () => heard.push("never"), { signal: ending.signal });
    const removed = () => heard.push("never");
    client.addEventListener("tokenrefreshed", removed);
    client.removeEventListener("tokenrefreshed", removed);
    ending.abort();
    await client.getToken({ forceRefresh: true });
    await client.getToken({ forceRefresh: true });
    equal(heard, ["tokenrefreshed", null, true, "tokenrefreshed"]);
  }),
  "after close every call says so, and no event is dispatched": signedIn(async ({ client, events }) => {
    client.close();
    client.close();
    for (const call of ["signIn", "handleRedirect", "getToken", "signOut"]) equal(await code(client[call]()), "client_closed");
    equal(await code(client.fetch(API)), "client_closed");
    equal(events(), []);
  }),
  "every failure is an AuthError with a message": signedIn(async ({ client, isAuthError }) => {
    await client.signOut({ local: true });
    const error = await failure(client.getToken());
    equal([isAuthError(error), error instanceof Error, error.name, error.message.startsWith("Nobody is signed in")], [true, true, "AuthError", true]);
  }),
};

function signedIn(run) {
  return Object.assign(run, { begin: "signedIn" });
}

function returning(run) {
  return Object.assign(run, { begin: "returning" });
}

const failure = (work) => work.then(() => new Error("nothing failed"), (error) => error);
const code = async (work) => (await failure(work)).code;

function equal(actual, expected) {
  const [one, other] = [actual, expected].map((value) => JSON.stringify(value));
  if (one !== other) throw new Error(`${one} is not ${other}`);
}
