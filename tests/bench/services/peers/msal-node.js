import { ConfidentialClientApplication } from "@azure/msal-node";

export async function createPeer({ origin, tenant, daemon, middle, scope }) {
  const client = ({ clientId, secret }) =>
    new ConfidentialClientApplication({
      auth: { clientId, clientSecret: secret, authority: `${origin}/${tenant}`, knownAuthorities: [new URL(origin).host] },
    });
  const read = ({ accessToken, expiresOn }) => ({ accessToken, expiresAt: expiresOn.getTime() / 1000 });
  return {
    daemon: () => client(daemon),
    middle: () => client(middle),
    ownToken: async (client) => read(await client.acquireTokenByClientCredential({ scopes: [scope] })),
    onBehalf: async (client, assertion) => read(await client.acquireTokenOnBehalfOf({ oboAssertion: assertion, scopes: [scope] })),
  };
}
