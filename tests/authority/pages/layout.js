import { html, raw } from "hono/html";

const STYLE = raw(`
:root { color-scheme: light dark; --ink: #1b1f27; --soft: #5a6272; --line: #d7dbe3; --paper: #fff; --ground: #eef1f6; --accent: #1f5fbf; --accent-ink: #fff; --alarm: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #eceff5; --soft: #a4adbd; --line: #3a4252; --paper: #1d222c; --ground: #12151b; --accent: #6ea3f5; --accent-ink: #0c1420; --alarm: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 1.2rem; padding: 1.5rem; background: var(--ground); color: var(--ink); font: 16px/1.5 "Segoe UI", system-ui, "Noto Sans", sans-serif; }
main { width: 100%; max-width: 27.5rem; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: clamp(1.3rem, 6vw, 2.3rem); box-shadow: 0 8px 30px rgb(20 30 60 / 10%); }
.brand { display: flex; align-items: center; gap: .6rem; color: var(--soft); font-size: .9rem; margin-bottom: 1.2rem; }
.brand svg { flex: none; }
h2 { font-size: 1.05rem; margin: 1.2rem 0 .3rem; } a { color: var(--accent); }
h1 { font-size: 1.45rem; font-weight: 600; line-height: 1.25; margin: 0 0 .6rem; }
p { margin: .5rem 0; } .soft { color: var(--soft); font-size: .92rem; }
.who { max-width: 100%; overflow-wrap: anywhere; display: inline-flex; align-items: center; gap: .5rem; border: 1px solid var(--line); border-radius: 999px; padding: .15rem .8rem .15rem .2rem; font-size: .92rem; margin-bottom: .8rem; }
.face { display: inline-grid; place-items: center; width: 2rem; height: 2rem; border-radius: 50%; background: var(--accent); color: var(--accent-ink); font-weight: 600; font-size: .85rem; flex: none; }
label { display: block; font-size: .92rem; margin: 1rem 0 .3rem; }
input[type=text], input[type=email], input[type=password] { width: 100%; font: inherit; color: inherit; background: transparent; border: 1px solid var(--soft); border-radius: 6px; padding: .55rem .7rem; }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.actions { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: .6rem; margin-top: 1.6rem; }
button { font: inherit; border-radius: 6px; border: 1px solid var(--line); background: transparent; color: inherit; padding: .5rem 1.3rem; cursor: pointer; white-space: nowrap; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); font-weight: 600; }
.tiles { list-style: none; margin: 1rem -1rem 0; padding: 0; }
.tiles button { display: flex; width: 100%; align-items: center; gap: .9rem; text-align: left; border: 0; border-radius: 8px; padding: .7rem 1rem; white-space: normal; }
.tiles button:hover { background: var(--ground); } .tiles small { display: block; color: var(--soft); }
.permissions { list-style: none; margin: 1rem 0; padding: 0; border-top: 1px solid var(--line); }
.permissions li { border-bottom: 1px solid var(--line); padding: .6rem 0; } .permissions small { display: block; color: var(--soft); overflow-wrap: anywhere; }
.badge { font-size: .75rem; border: 1px solid currentColor; border-radius: 4px; padding: 0 .35rem; color: var(--soft); margin-left: .4rem; white-space: nowrap; }
.check { display: flex; gap: .6rem; align-items: flex-start; } .check input { margin-top: .35rem; }
.alarm { color: var(--alarm); font-size: .92rem; } .code a { color: inherit; } .code { font: 600 1.05rem/1.4 ui-monospace, monospace; color: var(--alarm); }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem .9rem; font-size: .82rem; color: var(--soft); margin: 1.2rem 0 0; } dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
details { margin-top: 1.4rem; font-size: .92rem; } summary { cursor: pointer; color: var(--soft); } details .tiles button { padding: .4rem 1rem; }
.otc { letter-spacing: .25em; text-transform: uppercase; text-align: center; font-size: 1.3rem !important; }
footer { color: var(--soft); font-size: .8rem; text-align: center; } iframe { display: none; }
`);

/** The frame of every page. */
export function page(c, title, content, { status = 200, head = "" } = {}) {
  c.header("Cache-Control", "no-store");
  // These pages take passwords: never inside another page (RFC 9700 section 4.16).
  c.header("X-Frame-Options", "DENY");
  c.header("Content-Security-Policy", "frame-ancestors 'none'");
  c.header("Referrer-Policy", "no-referrer");
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${title}</title>
          ${head}
          <style>${STYLE}</style>
        </head>
        <body>
          <main>
            <div class="brand">
              <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true"><path fill="currentColor" d="M11 1 3 4v6c0 5 3.4 9 8 11 4.6-2 8-6 8-11V4l-8-3Zm0 3.2 5 1.9V10c0 3.4-2 6.2-5 7.8-3-1.6-5-4.4-5-7.8V6.1l5-1.9Z" /></svg>
              Local authority
            </div>
            ${content}
          </main>
          <footer>A stand-in for Entra ID on this machine. No account here is real.</footer>
        </body>
      </html>`,
    status,
  );
}

/** A form of one step; the transaction's handle is all it carries. */
export function stepForm(step, transaction, content) {
  return html`<form method="post" action="/signin/${step}">
    <input type="hidden" name="ctx" value="${transaction.id}" />
    ${content}
  </form>`;
}

/** Who is signing in, at the top of a page. */
export function who(userName) {
  return html`<div class="who"><span class="face" aria-hidden="true">${userName[0].toUpperCase()}</span>${userName}</div>`;
}

export function initials(user) {
  return `${user.givenName?.[0] ?? ""}${user.surname?.[0] ?? ""}` || user.name[0].toUpperCase();
}

/**
 * What is wrong with an input, told in place: the message, and the attributes by which a screen reader
 * says it with the input (WAI-ARIA 1.2, aria-invalid; WCAG 2.2, technique ARIA21).
 */
export function fieldError(id, message) {
  if (!message) return { alert: "", attributes: "" };
  return {
    alert: html`<p class="alarm" role="alert" id="${id}-error">${message}</p>`,
    attributes: raw(`aria-invalid="true" aria-describedby="${id}-error"`),
  };
}
