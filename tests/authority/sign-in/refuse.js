import { errorPage } from "../pages/error.js";
import { errorParameters } from "../refusals.js";

/** Errors that go by another name on the front channel (OpenID Connect Core section 3.1.2.6). */
const FRONT_CHANNEL = {
  65001: "consent_required",
  50020: "interaction_required",
  90072: "interaction_required",
  50034: "interaction_required",
  700016: "unauthorized_client",
};

/** Refusals by the person; the application is told at once. */
const BY_PERSON = new Set([65004]);

/**
 * Refuses an interactive request: silently by redirect, or on a page from which the person can go
 * back to the application or try another account.
 */
export function refuse(authority, c, transaction, refusal) {
  const { request } = transaction;
  const parameters = errorParameters(refusal, request);
  parameters.error = FRONT_CHANNEL[refusal.code] ?? parameters.error;
  const silent = transaction.prompt === "none" || authority.settings.automatic || BY_PERSON.has(refusal.code);
  if (silent && transaction.respond) {
    authority.transactions.close(transaction);
    return transaction.respond(c, transaction, parameters);
  }
  transaction.refused = parameters;
  return errorPage(c, { transaction, refusal, request });
}
