import { html } from "hono/html";
import { page, stepForm, who } from "./layout.js";

/** What the application asks for, in words, for one user or for everybody in the tenant. */
export function consentPage(c, transaction, { delegated, roles, administrator, forTenant }) {
  const { client, signedInTenant: tenant, signedIn } = transaction;
  const title = forTenant ? `Permissions requested for ${tenant.name}` : "Permissions requested";
  return page(c, title, html`
    ${who(signedIn.user.name)}
    <h1>${title}</h1>
    <p><strong>${client.name}</strong> <span class="badge">unverified</span></p>
    <p class="soft">${forTenant ? "If you accept, the application gets these permissions for all users of your organisation. Nobody else will be asked." : "The application would like to:"}</p>
    <ul class="permissions">
      ${delegated.flatMap(({ client: holder, resource, scopes }) => scopes.map((scope) => html`<li>
        ${scope.consentText}${scope.type === "Admin" ? html`<span class="badge">administrator</span>` : ""}
        <small>${resource.name}: ${scope.value}${holder === client ? "" : ` (through ${holder.name})`}</small></li>`))}
      ${roles.flatMap(({ resource, roles: list }) => list.map((role) => html`<li>
        ${role.consentText}<span class="badge">application</span><small>${resource.name}: ${role.value}</small></li>`))}
      ${delegated.length + roles.length === 0 ? html`<li>Sign you in and read your basic profile</li>` : ""}
    </ul>
    ${stepForm("consent", transaction, html`
      ${administrator && !forTenant ? html`<p class="check"><input type="checkbox" id="everybody" name="everybody" value="1" /><label for="everybody" style="margin:0">Consent on behalf of your organisation</label></p>` : ""}
      <p class="soft">Accept only if you trust the application.</p>
      <div class="actions"><button class="main" name="accept" value="1" style="order:2">Accept</button><button name="cancel" value="1">Cancel</button></div>`)}
  `);
}
