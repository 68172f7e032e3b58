// What a provider sends when a user's sessions have ended: Back-Channel Logout 1.0 and Front-Channel Logout 1.0 of OpenID Connect.

import { AuthError, isAuthError, textOf } from "../auth-error.js";
import { invalid } from "./plain.js";

/** A logout token is 64 KiB at most; the form has little beside it. */
const MAX_LENGTH = 70_000;
const HEADERS = { "cache-control": "no-store" };

/** A handler for the `backchannel_logout_uri` (section 2.8). @param ended ends the sessions; the provider is told if that fails */
export function backChannelLogout(verifier, ended) {
  return async (request, ...rest) => {
    if (request.method !== "POST") return new Response(null, { status: 405, headers: { ...HEADERS, allow: "POST" } });
    try {
      const token = await logoutTokenOf(request);
      await ended(await verifier.verifyLogoutToken(token), request, ...rest);
      return new Response(null, { status: 200, headers: HEADERS });
    } catch (error) {
      // The caller's own failure: the provider learns of it by the status, and tries again.
      const { code } = isAuthError(error) ? error : {};
      const body = code === undefined ? { error: "server_error" } : { error: "invalid_request", error_description: textOf(code) };
      return Response.json(body, { status: 400, headers: HEADERS });
    }
  };
}

async function logoutTokenOf(request) {
  const isForm = request.headers.get("content-type")?.split(";")[0].trim().toLowerCase() === "application/x-www-form-urlencoded";
  if (!isForm || Number(request.headers.get("content-length")) > MAX_LENGTH) throw new AuthError("token_malformed");
  const tokens = new URLSearchParams(await request.text()).getAll("logout_token");
  if (tokens.length !== 1) throw new AuthError("token_malformed", { detail: "logout_token" });
  return tokens[0];
}

/**
 * What a request to the `frontchannel_logout_uri` says (section 2), which anybody can send.
 *
 * @returns {{ iss?: string, sid?: string }} both or none
 */
export function readFrontChannelLogout(url, { issuer }) {
  if (typeof issuer !== "string" || issuer === "") throw invalid("issuer", "is missing");
  const { searchParams } = new URL(url, "https://countersign.invalid");
  const [issuers, sessions] = ["iss", "sid"].map((name) => searchParams.getAll(name));
  if (issuers.length === 0 && sessions.length === 0) return {};
  if (issuers.length !== 1 || sessions.length !== 1 || sessions[0] === "") throw new AuthError("token_claim_invalid", { detail: "iss and sid" });
  if (issuers[0] !== issuer) throw new AuthError("token_issuer_mismatch");
  return { iss: issuers[0], sid: sessions[0] };
}
