import { html } from "hono/html";
import { page, stepForm, who } from "./layout.js";

export function mfaPage(c, transaction) {
  const { user } = transaction.signedIn;
  return page(c, "Approve sign-in", html`
    ${who(user.name)}
    <h1>Approve the sign-in request</h1>
    <p>A policy of ${transaction.signedInTenant.name} asks for a second factor before ${transaction.client.name} may go on.</p>
    ${stepForm("mfa", transaction, html`
      <div class="actions"><button class="main" name="approve" value="1" style="order:2">Approve</button><button name="deny" value="1">Deny</button></div>`)}
  `);
}
