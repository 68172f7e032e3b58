import { html } from "hono/html";
import { page } from "./layout.js";

/** What an error code means and what to do about it: the page that `error_uri` leads to. */
export function errorCodePage(c, { name, error, status, sentence, remedy }) {
  return page(c, name, html`
    <h1>${name}</h1>
    <p>${sentence}</p>
    <h2>What to do</h2>
    <p>${inCode(remedy)}</p>
    <dl><dt>Error</dt><dd>${error}</dd><dt>Status</dt><dd>${String(status)} at the token endpoint</dd></dl>
    <p class="soft"><a href="/error">All error codes</a></p>`);
}

export function errorCodesPage(c, codes, { unknown } = {}) {
  return page(c, "Error codes", html`
    <h1>Error codes</h1>
    ${unknown ? html`<p class="alarm" role="alert">This authority does not use the code ${unknown}.</p>` : ""}
    <dl>${codes.map(({ code, name, sentence }) => html`<dt><a href="/error?code=${code}">${name}</a></dt><dd>${sentence}</dd>`)}</dl>
  `, { status: unknown ? 404 : 200 });
}

/** Text between backquotes is code. */
function inCode(text) {
  return text.split("`").map((part, i) => (i % 2 ? html`<code>${part}</code>` : part));
}
