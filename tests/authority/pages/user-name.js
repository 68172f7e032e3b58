import { html } from "hono/html";
import { fieldError, page, stepForm, who } from "./layout.js";

/** @param {object[]} transaction.accountsHere who can sign in at this authority: a person trying it out has nowhere else to look */
export function userNamePage(c, transaction, { userName = "", error } = {}) {
  const { alert, attributes } = fieldError("username", error);
  return page(c, "Sign in", html`
    <h1>Sign in</h1>
    <p class="soft">to go on to ${transaction.client.name}</p>
    ${alert}
    ${stepForm("username", transaction, html`
      <label for="username">User name</label>
      <input id="username" name="username" type="email" autocomplete="username" value="${userName}" placeholder="name@${transaction.domainHint ?? "example.com"}" ${attributes} required autofocus />
      <div class="actions"><button class="main">Next</button></div>
      <details><summary>Accounts of this authority</summary>
        <ul class="tiles">${transaction.accountsHere.map((user) => html`<li><button name="known" value="${user.name}" formnovalidate>
          <span>${user.displayName}<small>${user.name}</small></span></button></li>`)}</ul>
      </details>`)}
  `);
}

export function passwordPage(c, transaction, { userName, error }) {
  const { alert, attributes } = fieldError("password", error);
  const password = transaction.accountsHere.find((user) => user.name === userName)?.password;
  return page(c, "Enter password", html`
    ${who(userName)}
    <h1>Enter password</h1>
    ${alert}
    ${stepForm("password", transaction, html`
      <input type="hidden" name="username" value="${userName}" autocomplete="username" />
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" ${attributes} required autofocus />
      <div class="actions"><button class="main" style="order:2">Sign in</button><button name="back" value="1" formnovalidate>Back</button></div>
      ${password ? html`<details><summary>The password of this account</summary><p><code>${password}</code></p></details>` : ""}`)}
  `);
}
