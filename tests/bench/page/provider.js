/** Who signs the users of all peers in: the local authority, with one API for each token. */
import { readFile } from "node:fs/promises";

import { startAuthority } from "../../authority/start.js";

const DIRECTORY = new URL("../../authority/directory/directory.json", import.meta.url);
const USER = "alice@contoso.onmicrosoft.com";
const PAGE = "Orders page";

/** @returns {Promise<{ settings: object, scopes: string[], tokenRequests: () => number, close: () => Promise<void> }>} */
export async function startProvider(apis) {
  const directory = JSON.parse(await readFile(DIRECTORY, "utf8"));
  const { tenant: domain, clientId } = directory.registrations.find(({ name }) => name === PAGE);
  const scopes = [];
  for (let number = 1; number <= apis; number += 1) {
    const name = `Measured API ${number}`;
    const uri = `api://measured-${number}.contoso.example`;
    directory.registrations.push({
      name,
      kind: "web-api",
      tenant: domain,
      clientId: `66666666-aaaa-4bbb-8ccc-${String(number).padStart(12, "0")}`,
      signInAudience: "AzureADMyOrg",
      identifierUris: [uri],
      accessTokenAcceptedVersion: 2,
      scopes: [{ value: "Data.Read", type: "User", consentText: "Read your data" }],
    });
    directory.consents.push({ tenant: domain, client: PAGE, resource: name, scopes: ["Data.Read"] });
    scopes.push(`${uri}/Data.Read`);
  }
  // msal-browser takes an authority with TLS only.
  const { https, tenants, authority, close } = await startAuthority({ directory, http: false, automatic: { user: USER } });
  const { id: tenant } = tenants.find((known) => known.domain === domain);
  return {
    settings: { provider: https, tenant, clientId, scope: scopes[0] },
    scopes,
    tokenRequests: () => authority.record.list({ path: "/token", method: "POST" }).length,
    close,
  };
}
