// The response to a request whose token was refused: RFC 6750 section 3.

import { AuthError } from "../auth-error.js";
import { CODES } from "../error-codes.js";
import { challengeFor } from "../wasm/edge.js";
import { isLoaded } from "./instantiate.js";

/** The scopes that a request needed, by the error that refused it. */
const scopes = new WeakMap();

/** Gives every error a response. */
export function giveResponses() {
  Object.defineProperties(AuthError.prototype, {
    response: { get: response, configurable: true },
    toResponse: { value: toResponse, configurable: true },
  });
}

/** Remembers what the response has to name. */
export function refusalOf(error, scope) {
  if (scope !== undefined) scopes.set(error, Array.isArray(scope) ? scope.join(" ") : scope);
  return error;
}

function response() {
  const { code, message } = this;
  // Without the core no token was looked at.
  const challenge = isLoaded() ? challengeFor(CODES.indexOf(code), scopes.get(this)) : "status=500&wwwAuthenticate=Bearer";
  const { status, wwwAuthenticate } = Object.fromEntries(new URLSearchParams(challenge));
  return {
    status: Number(status),
    headers: { "content-type": "application/json", "cache-control": "no-store", "www-authenticate": wwwAuthenticate },
    body: JSON.stringify({ code, message }),
  };
}

function toResponse() {
  const { body, ...init } = this.response;
  return new Response(body, init);
}
