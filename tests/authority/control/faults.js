import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { setTimeout as wait } from "node:timers/promises";

/**
 * `latency` responds late, `drop` closes the connection before anything is done, `lost-response` does what
 * was asked and then closes it, `truncate` sends half of the response, `status` sends another one.
 */
export const FAULT_KINDS = ["latency", "drop", "lost-response", "truncate", "status"];

/**
 * What goes wrong on purpose. A fault is
 * `{ id, kind, path?, method?, times?, milliseconds?, status?, headers?, body? }`:
 * `path` is a part of the request's path, `times` how often it strikes (without: always).
 */
export class Faults {
  #faults = [];
  #next = 1;

  add(fault) {
    const entry = { ...fault, id: this.#next++, left: fault.times ?? Infinity };
    this.#faults.push(entry);
    return entry;
  }

  list() {
    return this.#faults.map(({ left, ...fault }) => ({ ...fault, left: Number.isFinite(left) ? left : null }));
  }

  clear() {
    this.#faults = [];
  }

  /** The faults that strike this request, each counted. */
  take(path, method) {
    const struck = this.#faults.filter((f) => f.left > 0 && (!f.path || path.includes(f.path)) && (!f.method || f.method === method));
    for (const fault of struck) fault.left -= 1;
    this.#faults = this.#faults.filter((f) => f.left > 0);
    return struck;
  }
}

export function applyFaults({ faults }) {
  return async (c, next) => {
    const struck = faults.take(c.req.path, c.req.method);
    const fault = (kind) => struck.find((f) => f.kind === kind);
    if (fault("latency")) await wait(fault("latency").milliseconds ?? 1000);
    if (fault("drop")) return drop(c);
    if (fault("status")) return failure(c, fault("status"));
    await next();
    if (fault("lost-response")) replaceResponse(c, drop(c));
    if (fault("truncate")) await truncate(c);
  };
}

function drop(c) {
  c.env.incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

function failure(c, { status = 503, headers = {}, body }) {
  // A page on another origin must be able to read it, as it can at the service.
  const readable = { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After", ...headers };
  if (body !== undefined) return c.body(body, status, readable);
  return c.json({ error: "temporarily_unavailable", error_description: "The server is temporarily too busy to handle the request.", error_codes: [90033] }, status, readable);
}

/** The former response is removed first: one that is replaced would pass its headers on. */
function replaceResponse(c, response) {
  c.res = undefined;
  c.res = response;
}

/** Announces the whole body, sends half of it and closes. */
async function truncate(c) {
  const body = Buffer.from(await c.res.arrayBuffer());
  const { outgoing } = c.env;
  outgoing.writeHead(c.res.status, { ...Object.fromEntries(c.res.headers), "content-length": body.length });
  await new Promise((sent) => outgoing.write(body.subarray(0, Math.floor(body.length / 2)), sent));
  outgoing.destroy();
  replaceResponse(c, RESPONSE_ALREADY_SENT);
}
