import { html } from "hono/html";
import { fieldError, page, stepForm, who } from "./layout.js";

export function deviceStartPage(c, { tenantSegment, code = "", error }) {
  const { alert, attributes } = fieldError("otc", error);
  return page(c, "Enter code", html`
    <h1>Enter the code</h1>
    <p class="soft">that your app or device shows. Do not enter a code that somebody sent you.</p>
    ${alert}
    <form method="post" action="/${tenantSegment}/oauth2/deviceauth">
      <label for="otc">Code</label>
      <input id="otc" class="otc" name="otc" type="text" value="${code}" maxlength="12" autocomplete="off" ${attributes} required autofocus />
      <div class="actions"><button class="main">Next</button></div>
    </form>`);
}

export function deviceConfirmPage(c, transaction) {
  return page(c, "Confirm", html`
    ${who(transaction.signedIn.user.name)}
    <h1>Are you trying to sign in to ${transaction.client.name}?</h1>
    <p class="soft">Go on only if you started this on your own device.</p>
    ${stepForm("confirm", transaction, html`
      <div class="actions"><button class="main" name="accept" value="1" style="order:2">Continue</button><button name="cancel" value="1">Cancel</button></div>`)}`);
}

export function deviceDonePage(c, { accepted, client }) {
  return page(c, accepted ? "Signed in" : "Cancelled", html`
    <h1>${accepted ? `You are signed in to ${client.name}` : "The sign-in was cancelled"}</h1>
    <p>${accepted ? "You can close this window; your device goes on by itself." : "You can close this window."}</p>`);
}
