import { ERROR_CODES } from "../error-codes/error-codes.js";
import { NotFound } from "../not-found.js";
import { errorCodePage, errorCodesPage } from "../pages/error-code.js";
import { errorPage } from "../pages/error.js";
import { notFoundPage } from "../pages/not-found.js";
import { explain, Refusal } from "../refusals.js";
import { refusalResponse } from "../request.js";

/** `/error?code=`, where `error_uri` of each error response leads. */
export function errorCodeEndpoint(c) {
  const code = c.req.query("code");
  const explanation = code && explain(code);
  if (explanation) return errorCodePage(c, explanation);
  return errorCodesPage(c, Object.keys(ERROR_CODES).map((key) => ({ code: key, ...explain(key) })), { unknown: code });
}

/** Nothing is at this URL: JSON for a program, a page for a person. */
export function notFound(c) {
  if (wantsPage(c)) return notFoundPage(c);
  return c.json({ error: "not_found", error_description: `There is no ${c.req.method} ${c.req.path}. The endpoints are in the metadata of a tenant, /{tenant}/v2.0/.well-known/openid-configuration.` }, 404);
}

/** The response to whatever an endpoint throws; a fault of the authority itself is told without its inside. */
export function errorResponse(error, c) {
  if (error instanceof NotFound) return notFound(c);
  if (!(error instanceof Refusal)) console.error(error);
  const refusal = error instanceof Refusal ? error : new Refusal(50000);
  const request = c.get("request");
  if (c.req.method === "GET" && wantsPage(c)) return errorPage(c, { refusal, request });
  if (request) return refusalResponse(c, request, refusal);
  return c.json({ error: refusal.error, error_description: refusal.message, error_codes: [refusal.code] }, refusal.status);
}

/** A browser that goes somewhere names HTML among what it accepts; a library does not. */
function wantsPage(c) {
  return (c.req.header("accept") ?? "").includes("text/html");
}
