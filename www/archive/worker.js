/**
 * The downstream API: a Worker that tells what the archive has of a user, or altogether. It verifies each token twice, by
 * countersign and by jose, and does not respond if they disagree.
 *
 * Its configuration comes as the binding VERIFIER.
 */
import { createVerifier, isAuthError } from "countersign/edge";
import { createRemoteJWKSet, jwtVerify } from "jose";

import { about, nameOf } from "../verified.js";

const RECORDS = { ada: 3, grace: 5 };

export default {
  async fetch(request, { VERIFIER }) {
    if (new URL(request.url).pathname !== "/records") {
      return Response.json({ error: "not_found" }, { status: 404 });
    }
    const [ours, theirs] = await Promise.all([byCountersign(request, VERIFIER), byJose(request, VERIFIER)]);
    if (!agree(ours, theirs)) return Response.json({ error: "verdicts_differ" }, { status: 500 });
    if (ours.error) return ours.error.toResponse();
    const counts = Object.values(RECORDS);
    const records = ours.verified.kind === "app" ? counts.reduce((sum, count) => sum + count) : (RECORDS[nameOf(ours.verified)] ?? 0);
    return Response.json({ token: about(ours.verified), records, verifiedBy: ["countersign/edge", "jose"] });
  },
};

let verifier;
async function byCountersign(request, options) {
  verifier ??= createVerifier(options);
  try {
    return { verified: await verifier.authenticate(request) };
  } catch (error) {
    if (!isAuthError(error)) throw error;
    return { error };
  }
}

let keys;
async function byJose(request, { issuer, audience }) {
  keys ??= createRemoteJWKSet(await jwksUri(issuer));
  const token = request.headers.get("authorization")?.replace(/^Bearer /i, "") ?? "";
  return jwtVerify(token, keys, { issuer, audience, clockTolerance: 60 }).then(
    ({ payload }) => ({ payload }),
    (error) => ({ error }),
  );
}

async function jwksUri(issuer) {
  const metadata = await fetch(`${issuer}/.well-known/openid-configuration`);
  return new URL((await metadata.json()).jwks_uri);
}

/** The same claims, or neither takes the token. 403 is for what jose knows nothing of: permissions. */
function agree(ours, theirs) {
  if (ours.verified) return JSON.stringify(ours.verified.claims) === JSON.stringify(theirs.payload);
  return (ours.error.response.status === 403) === (theirs.payload !== undefined);
}
