import { createHash } from "node:crypto";
import { decodeJwt, decodeProtectedHeader } from "jose";

const LIMIT = 10_000;
/** Values that are credentials; the record holds their digest, by which two can still be told equal. */
const SECRET = ["client_secret", "password", "code", "code_verifier", "refresh_token", "device_code", "assertion", "client_assertion", "id_token_hint"];

/** Every request received, for tests to look at. */
export class RequestRecord {
  #entries = [];

  constructor(clock) {
    this.clock = clock;
  }

  add(entry) {
    this.#entries.push(entry);
    if (this.#entries.length > LIMIT) this.#entries.shift();
  }

  /** @param {{ path?: string, method?: string }} filter `path` is a part of it */
  list({ path, method } = {}) {
    return this.#entries.filter((e) => (!path || e.path.includes(path)) && (!method || e.method === method.toUpperCase()));
  }

  clear() {
    this.#entries = [];
  }
}

export function recordRequests({ record, clock }) {
  return async (c, next) => {
    const url = new URL(c.req.url);
    const form = c.req.method === "POST" ? new URLSearchParams(await c.req.text()) : new URLSearchParams();
    const entry = {
      time: clock.milliseconds() / 1000,
      scheme: url.protocol.slice(0, -1),
      method: c.req.method,
      path: url.pathname,
      query: masked(url.searchParams),
      form: masked(form),
      headers: maskedHeaders(c.req.header()),
      status: undefined,
    };
    record.add(entry);
    await next();
    entry.status = c.res?.status;
  };
}

function masked(parameters) {
  return Object.fromEntries([...parameters].map(([name, value]) => [name, SECRET.includes(name) ? digestOf(value, name) : value]));
}

function digestOf(value, name) {
  const digest = `sha256:${createHash("sha256").update(value).digest("hex").slice(0, 16)}`;
  // Of a JWT that proves something its signature is the secret; what it says is worth looking at.
  return name.endsWith("assertion") ? { digest, ...opened(value) } : digest;
}

function opened(jwt) {
  try {
    return { header: decodeProtectedHeader(jwt), claims: decodeJwt(jwt) };
  } catch {
    return {};
  }
}

function maskedHeaders(headers) {
  const { authorization, cookie, "x-identity-header": identity, ...rest } = headers;
  if (authorization) rest.authorization = `${authorization.split(" ")[0]} ${digestOf(authorization, "authorization")}`;
  if (cookie) rest.cookie = digestOf(cookie, "cookie");
  if (identity) rest["x-identity-header"] = digestOf(identity, "identity");
  return rest;
}
