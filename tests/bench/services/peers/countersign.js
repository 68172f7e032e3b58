import { edgeOf } from "../../installed.js";

export async function createPeer({ origin, tenant, daemon, middle, scope }, project) {
  const { createConfidentialClient } = await edgeOf(project);
  const authority = `${origin}/${tenant}/v2.0`;
  let made = 0;
  // Clients of one configuration share their tokens: another function makes another configuration.
  const client = ({ clientId, secret }) =>
    createConfidentialClient({ authority, clientId, credential: [{ secret }, { secret: `${secret} ${(made += 1)}` }] });
  return {
    daemon: () => client(daemon),
    middle: () => client(middle),
    ownToken: (client) => client.clientCredentials({ scope }),
    onBehalf: (client, assertion) => client.onBehalfOf({ assertion, scope }),
  };
}
