import { html } from "hono/html";
import { initials, page, stepForm } from "./layout.js";

/** "Pick an account": those signed in in this browser, and any other. */
export function accountPage(c, transaction, accounts) {
  return page(c, "Pick an account", html`
    <h1>Pick an account</h1>
    <p class="soft">to go on to ${transaction.client.name}</p>
    ${stepForm("account", transaction, html`
      <ul class="tiles">
        ${accounts.map(({ user }) => html`<li>
          <button name="account" value="${user.id}"><span class="face" aria-hidden="true">${initials(user)}</span>
            <span>${user.displayName}<small>${user.name} · signed in</small></span></button>
        </li>`)}
        <li><button name="other" value="1"><span class="face" aria-hidden="true">+</span><span>Use another account</span></button></li>
      </ul>`)}
  `);
}
