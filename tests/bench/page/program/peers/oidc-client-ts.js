import { UserManager } from "oidc-client-ts";

export async function open({ provider, tenant, clientId, scope }) {
  const manager = new UserManager({
    authority: `${provider}/${tenant}/v2.0`,
    client_id: clientId,
    redirect_uri: `${location.origin}/`,
    scope: `openid profile offline_access ${scope}`,
  });
  if (new URLSearchParams(location.search).has("code")) {
    await manager.signinCallback();
    history.replaceState(null, "", "/");
  }
  return {
    signIn: () => manager.signinRedirect(),
    getToken: () => manager.getUser(),
    accessTokenOf: (user) => user?.access_token,
    // One user with one token.
    keepsOneToken: true,
  };
}
