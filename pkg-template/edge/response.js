// The response to a request whose token was refused: RFC 6750 section 3. It says nothing of what was in the token.

import { AuthError, textOf } from "../auth-error.js";
import { CODES } from "../error-codes.js";
import { challengeFor } from "../wasm/edge.js";
import { edgeModule } from "./edge-module.js";

/** What makes the challenge to an error, for those that know what the request needed. */
const challenges = new WeakMap();

/** Gives every error a response. */
export function giveResponses() {
  Object.defineProperties(AuthError.prototype, {
    response: { get: response, configurable: true },
    toResponse: { value: toResponse, configurable: true },
  });
}

/** Lets `challenge` decide what the error's response says. */
export function answerBy(error, challenge) {
  challenges.set(error, challenge);
}

function response() {
  const { status, wwwAuthenticate, retryAfter, dpopNonce } = Object.fromEntries(new URLSearchParams(challengeTo(this)));
  const headers = { "content-type": "application/json", "cache-control": "no-store", "www-authenticate": wwwAuthenticate };
  if (retryAfter !== undefined) headers["retry-after"] = retryAfter;
  if (dpopNonce !== undefined) headers["dpop-nonce"] = dpopNonce;
  return { status: Number(status), headers, body: JSON.stringify({ code: this.code, message: textOf(this.code) }) };
}

function challengeTo(error) {
  // Without the core no token was looked at.
  if (!edgeModule.isLoaded()) return "status=500&wwwAuthenticate=Bearer";
  return challenges.get(error)?.() ?? challengeFor(CODES.indexOf(error.code));
}

function toResponse() {
  const { body, ...init } = this.response;
  return new Response(body, init);
}
