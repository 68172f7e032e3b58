// Finds out why a sign-in fails, and what to change where. It is loaded only when a page asks for it: it sends requests of its
// own to the provider, none with a token.

import { isAuthError } from "./auth-error.js";
import { isWebAssemblyForbidden, lookAtClock, lookAtStorage, probeAuthorization, probeClient, probeMetadata, probeUrl } from "./diagnose-probes.js";
import { placeOf } from "./diagnose-providers.js";

export async function diagnose(error, options) {
  if (!isAuthError(error)) return found("page_error", "page", "The error is not one of Countersign's: the page's own code threw it.", [String(error)]);
  const look = BY_CODE[error.code] ?? (() => undefined);
  return (await look(error, withDefaults(options))) ?? byServer(error, options) ?? nothing(error);
}

const BY_CODE = {
  insecure_context: () =>
    found("insecure_context", "server", `Serve the page over https, or from http://localhost while you develop; it is at ${location.origin}.`),
  unsupported_platform: () => found("platform", "page", "createClient runs in a page. On a server, create the client in an effect, or after the page has loaded."),
  csp_blocks_wasm: () => forbidden(),
  wasm_load_failed: ({ detail }) =>
    isWebAssemblyForbidden()
      ? forbidden()
      : found("wasm_file", "page", `The WebAssembly file did not arrive: ${detail}. Deploy it with the page, or import from "countersign/inlined".`),
  wasm_unavailable: () => found("browser", "browser", "This browser has WebAssembly turned off: iOS does it in Lockdown Mode, Edge at its strictest security level. Allow it for this site."),
  network_error: ({ detail }, options) => ofRequest(detail, options),
  provider_unavailable: ofAuthority,
  unexpected_response: ofAuthority,
  metadata_invalid: ofAuthority,
  metadata_issuer_mismatch: ofAuthority,
  token_issuer_mismatch: ofAuthority,
  storage_unavailable: ofStorage,
  token_expired: ofClock,
  token_not_yet_valid: ofClock,
  // The provider has shown a page of its own, and the user came back.
  sign_in_abandoned: ofRegistration,
  sign_in_loop: async (_, options) => (await ofRedirectPage(options)) ?? ofRegistration(undefined, options),
  authorization_refused: (error, options) => byServer(error, options) ?? ofRegistration(error, options),
};

/** A request without a response. */
async function ofRequest(url, options) {
  if (!URL.canParse(url)) return undefined;
  const { origin } = new URL(url);
  const { outcome, evidence, policy } = await probeUrl(url, options.fetch);
  const isProvider = origin === new URL(options.authority).origin;
  const made = (finding, change, message) => found(finding, change, message, evidence);
  switch (outcome) {
    case "csp":
      return made("csp_connect", "page", `The page's Content-Security-Policy forbids requests to ${origin}. Add ${origin} to connect-src; the policy is: ${policy}`);
    case "offline":
      return made("offline", "nothing", "The device is offline. Try again when it is connected.");
    case "mixed_content":
      return made("mixed_content", "page", `A page over https may not send requests to ${origin}, which is plain http. Use the https URL.`);
    case "redirects":
      return made("redirects", isProvider ? "page" : "server", `${url} redirects, and a token is never sent on to another URL. Use the URL that it redirects to.`);
    case "cors":
      // What is no provider's URL has no headers either.
      return (await ofWrongPlace(url, evidence, options)) ?? made("cors", isProvider ? "provider" : "server", corsMessage(url, isProvider, options));
    case "unreachable":
      return made("unreachable", "server", `${origin} cannot be reached: its name does not resolve, its certificate is not trusted, or nothing listens there. Open ${url} in a tab, which says what it is.`);
    default:
      return made("passed", "nothing", `${url} responds now. What failed has passed; try again.`);
  }
}

/** Metadata that is elsewhere. */
async function ofWrongPlace(url, evidence, { authority, fetch }) {
  if (!url.endsWith("/.well-known/openid-configuration")) return undefined;
  const { authority: other, evidence: more } = await firstWithMetadata(likely(authority), fetch);
  if (other === undefined) return undefined;
  return found("authority", "page", `There is no provider's metadata that a page can read at ${url}. Set authority: "${other}".`, [...evidence, ...more]);
}

function corsMessage(url, isProvider, options) {
  const rule = `${url} does not allow the page's origin ${location.origin} (CORS).`;
  if (isProvider) return `${rule} ${placeOf(options.authority, "origin")}`;
  return `${rule} Have the server respond to the preflight, allow this origin and the header authorization, and expose www-authenticate.`;
}

/** A provider that is not where the options say, or is another one. */
async function ofAuthority(_, options) {
  const { authority, issuer = authority } = options;
  const asked = await probeMetadata(authority, options.fetch);
  if (asked.failed) return ofRequest(asked.url, options);
  if (asked.status >= 500) {
    return found("provider_down", "nothing", `The provider responds with ${asked.status}. Try again later.`, asked.evidence);
  }
  if (asked.metadata === undefined) {
    const { authority: other, evidence } = await firstWithMetadata(likely(authority), options.fetch);
    const remedy = other ? `Set authority: "${other}".` : `Set authority to the provider's issuer. ${placeOf(authority, "authority")}`;
    return found("authority", "page", `There is no provider's metadata at ${asked.url}: the response is ${asked.status}. ${remedy}`, [...asked.evidence, ...evidence]);
  }
  const named = asked.metadata.issuer;
  if (named === issuer) return undefined;
  const remedy = sameBut(named, authority)
    ? `Set authority: "${named}", character by character.`
    : `If that is the provider you mean, set authority: "${named}", or issuer: "${named}" if its metadata is at another URL.`;
  return found("issuer", "page", `The metadata at ${asked.url} names the issuer ${named}, not ${issuer}. ${remedy}`, asked.evidence);
}

/** Whether only what people leave out differs. */
const sameBut = (one, other) => [one, other].map((url) => String(url).replace(/\/$/, "").toLowerCase()).every((url, _, [first]) => url === first);

/** Where the metadata may be instead. */
function likely(authority) {
  const url = authority.replace(/\/?\.well-known\/.*$/, "").replace(/\/$/, "");
  const { origin } = new URL(authority);
  return [url, `${url}/v2.0`, `${url}/oauth2/default`, url.replace("/auth/realms/", "/realms/"), url.replace(/\/oauth2\/v2\.0\b.*$/, "/v2.0"), url.replace(/\/(oauth2|authorize|token)\b.*$/, ""), origin].filter(
    (one, place, all) => one !== authority && all.indexOf(one) === place,
  );
}

async function firstWithMetadata(authorities, fetch) {
  const evidence = [];
  for (const authority of authorities) {
    const asked = await probeMetadata(authority, fetch);
    evidence.push(...asked.evidence);
    if (asked.metadata?.issuer !== undefined) return { authority, evidence };
  }
  return { evidence };
}

/** A sign-in from which the page got no response: the provider knows the client or the redirect URI not. */
async function ofRegistration(error, options) {
  const { clientId, redirectUri, authority } = options;
  const wrong = wrongRedirectUri(redirectUri);
  if (wrong) return found("redirect_uri", "page", wrong);
  const asked = await probeMetadata(authority, options.fetch);
  if (asked.metadata === undefined || asked.metadata.issuer !== (options.issuer ?? authority)) return ofAuthority(error, options);
  const authorization = await probeAuthorization(asked.metadata.authorization_endpoint, options);
  if (authorization.outcome === "accepted") return undefined;
  const client = await probeClient(asked.metadata.token_endpoint, options);
  const evidence = [...asked.evidence, ...authorization.evidence, ...client.evidence];
  if (client.outcome === "failed") return { ...(await ofRequest(asked.metadata.token_endpoint, options)), evidence };
  const bySaid = byServer(client.error, options);
  if (bySaid !== undefined && bySaid.finding !== "redirect_uri") return { ...bySaid, evidence };
  if (authorization.outcome !== "refused") return undefined;
  return found("redirect_uri", "provider", `The provider knows the client ${clientId} and refuses the redirect URI ${redirectUri}. ${placeOf(authority, "redirect_uri", redirectUri)}`, evidence);
}

function wrongRedirectUri(redirectUri) {
  const { origin, hash } = new URL(redirectUri, location.href);
  if (hash !== "") return `The redirect URI ${redirectUri} has a fragment, which RFC 6749 section 3.1.2 forbids. Leave it out, here and at the provider.`;
  if (origin !== location.origin) {
    return `The redirect URI ${redirectUri} is at another origin than the page, ${location.origin}, which cannot see the response. Use a URL of the page's own origin: localhost and 127.0.0.1 are two.`;
  }
  return undefined;
}

/** A page that keeps signing in: its redirect URI may be no page of its own. */
async function ofRedirectPage({ redirectUri }) {
  const response = await fetch(redirectUri, { method: "HEAD", redirect: "follow" }).catch(() => undefined);
  if (response === undefined) return undefined;
  const evidence = [`HEAD ${redirectUri}: ${response.status}${response.redirected ? `, redirected to ${response.url}` : ""}`];
  if (!response.ok) return found("redirect_page", "server", `There is no page at the redirect URI ${redirectUri}: the server responds with ${response.status}.`, evidence);
  if (response.redirected) return found("redirect_page", "server", `The server redirects the redirect URI ${redirectUri} to ${response.url}, where the response may be lost. Use the URL that it redirects to.`, evidence);
  return found("redirect_page", "page", `The page at ${redirectUri} does not complete the sign-in. Call handleRedirect there, before anything calls signIn.`, evidence);
}

async function ofStorage({ detail }) {
  const { missing, isFramed, evidence } = await lookAtStorage();
  const named = missing.length > 0 ? missing.join(" and ") : (detail ?? "storage");
  if (isFramed) {
    return found("storage", "page", `The browser denies ${named} to this page in a frame of another site. Open the page in a tab of its own for the sign-in.`, evidence);
  }
  return found("storage", "browser", `The browser denies ${named} to ${location.origin}. Allow cookies and site data for it; a private window or an extension may block them.`, evidence);
}

async function ofClock(error, options) {
  const { seconds, evidence } = await lookAtClock();
  if (Math.abs(seconds) <= (options.clockTolerance ?? 60)) return undefined;
  const way = seconds > 0 ? "ahead" : "behind";
  return found("clock", "machine", `This device's clock is about ${Math.round(Math.abs(seconds))} seconds ${way} of the server's. Set it by the network's time.`, evidence);
}

/** What the server itself has said, by the protocol's codes or by Entra's numbers. */
function byServer(error, options) {
  const [finding, change, message] = said(error ?? {}, options) ?? [];
  if (finding === undefined) return undefined;
  const words = error.error_description ?? error.error;
  return found(finding, change, message, [`The server said: ${words}`]);
}

function said({ error, error_codes: numbers = [], suberror }, { authority, clientId, redirectUri, scope } = {}) {
  const has = (...wanted) => wanted.some((number) => numbers.includes(number));
  const client = `The provider does not know the client ${clientId}`;
  if (has(9002326, 7000218, 9002327)) {
    return ["client_type", "provider", `The client ${clientId} is registered for servers, not for pages: a page has no secret. ${placeOf(authority, "client_type", redirectUri)}`];
  }
  if (has(50011, 500113)) return ["redirect_uri", "provider", `The provider refuses the redirect URI ${redirectUri}. ${placeOf(authority, "redirect_uri", redirectUri)}`];
  if (has(700016, 900144)) return ["client", "page", `${client} in this tenant. Correct clientId, or the tenant in authority.`];
  if (has(90002)) return ["authority", "page", `There is no such tenant: ${authority}. Correct the tenant in authority.`];
  if (has(50194, 50020)) return ["authority", "page", "The application is for accounts of its own tenant. Name that tenant in authority, or register the application for further tenants."];
  if (error === "consent_required" || has(65001, 90094)) return ["consent", "provider", `Nobody has consented to the scope ${scope}. An administrator can, for all users.`];
  if (error === "invalid_scope" || error === "invalid_target" || error === "invalid_resource" || has(70011, 500011)) {
    return ["scope", "page", `The provider does not know the scope or resource that was asked for. ${placeOf(authority, "scope")}`];
  }
  if (error === "invalid_client") {
    return ["client", "page", `${client}, or it is not a public client. Correct clientId. ${placeOf(authority, "client_type", redirectUri)}`];
  }
  if (error === "unauthorized_client") return ["client_type", "provider", `The client ${clientId} may not use the authorization code grant. ${placeOf(authority, "client_type", redirectUri)}`];
  if (error === "access_denied") return ["declined", "nothing", "The user declined, or a policy of the provider refused them. Let them try again."];
  if (error === "login_required" || error === "interaction_required" || suberror !== undefined) {
    return ["interaction", "page", "The provider wants to see the user. Call signIn, with the claims of the error if it has any."];
  }
  return undefined;
}

function forbidden() {
  return found("csp_wasm", "page", "The page's Content-Security-Policy forbids WebAssembly. Add 'wasm-unsafe-eval' to script-src.");
}

function nothing(error) {
  return found("unknown", "nothing", error.message, [`The error's code is ${error.code}; nothing else was found.`]);
}

function found(finding, change, message, evidence = []) {
  return { finding, change, message: message.trim(), evidence };
}

function withDefaults(options) {
  return { ...options, redirectUri: options.redirectUri ?? location.origin + location.pathname, fetch: options.fetch ?? ((...given) => globalThis.fetch(...given)) };
}
