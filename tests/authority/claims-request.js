import { Refusal } from "./refusals.js";

/**
 * The `claims` parameter (OpenID Connect Core section 5.5), as Entra uses it: client capabilities,
 * authentication contexts, and what a claims challenge handed to the client.
 */
export function readClaimsRequest(text) {
  const none = { capabilities: [], authenticationContexts: [], policies: [] };
  if (!text) return none;
  let request;
  try {
    request = JSON.parse(text);
  } catch {
    throw new Refusal(90023, { reason: "The 'claims' parameter is not JSON." });
  }
  const access = request?.access_token ?? {};
  const values = (member) => [member?.values ?? member?.value ?? []].flat().map(String);
  return {
    // "cp1" is compared without regard to case (Claims challenges, claims requests, and client capabilities).
    capabilities: values(access.xms_cc).map((value) => value.toLowerCase()),
    authenticationContexts: values(access.acrs),
    policies: [...values(access.polids), ...values(access.capolids)],
  };
}
