import { PublicClientApplication } from "@azure/msal-browser";

export async function open({ provider, tenant, clientId, scope }) {
  const client = new PublicClientApplication({
    auth: {
      clientId,
      authority: `${provider}/${tenant}`,
      knownAuthorities: [new URL(provider).host],
      redirectUri: `${location.origin}/`,
    },
  });
  await client.initialize();
  await client.handleRedirectPromise();
  const [account] = client.getAllAccounts();
  return {
    signIn: () => client.loginRedirect({ scopes: [scope] }),
    getToken: (scope) => client.acquireTokenSilent({ scopes: [scope], account }),
    accessTokenOf: ({ accessToken }) => accessToken,
  };
}
