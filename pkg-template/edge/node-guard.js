// Guards of handlers as Node has them: node:http, Express, Fastify.

import { isAuthError } from "../auth-error.js";
import { before } from "./api.js";
import { responseHeadersOf } from "./dpop.js";
import { checkRequirement } from "./requirement.js";
import { remember } from "./verified.js";

export function nodeGuard(verifier, ...given) {
  const handler = typeof given.at(-1) === "function" ? given.pop() : undefined;
  const [requirement] = given;
  checkRequirement(requirement);
  if (handler !== undefined) {
    return (request, response) => responded(verifier, requirement, { request, response }, (verified) => handler(request, response, verified));
  }
  // It returns no promise: Fastify would go on when that settles too, and call the handler twice.
  return (request, response, next) => {
    const pair = { request: nodes(request, "headers"), response: nodes(response, "writeHead"), take: () => response.hijack?.() };
    responded(verifier, requirement, pair, () => next()).catch(next);
  };
}

/** @param take is called before a response is sent here @param pass what follows for a request that may pass */
async function responded(verifier, requirement, { request, response, take }, pass) {
  const send = ({ status, headers, body }) => {
    take?.();
    response.writeHead(status, headers).end(body);
  };
  try {
    const own = await before(verifier, read(request));
    if (own.response !== undefined) return send(own.response);
    setHeaders(response, own.headers);
    const verified = await verifier.authenticate(request, requirement);
    remember(request, verified);
    setHeaders(response, responseHeadersOf(request));
    return await pass(verified);
  } catch (error) {
    // Also if it is the handler's: that of a token for another API, which needs the user.
    if (!isAuthError(error) || response.headersSent) throw error;
    return send(error.response);
  }
}

/** Node's own inside of Fastify's, which has this member. */
const nodes = (given, member) => (given.raw?.[member] === undefined ? given : given.raw);

// Express takes the part from `url` below which a router is mounted.
function read({ method, url, originalUrl = url, headers }) {
  return { method, path: (originalUrl ?? "").split("?")[0], header: (name) => headers[name] };
}

/** The headers of whatever is sent later. A guard inside of another adds nothing. */
function setHeaders(response, { vary, ...others }) {
  for (const [name, value] of Object.entries(others)) response.setHeader(name, value);
  const varies = [response.getHeader("vary") ?? []].flat().join(", ");
  if (vary !== undefined && !varies.includes(vary)) response.setHeader("vary", varies === "" ? vary : `${varies}, ${vary}`);
}
