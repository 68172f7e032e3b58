import { Refusal } from "../refusals.js";
import { verifyAssertion } from "./assertion.js";

/** The values of `appidacr` and `azpacr`: how the client proved who it is. */
export const PUBLIC = "0";
export const SECRET = "1";
export const CERTIFICATE = "2";

/**
 * Authenticates the client of a token request by the rules of the redirect type that the code or
 * refresh token came by ("OAuth 2.0 authorization code flow", redirect URI types).
 *
 * @param {object} authority
 * @param {object} request
 * @param {object} client the registration
 * @param {"spa"|"native"|"web"} redirectType `web` also for grants that have no redirect
 */
export async function authenticateClient(authority, request, client, redirectType) {
  const { client_assertion: assertion, client_assertion_type: assertionType } = request.parameters;
  const secret = request.parameters.client_secret ?? request.basic?.secret;
  const crossOrigin = request.headers.get("origin") !== null;

  if (redirectType === "spa" && !crossOrigin) throw new Refusal(9002327);
  if (redirectType !== "spa" && crossOrigin) throw new Refusal(9002326);
  if (redirectType !== "web") {
    if (secret !== undefined || assertion !== undefined) throw new Refusal(700025);
    return PUBLIC;
  }
  if (assertion !== undefined) {
    if (assertionType !== "urn:ietf:params:oauth:client-assertion-type:jwt-bearer") {
      throw new Refusal(900144, { parameter: "client_assertion_type" });
    }
    await verifyAssertion(authority, request, client, assertion);
    return CERTIFICATE;
  }
  if (secret === undefined) throw new Refusal(7000218);
  checkSecret(authority, client, secret);
  return SECRET;
}

function checkSecret({ clock }, client, secret) {
  const credential = (client.passwordCredentials ?? []).find((c) => c.secret === secret);
  if (!credential) throw new Refusal(7000215, { client: client.clientId });
  if (credential.endDateTime && Date.parse(credential.endDateTime) <= clock.milliseconds()) {
    throw new Refusal(7000222, { client: client.clientId });
  }
}
