import { html } from "hono/html";
import { page, stepForm } from "./layout.js";

/** The error page: the AADSTS code, what it means, what to do next. */
export function errorPage(c, { transaction, refusal, request, title, message }) {
  const needsAdministrator = refusal?.code === 90094;
  return page(c, "Sign-in did not work", html`
    <h1>${title ?? (needsAdministrator ? "An administrator's approval is needed" : "Sorry, but we're having trouble signing you in")}</h1>
    ${refusal ? html`<p class="code"><a href="/error?code=${refusal.code}">${refusal.codeName}</a></p>` : ""}
    <p>${message ?? refusal.sentence}</p>
    ${transaction
      ? html`<div class="actions">
          ${transaction.respond ? stepForm("back", transaction, html`<button>Back to the application</button>`) : ""}
          ${stepForm("restart", transaction, html`<button class="main">Use another account</button>`)}
        </div>`
      : ""}
    ${request
      ? html`<dl><dt>Trace ID</dt><dd>${request.traceId}</dd><dt>Correlation ID</dt><dd>${request.correlationId}</dd><dt>Time</dt><dd>${request.clock.timestamp()}</dd></dl>`
      : ""}
  `, { status: 400 });
}
