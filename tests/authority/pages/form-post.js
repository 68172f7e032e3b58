import { html, raw } from "hono/html";

/** OAuth 2.0 Form Post Response Mode: the response as a form that submits itself. */
export function formPostPage(c, redirectUri, parameters) {
  c.header("Cache-Control", "no-store");
  return c.html(html`<!doctype html>
    <html lang="en"><head><meta charset="utf-8" /><title>Working…</title></head>
    <body><form method="post" action="${redirectUri}">
      ${Object.entries(parameters).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
      <noscript><p>Scripts are off. Press to go on.</p><button>Continue</button></noscript>
    </form><script>${raw("document.forms[0].submit()")}</script></body></html>`);
}
