/**
 * The API: a Worker that returns a user's notes to a request with that user's token.
 *
 * Its configuration comes as bindings: ISSUER, AUDIENCE, SCOPE, and PAGE_ORIGIN, whose scripts may call it.
 */
import { createVerifier, isAuthError } from "countersign/edge";

const NOTES = {
  ada: [
    "The Engine weaves algebraical patterns just as the Jacquard loom weaves flowers and leaves.",
    "Ask Mr Babbage about the variable cards.",
  ],
  grace: ["Relay 70, panel F: found a moth. Taped it into the logbook.", "Bring the nanosecond wire to the lecture."],
};

export default {
  async fetch(request, env) {
    const response = request.method === "OPTIONS" ? new Response(null, { status: 204 }) : await respond(request, env);
    return withCors(response, env);
  },
};

async function respond(request, env) {
  if (new URL(request.url).pathname !== "/notes") {
    return Response.json({ error: "not_found" }, { status: 404 });
  }
  try {
    const { claims, scopes, kind } = await verifierFor(env).authenticate(request);
    return Response.json({
      subject: claims.sub,
      kind,
      scopes,
      token: { issued: claims.iat, expires: claims.exp },
      notes: NOTES[claims.sub] ?? ["Nothing written yet."],
    });
  } catch (error) {
    if (!isAuthError(error)) throw error;
    return error.toResponse();
  }
}

/** One verifier for as long as the isolate lives, so that the issuer's keys are fetched once. */
let verifier;
function verifierFor({ ISSUER: issuer, AUDIENCE: audience, SCOPE: scope }) {
  verifier ??= createVerifier({ issuer, audience, scope });
  return verifier;
}

function withCors(given, { PAGE_ORIGIN }) {
  const response = new Response(given.body, given);
  response.headers.set("access-control-allow-origin", PAGE_ORIGIN);
  response.headers.set("access-control-allow-headers", "authorization");
  response.headers.set("access-control-expose-headers", "www-authenticate");
  response.headers.set("access-control-max-age", "600");
  response.headers.append("vary", "origin");
  return response;
}
