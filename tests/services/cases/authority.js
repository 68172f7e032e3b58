// The local authority, as a case uses it.

import { test as plainTest } from "../../edge/cases/case.js";

/** @param {string} name the rule that the case holds @param {(authority: Authority) => Promise<void>} run */
export function test(name, run) {
  plainTest(name, (provider) => run(new Authority(JSON.parse(provider))));
}

class Authority {
  constructor({ origin, control, tenants, applications, managedIdentity, openid }) {
    this.openid = openid;
    this.origin = origin;
    this.managedIdentity = managedIdentity;
    this.applications = applications;
    [this.contoso, this.fabrikam] = tenants;
    this.v2 = `${origin}/${this.contoso}/v2.0`;
    this.v1 = `${origin}/${this.contoso}`;
    this.control = control;
  }

  /** A request to the control port. */
  async tell(method, path, body) {
    const response = await fetch(`${this.control}${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** The access token that a page or a native app would call an API with. */
  async userToken({ scope = "api://shop.contoso.example/access_as_user", user = "alice@contoso.onmicrosoft.com", tenant = this.contoso } = {}) {
    const body = new URLSearchParams({
      grant_type: "password",
      client_id: this.applications["Orders desktop"].clientId,
      username: user,
      password: `${user.split("@")[0]}-password`,
      scope,
    });
    const response = await fetch(`${this.origin}/${tenant}/oauth2/v2.0/token`, { method: "POST", body });
    const { access_token, error_description } = await response.json();
    if (access_token === undefined) throw new Error(error_description);
    return access_token;
  }

  /** Runs `act` while this Conditional Access policy holds. */
  async withPolicy(policy, act) {
    const path = "/directory/tenants/contoso.onmicrosoft.com";
    await this.tell("PATCH", path, { conditionalAccess: [{ id: "3f0c1a5e-0000-4000-8000-000000000001", ...policy }] });
    try {
      return await act();
    } finally {
      await this.tell("PATCH", path, { conditionalAccess: [] });
    }
  }
}

/** A `fetch` that keeps the forms that it sent to token endpoints. */
export function recording() {
  const forms = [];
  const recorded = (url, options) => {
    if (options.body) forms.push(Object.fromEntries(new URLSearchParams(options.body)));
    return fetch(url, options);
  };
  return { fetch: recorded, forms };
}

export function claimsOf(token) {
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0))));
}
