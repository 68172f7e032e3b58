import { authenticateClient } from "../client-authentication/authenticate.js";
import { Refusal } from "../refusals.js";
import { requireClient } from "../request.js";
import { grantToUser } from "./user-grant.js";

/** RFC 8628 section 3.4: the device asks whether the person has signed in yet. */
export async function deviceCode(authority, request) {
  const { parameters } = request;
  const client = requireClient(authority, request);
  // RFC 8628 names it `device_code`; v1.0 calls it `code`.
  const code = parameters.device_code ?? parameters.code;
  if (!code) throw new Refusal(900144, { parameter: "device_code" });
  const redirectType = client.isFallbackPublicClient ? "native" : "web";
  const clientAuthentication = await authenticateClient(authority, request, client, redirectType);
  const grant = authority.deviceCodes.poll(code, client.clientId);
  return grantToUser(authority, { ...request, tenant: grant.tenant }, {
    client,
    clientAuthentication,
    redirectType,
    session: grant.session,
    capabilities: grant.capabilities,
    fallbackWanted: grant.wanted,
    offline: grant.wanted.oidc.has("offline_access") || request.version === 1,
  });
}
