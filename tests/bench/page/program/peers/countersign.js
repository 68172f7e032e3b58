import { createClient } from "countersign";

export async function open({ provider, tenant, clientId }) {
  const client = await createClient({ authority: `${provider}/${tenant}/v2.0`, clientId });
  await client.handleRedirect();
  return {
    signIn: () => client.signIn(),
    getToken: (scope) => client.getToken({ scope }),
    accessTokenOf: ({ accessToken }) => accessToken,
  };
}
