import { html } from "hono/html";
import { page } from "./layout.js";

export function notFoundPage(c) {
  return page(c, "Page not found", html`
    <h1>Page not found</h1>
    <p>There is no page at this URL.</p>`, { status: 404 });
}
