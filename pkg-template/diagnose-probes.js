// What a page can find out by itself about a request, the provider's metadata, the registration, the storage and the clock.

const PATIENCE_MS = 10_000;

/** Why a URL gives no response. */
export async function probeUrl(url, fetch) {
  const evidence = [];
  const attempt = async (what, init) => {
    try {
      const response = await fetch(url, { credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS), ...init });
      evidence.push(`${what}: ${response.type === "opaqueredirect" ? "a redirect" : response.status || "a response that the page may not read"}`);
      return response;
    } catch (error) {
      evidence.push(`${what}: ${error.message}`);
      return undefined;
    }
  };
  const violation = awaitViolation(url);
  const asPage = await attempt(`GET ${url}`, { redirect: "manual" });
  const policy = await violation.found();
  if (policy !== undefined) return { outcome: "csp", evidence, policy };
  if (asPage?.type === "opaqueredirect") return { outcome: "redirects", evidence };
  if (navigator.onLine === false) return { outcome: "offline", evidence };
  if (location.protocol === "https:" && url.startsWith("http:") && !isLoopback(url)) return { outcome: "mixed_content", evidence };
  const unread = await attempt(`GET ${url}, without reading the response`, { mode: "no-cors" });
  if (unread === undefined) return { outcome: "unreachable", evidence };
  // A preflight is asked for by a header that no form could send.
  const allowed = asPage && (await attempt(`POST ${url}`, { method: "POST", body: new URLSearchParams() }));
  return { outcome: allowed ? "responds" : "cors", evidence };
}

const isLoopback = (url) => /^(localhost|.*\.localhost|127\..*|\[::1\])$/.test(new URL(url).hostname);

/** Listens for the page's policy being applied to a URL. */
function awaitViolation(url) {
  let policy;
  const hear = ({ effectiveDirective, blockedURI, originalPolicy }) => {
    if (effectiveDirective === "connect-src" && blockedURI.startsWith(new URL(url).origin)) policy = originalPolicy;
  };
  document.addEventListener("securitypolicyviolation", hear);
  return {
    async found() {
      // The event comes in a task of its own, after the request has failed.
      await new Promise((resolve) => setTimeout(resolve, 50));
      document.removeEventListener("securitypolicyviolation", hear);
      return policy;
    },
  };
}

/** The provider's metadata, or what came instead. */
export async function probeMetadata(authority, fetch) {
  const [path, query = ""] = authority.split(/(?=\?)/);
  const url = `${path.replace(/\/$/, "")}/.well-known/openid-configuration${query}`;
  try {
    const response = await fetch(url, { credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    const metadata = await response.json().catch(() => undefined);
    const isGood = response.ok && typeof metadata === "object" && metadata !== null;
    return { url, status: response.status, metadata: isGood ? metadata : undefined, evidence: [`GET ${url}: ${response.status}`] };
  } catch (error) {
    return { url, failed: true, evidence: [`GET ${url}: ${error.message}`] };
  }
}

/**
 * Whether the provider sends the user back to this client at this redirect URI: with `prompt=none` it does so at once, also for a user
 * who is not signed in, if both are registered. The frame runs no script: the page in it does nothing.
 */
export async function probeAuthorization(endpoint, { clientId, redirectUri, scope }) {
  const url = new URL(endpoint);
  const parameters = {
    client_id: clientId,
    response_type: "code",
    redirect_uri: redirectUri,
    scope: [scope ?? "openid"].flat().join(" "),
    state: "diagnosis",
    nonce: "diagnosis",
    prompt: "none",
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.setAttribute("sandbox", "allow-same-origin");
  frame.src = url.href;
  const loading = new Promise((resolve) => {
    frame.onload = () => resolve(true);
    setTimeout(resolve, PATIENCE_MS, false);
  });
  document.body.append(frame);
  const isLoaded = await loading;
  const response = isLoaded ? locationOf(frame) : undefined;
  frame.remove();
  const what = `GET ${endpoint} with prompt=none`;
  if (!isLoaded) return { outcome: "unknown", evidence: [`${what}: no response`] };
  if (response === undefined) return { outcome: "refused", evidence: [`${what}: a page of the provider's, and no response to the redirect URI`] };
  const error = response.searchParams.get("error") ?? new URLSearchParams(response.hash.slice(1)).get("error");
  return { outcome: "accepted", evidence: [`${what}: ${error ?? "a response"} at the redirect URI`] };
}

/** The URL of a frame, if it is of the page's own origin. */
function locationOf(frame) {
  try {
    const { href } = frame.contentWindow.location;
    return href === "about:blank" ? undefined : new URL(href);
  } catch {
    return undefined;
  }
}

/** What the provider says of a code that nobody issued: of a client that it knows, that the code is wrong. */
export async function probeClient(endpoint, { clientId, redirectUri, fetch }) {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: clientId,
    redirect_uri: redirectUri,
    code: "diagnosis",
    code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
  });
  try {
    const response = await fetch(endpoint, { method: "POST", body, credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS) });
    const error = await response.json().catch(() => ({}));
    const evidence = [`POST ${endpoint} with a code that nobody issued: ${response.status} ${error.error ?? ""}`.trim()];
    return { outcome: error.error === "invalid_grant" ? "known" : "refused", error, evidence };
  } catch (error) {
    return { outcome: "failed", evidence: [`POST ${endpoint}: ${error.message}`] };
  }
}

/** What the browser denies this page. */
export async function lookAtStorage() {
  const attempts = {
    sessionStorage: () => sessionStorage.setItem("countersign:diagnosis", "1") ?? sessionStorage.removeItem("countersign:diagnosis"),
    cookies: () => navigator.cookieEnabled || Promise.reject(new Error("off")),
    "Web Locks": () => navigator.locks.request("countersign:diagnosis", () => {}),
  };
  const evidence = [];
  const missing = [];
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      await attempt();
      evidence.push(`${name}: allowed`);
    } catch (error) {
      missing.push(name);
      evidence.push(`${name}: ${error.message}`);
    }
  }
  return { missing, isFramed: window.top !== window && !isSameSiteFrame(), evidence };
}

function isSameSiteFrame() {
  try {
    return window.top.location.origin === location.origin && location.origin !== "null";
  } catch {
    return false;
  }
}

/** How far this device's clock is ahead of that of the page's own server, whose `Date` the page can read. */
export async function lookAtClock() {
  try {
    const response = await globalThis.fetch(location.href, { method: "HEAD", cache: "no-store" });
    const date = Date.parse(response.headers.get("date"));
    if (Number.isNaN(date)) return { seconds: 0, evidence: [`HEAD ${location.origin}: no Date`] };
    const seconds = (Date.now() - date) / 1000;
    return { seconds, evidence: [`The page's server says ${new Date(date).toISOString()}, this device ${new Date().toISOString()}.`] };
  } catch (error) {
    return { seconds: 0, evidence: [`HEAD ${location.origin}: ${error.message}`] };
  }
}

/** Whether the page's policy keeps WebAssembly from being compiled. */
export function isWebAssemblyForbidden() {
  try {
    new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    return false;
  } catch (error) {
    return /unsafe-eval|Content Security Policy|blocked by CSP/i.test(error.message);
  }
}
