// The IPv6 loopback address has no exception.
const LOOPBACK = new Set(["localhost", "127.0.0.1"]);

/**
 * The type under which a redirect URI is registered, or undefined. URIs match exactly, but for the
 * port of a loopback address ("Redirect URI restrictions and limitations", localhost exceptions;
 * RFC 8252 section 7.3).
 * @returns {"spa" | "native" | "web" | undefined}
 */
export function redirectType(client, uri) {
  if (!uri || uri.includes("#")) return undefined;
  const registered = client.redirectUris ?? {};
  return ["spa", "native", "web"].find((type) => (registered[type] ?? []).some((entry) => matches(entry, uri)));
}

/** Whether the URI is registered under any type, as sign-out and admin consent ask. */
export function isRegistered(client, uri) {
  return redirectType(client, uri) !== undefined;
}

function matches(registered, uri) {
  if (registered === uri) return true;
  const [a, b] = [parse(registered), parse(uri)];
  if (!a || !b || !LOOPBACK.has(a.hostname) || a.hostname !== b.hostname) return false;
  return a.protocol === b.protocol && a.pathname === b.pathname && a.search === b.search;
}

function parse(uri) {
  try {
    return new URL(uri);
  } catch {
    return undefined;
  }
}
