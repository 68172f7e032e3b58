// Guards of handlers from Request to Response: Workers, Deno, Bun, Next, Hono.

import { isAuthError } from "../auth-error.js";
import { before } from "./api.js";
import { responseHeadersOf } from "./dpop.js";
import { checkRequirement } from "./requirement.js";
import { remember } from "./verified.js";

export function guard(verifier, ...given) {
  const handler = given.pop();
  const [requirement] = given;
  checkRequirement(requirement);
  return (request, ...rest) =>
    responded(verifier, requirement, request, async (verified, headers) => withHeaders(await handler(request, verified, ...rest), headers));
}

export function honoGuard(verifier, requirement) {
  checkRequirement(requirement);
  return (context, next) =>
    responded(verifier, requirement, context.req.raw, async (_, headers) => {
      // What handlers throw is caught there.
      await next();
      const response = withHeaders(context.res, headers);
      if (response === context.res) return;
      // Otherwise Hono would set the headers of the one before over those of this one.
      context.res = undefined;
      context.res = response;
    });
}

/** The response of this module, or what `pass` returns for a request that may pass. */
async function responded(verifier, requirement, request, pass) {
  let headers = {};
  try {
    const own = await before(verifier, read(request));
    if (own.response !== undefined) return new Response(own.response.body ?? null, own.response);
    headers = own.headers;
    const verified = await verifier.authenticate(request, requirement);
    remember(request, verified);
    return await pass(verified, { ...headers, ...responseHeadersOf(request) });
  } catch (error) {
    // Also if it is the handler's: that of a token for another API, which needs the user.
    if (!isAuthError(error)) throw error;
    return withHeaders(error.toResponse(), headers);
  }
}

function read({ method, url, headers }) {
  return { method, path: new URL(url).pathname, header: (name) => headers.get(name) ?? undefined };
}

/** The response with these headers; a copy if its own cannot be changed, as those of `fetch`. */
function withHeaders(response, headers) {
  // A WebSocket's response cannot be copied, and no page reads its headers.
  if (Object.keys(headers).length === 0 || response.status === 101) return response;
  try {
    set(response.headers, headers);
    return response;
  } catch {
    const copy = new Response(response.body, response);
    set(copy.headers, headers);
    return copy;
  }
}

function set(headers, { vary, "access-control-expose-headers": exposed, ...others }) {
  for (const [name, value] of Object.entries(others)) headers.set(name, value);
  add(headers, "access-control-expose-headers", exposed);
  add(headers, "vary", vary);
}

/** A guard inside of another adds nothing. */
function add(headers, name, value) {
  if (value !== undefined && !headers.get(name)?.includes(value)) headers.append(name, value);
}
