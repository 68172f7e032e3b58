/**
 * The API: a Worker that returns a user's notes to a request with that user's token, and all of them to a daemon with its own.
 * What the archive has of the user it asks for on the user's behalf.
 *
 * Its configuration comes as bindings: VERIFIER, CLIENT and CLIENT_SECRET if the provider exchanges tokens, ARCHIVE_URL, and
 * PAGE_ORIGIN, whose scripts may call it.
 */
import { createConfidentialClient, createVerifier, guard } from "countersign/edge";

import { about, nameOf } from "../verified.js";

const NOTES = {
  ada: [
    "The Engine weaves algebraical patterns just as the Jacquard loom weaves flowers and leaves.",
    "Ask Mr Babbage about the variable cards.",
  ],
  grace: ["Relay 70, panel F: found a moth. Taped it into the logbook.", "Bring the nanosecond wire to the lecture."],
};

/** Made once for as long as the isolate lives, so that the issuer's keys are fetched once. */
let guarded;

export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname !== "/notes") return Response.json({ error: "not_found" }, { status: 404 });
    guarded ??= guard(createVerifier({ ...env.VERIFIER, cors: { origins: [env.PAGE_ORIGIN] } }), respond);
    return guarded(request, env, context);
  },
};

async function respond(request, verified, env, context) {
  const token = about(verified);
  if (verified.kind === "app") return Response.json({ token, notes: Object.values(NOTES).flat() });
  const notes = NOTES[nameOf(verified)] ?? ["Nothing written yet."];
  return Response.json({ token, notes, archive: await askArchive(request, env, context) });
}

/** What the downstream API responds to this API on behalf of its caller. */
async function askArchive(request, { CLIENT, CLIENT_SECRET, ARCHIVE_URL }, context) {
  if (CLIENT === undefined) return undefined;
  const { target, ...options } = CLIENT;
  const client = createConfidentialClient({
    ...options,
    credential: { secret: CLIENT_SECRET },
    waitUntil: (work) => context.waitUntil(work),
  });
  const assertion = request.headers.get("authorization").slice("Bearer ".length);
  const response = await client.fetch(ARCHIVE_URL, { token: { assertion, ...target } });
  return { status: response.status, ...(await response.json()) };
}
