/** What a person sees at the provider. */

const STYLE = `
:root { color-scheme: light dark; --paper: #f5f2ea; --sheet: #fffdf8; --ink: #1b2331; --quiet: #5a6170; --line: #cfc8b8; --signal: #b23a2a; --focus: #3a6ea5; }
@media (prefers-color-scheme: dark) { :root { --paper: #0e131b; --sheet: #161d28; --ink: #ece6d8; --quiet: #9aa2b1; --line: #323c4c; --signal: #ea7a63; --focus: #8fb8e8; } }
* { box-sizing: border-box; margin: 0; }
body { min-height: 100dvh; display: grid; place-items: center; padding: 1.5rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, serif; }
main { width: min(24rem, 100%); padding: 2rem; background: var(--sheet); border: 1px solid var(--line); border-top: .5rem solid var(--ink); }
h1 { font-size: 1.6rem; line-height: 1.2; font-weight: 600; letter-spacing: -.01em; }
p { margin-top: .5rem; color: var(--quiet); }
.complaint { color: var(--signal); }
form { margin-top: 1.5rem; display: grid; gap: 1rem; }
label { display: grid; gap: .25rem; font-size: .9rem; color: var(--quiet); }
input { font: inherit; font-size: 1rem; color: var(--ink); background: var(--paper); border: 1px solid var(--line); padding: .6rem .7rem; }
.consent { font-size: .9rem; color: var(--quiet); }
ul { padding-left: 1.1rem; }
.choice { display: flex; gap: .75rem; flex-wrap: wrap; }
button { font: inherit; font-weight: 600; padding: .6rem 1.2rem; border: 1px solid var(--ink); background: var(--ink); color: var(--sheet); cursor: pointer; }
button.quiet { background: none; color: var(--ink); font-weight: 400; border-color: var(--line); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
code { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace; font-size: .85em; }
`;

/** Asks who it is and for consent; a user who is known here already is asked for consent only. */
export function signInPage(ctx, { login = "", complaint } = {}) {
  render(ctx, {
    title: "Sign in",
    body: `
      <h1>Sign in</h1>
      ${complaint ? `<p class="complaint" role="alert">${escape(complaint)}</p>` : "<p>A provider on your own machine. Its users are <code>ada</code> and <code>grace</code>; every password is right.</p>"}
      <form method="post">
        <label>User <input name="login" autocomplete="username" required autofocus autocapitalize="none" spellcheck="false" value="${escape(login)}"></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
        <div class="consent">
          <p>The demo page will be able to</p>
          <ul>
            <li>see your name and your e-mail address</li>
            <li>read your notes</li>
          </ul>
        </div>
        <div class="choice">
          <button>Sign in</button>
          <button class="quiet" name="cancel" formnovalidate>Go back</button>
        </div>
      </form>`,
  });
}

/** Ends the session without asking: who pressed “Sign out” in the page has said it. */
export function signOutPage(ctx, form) {
  render(ctx, {
    title: "Sign out",
    body: `
      <h1>Signing out</h1>
      ${form.replace("</form>", '<input type="hidden" name="logout" value="yes"><noscript><button>Sign out</button></noscript></form>')}
      <script>document.forms[0].submit();</script>`,
  });
}

export function errorPage(ctx, { error, error_description: description }) {
  render(ctx, {
    title: "Not possible",
    body: `
      <h1>This did not work</h1>
      <p><code>${escape(error)}</code></p>
      <p>${escape(description ?? "")}</p>
      <p>Go back to the page and sign in again.</p>`,
  });
}

function render(ctx, { title, body }) {
  ctx.type = "html";
  ctx.set("cache-control", "no-store");
  ctx.set("referrer-policy", "no-referrer");
  ctx.body = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escape(title)}</title>
    <link rel="icon" href="data:,">
    <style>${STYLE}</style>
  </head>
  <body>
    <main>${body}</main>
  </body>
</html>`;
}

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text) => String(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);
