import { html, raw } from "hono/html";
import { page } from "./layout.js";

export function signedOutPage(c, { onward, frames, unregistered }) {
  const script = onward ? html`<script>addEventListener("load", () => { location.replace(${raw(JSON.stringify(onward).replace(/</g, "\\u003c"))}); });</script>` : "";
  return page(c, "Signed out", html`
    <h1>You signed out of your account</h1>
    <p class="soft">It's a good idea to close all browser windows.</p>
    ${unregistered ? html`<p class="alarm">The application asked to come back to ${unregistered}, which is not one of its registered redirect URIs.</p>` : ""}
    ${onward ? html`<p><a href="${onward}">Continue</a></p>` : ""}
    ${frames.map((url) => html`<iframe src="${url}" title="Front-channel sign-out"></iframe>`)}
    ${script}`);
}
