// A token from a provider that responds at once: no network is measured.

import { createConfidentialClient } from "countersign/edge";

const AUTHORITY = "https://login.example";

export async function getToken() {
  const client = createConfidentialClient({
    authority: AUTHORITY,
    clientId: "measured",
    credential: { secret: "measured" },
    metadata: { issuer: AUTHORITY, token_endpoint: `${AUTHORITY}/token` },
    fetch: async () => Response.json({ access_token: "token", token_type: "Bearer", expires_in: 3600 }),
  });
  const { accessToken } = await client.clientCredentials({ scope: "measured" });
  if (accessToken !== "token") throw new Error("another token");
}
