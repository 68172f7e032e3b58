import { createClient, isAuthError } from "countersign";

import { showResponse, showSilence } from "./api-response.js";
import { showPairs } from "./pairs.js";
import { Hop } from "./route.js";
import { clearRefusal, setScene, showRefusal } from "./sentry.js";
import { Steps } from "./steps.js";
import { TokenPole } from "./token-pole.js";

const { VITE_AUTHORITY, VITE_CLIENT_ID, VITE_SCOPE, VITE_RESOURCE, VITE_API_URL, VITE_API_GAP } = import.meta.env;

const DAEMON_LOOK_MS = 1500;

const by = (id) => document.getElementById(id);
const steps = new Steps(by("steps"));
const poles = {
  access: new TokenPole("Access token"),
  id: new TokenPole("ID token", { slow: true }),
};
const hops = {
  pageToApi: new Hop("page-to-api"),
  apiToArchive: new Hop("api-to-archive"),
  daemonToApi: new Hop("daemon-to-api"),
  daemonToArchive: new Hop("daemon-to-archive"),
};

/** What the provider asked for in its last refusal, for the next sign-in. */
let claimsChallenge;

await attempt(start);

async function start() {
  const client = await createClient({
    authority: VITE_AUTHORITY,
    clientId: VITE_CLIENT_ID,
    postLogoutRedirectUri: location.origin + location.pathname,
    scope: VITE_SCOPE,
    resource: VITE_RESOURCE || undefined,
    storage: "session",
    onLog: steps.add,
  });

  client.addEventListener("tokenrefreshed", () => attempt(() => show(client)));
  client.addEventListener("signedout", () => show(client));
  client.addEventListener("reauthdue", () => showDue(client));
  client.addEventListener("error", ({ detail }) => refuse(detail));

  whenPressed("sign-in", () => signIn(client));
  whenPressed("call-api", () => callApi(client));
  whenPressed("refresh", () => client.getToken({ forceRefresh: true }));
  whenPressed("sign-out", () => client.signOut());
  if (VITE_API_GAP) hops.apiToArchive.close(VITE_API_GAP);
  setInterval(() => [...Object.values(poles), ...Object.values(hops)].forEach((shown) => shown.tick()), 1000);
  setInterval(lookAtDaemon, DAEMON_LOOK_MS);
  // Back from the provider by the browser's own button, to a page that thinks it has left.
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());

  try {
    if (location.search !== "") setScene("challenging");
    await client.handleRedirect();
  } finally {
    await show(client);
  }
}

async function signIn(client) {
  setScene("leaving");
  try {
    await client.signIn({ claims: claimsChallenge });
  } catch (error) {
    setScene("asking");
    throw error;
  }
}

/** Who is signed in, with which tokens. */
async function show(client) {
  const { account } = client;
  const isSignedIn = account !== null;
  for (const id of ["sign-in", "claims-empty", "tokens-empty"]) by(id).hidden = isSignedIn;
  for (const id of ["sign-out", "refresh"]) by(id).hidden = !isSignedIn;
  by("call-api").hidden = false;
  if (isSignedIn) {
    setScene("passed", nameOf(account));
    showPairs(by("claims"), withTimes(account.claims));
    await showTokens(client);
  } else {
    setScene("asking");
    by("claims").replaceChildren();
    by("tokens").replaceChildren();
  }
}

/** The session cannot be renewed: only a sign-in helps. */
function showDue(client) {
  setScene("due", nameOf(client.account));
  by("sign-in").hidden = false;
}

function nameOf({ claims, subject }) {
  return claims.given_name ?? claims.name?.split(" ")[0] ?? subject;
}

async function showTokens(client) {
  const { claims } = client.account;
  const token = await client.getToken();
  const print = await fingerprint(token.accessToken);
  by("tokens").replaceChildren(...Object.values(poles).map((pole) => pole.element));
  poles.access.element.dataset.fingerprint = print;
  poles.access.show({
    from: token.obtainedAt,
    to: token.expiresAt,
    renewal: token.refreshAt,
    about: `Opens the API for ${token.scope}. It is renewed at the mark. Fingerprint ${print}.`,
  });
  poles.id.show({ from: claims.iat, to: claims.exp, about: "Tells this page who you are. The API has no use for it." });
}

/** NumericDate claims with their time of day. */
function withTimes(claims) {
  const times = ["iat", "exp", "nbf", "auth_time"].filter((name) => name in claims);
  const said = times.map((name) => [name, `${claims[name]}, ${new Date(claims[name] * 1000).toLocaleTimeString()}`]);
  return { ...claims, ...Object.fromEntries(said) };
}

/** Eight digits of the token's hash: enough to see that it is another one, and nothing to steal. */
async function fingerprint(token) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return [...new Uint8Array(hash, 0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** With a token if somebody is signed in, and without one if not: the API decides. */
async function callApi(client) {
  const send = client.account === null ? fetch : client.fetch.bind(client);
  log("api_request", VITE_API_URL);
  const startedAt = performance.now();
  try {
    const response = await send(VITE_API_URL);
    log("api_response", String(response.status));
    const body = await showResponse(response, performance.now() - startedAt);
    hops.pageToApi.show({ status: response.status, token: body.token });
    if (body.archive) hops.apiToArchive.show(body.archive);
  } catch (error) {
    // No response arrived: `fetch` throws the one, the client's `fetch` the other.
    if (!(error instanceof TypeError) && error.code !== "network_error") throw error;
    showSilence();
  }
}

/** What the APIs responded to the daemon, which goes on whoever is signed in here. */
async function lookAtDaemon() {
  if (document.hidden) return;
  // The demo may have stopped: what was seen last stays.
  const response = await fetch("/daemon").catch(() => undefined);
  const { api, archive } = (await response?.json()) ?? {};
  if (api) hops.daemonToApi.show(api);
  if (archive) hops.daemonToArchive.show(archive);
}

function log(step, detail) {
  steps.add({ step, detail, time: Date.now() / 1000 });
}

function whenPressed(id, action) {
  const button = by(id);
  button.addEventListener("click", async () => {
    button.disabled = true;
    clearRefusal();
    await attempt(action);
    button.disabled = false;
  });
}

/** An error of the client's own is shown with its code; any other is a defect of this page and is thrown on. */
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    refuse(error);
    if (!isAuthError(error)) throw error;
  }
}

function refuse(error) {
  claimsChallenge = error.claims;
  showRefusal(error);
}
