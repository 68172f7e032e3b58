// Every refusal of Entra's that a service meets has a code that says what to do. The numbers are for people: the codes follow from
// `error` and `suberror` ("Handling error codes in your application").

import { createConfidentialClient } from "countersign/edge";
import { assert } from "chai";

import { refused } from "../../edge/cases/case.js";
import { test } from "./authority.js";

const ORDERS = "api://orders.contoso.example/.default";

/** AADSTS number, `error`, `suberror` or nothing, our code, and the status of the response to the API's caller. */
const ON_BEHALF_OF = [
  [50013, "invalid_grant", undefined, "assertion_refused", 401],
  [500131, "invalid_grant", undefined, "assertion_refused", 401],
  [500133, "invalid_grant", undefined, "assertion_refused", 401],
  [50173, "invalid_grant", "bad_token", "assertion_refused", 401],
  [700082, "invalid_grant", undefined, "assertion_refused", 401],
  [65001, "invalid_grant", "consent_required", "consent_required", 403],
  [65001, "consent_required", undefined, "consent_required", 403],
  [50076, "interaction_required", "basic_action", "interaction_required", 401],
  [50076, "invalid_grant", "basic_action", "interaction_required", 401],
  [50079, "interaction_required", "basic_action", "interaction_required", 401],
  [53000, "interaction_required", "additional_action", "interaction_required", 401],
  [53003, "interaction_required", "message_only", "interaction_required", 401],
  [50058, "interaction_required", undefined, "interaction_required", 401],
  [500011, "invalid_resource", undefined, "target_refused", 500],
  [70011, "invalid_scope", undefined, "target_refused", 500],
  [9010010, "invalid_target", undefined, "target_refused", 500],
  [7000215, "invalid_client", undefined, "client_refused", 500],
  [7000222, "invalid_client", undefined, "client_refused", 500],
  [700027, "invalid_client", undefined, "client_refused", 500],
  [50027, "invalid_client", undefined, "client_refused", 500],
  [700024, "invalid_client", undefined, "client_refused", 500],
  [700016, "unauthorized_client", undefined, "client_unauthorized", 500],
  [50194, "invalid_request", undefined, "token_request_refused", 500],
  [90002, "invalid_request", undefined, "token_request_refused", 500],
  [50196, "server_error", undefined, "provider_unavailable", 503],
  [90033, "temporarily_unavailable", undefined, "provider_unavailable", 503],
];

test("Entra, on behalf of: every refusal of the table arrives typed, with the server's words and the response for the caller", async (authority) => {
  const { clientId, secret } = authority.applications["Shop API"];
  const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
  const assertion = await authority.userToken();
  const metadata = await (await fetch(`${authority.v2}/.well-known/openid-configuration`)).json();
  for (const [place, [number, error, suberror, code, status]] of ON_BEHALF_OF.entries()) {
    const body = { error, suberror, error_codes: [number], error_description: `AADSTS${number}: text`, correlation_id: "c", ...(status === 401 && code === "interaction_required" && { claims }) };
    const client = createConfidentialClient({
      authority: authority.v2,
      clientId,
      credential: { secret },
      metadata: { ...metadata, refusal: place },
      fetch: async () => Response.json(body, { status: error === "invalid_client" ? 401 : 400 }),
    });
    const refusal = await refused(code, () => client.onBehalfOf({ assertion, scope: ORDERS }));
    assert.deepEqual([refusal.error, refusal.suberror, refusal.error_codes, refusal.correlation_id], [error, suberror, [number], "c"], String(number));
    const response = refusal.toResponse();
    assert.equal(response.status, status, String(number));
    assert.equal(response.headers.has("www-authenticate"), status === 401, String(number));
    assert.notInclude(await response.text(), "AADSTS");
  }
});

test("Entra, agent identities: the blueprint's token with fmi_path is the agent's assertion, and is kept apart from its own", async (authority) => {
  const { clientId, secret } = authority.applications["Daemon with a secret"];
  const forms = [];
  const answer = async (_, { body }) => {
    forms.push(Object.fromEntries(new URLSearchParams(body)));
    return Response.json({ access_token: `t${forms.length}`, token_type: "Bearer", expires_in: 3600 });
  };
  const metadata = { ...(await (await fetch(`${authority.v2}/.well-known/openid-configuration`)).json()), agents: true };
  const options = { authority: authority.v2, metadata, fetch: answer };
  const blueprint = createConfidentialClient({ ...options, clientId, credential: { secret } });
  const exchange = { scope: "api://AzureADTokenExchange/.default" };
  const own = await blueprint.clientCredentials(exchange);
  const agent = "22222222-3333-4444-8555-666666666666";
  const proof = await blueprint.clientCredentials({ ...exchange, fmiPath: agent });
  assert.notEqual(own.accessToken, proof.accessToken);
  assert.deepEqual(forms.map(({ fmi_path }) => fmi_path), [undefined, agent]);
  assert.equal((await blueprint.clientCredentials({ ...exchange, fmiPath: agent })).accessToken, proof.accessToken);

  const assertion = async () => (await blueprint.clientCredentials({ ...exchange, fmiPath: agent })).accessToken;
  const agentClient = (more) => createConfidentialClient({ ...options, clientId: agent, credential: { assertion }, audience: [clientId], ...more });
  const encode = (claims) => `e30.${btoa(JSON.stringify(claims)).replace(/=+$/, "")}.x`;
  const ofUser = encode({ aud: clientId, scp: "access_as_user", exp: 4e9 });
  await agentClient().onBehalfOf({ assertion: ofUser, scope: ORDERS });
  assert.deepEqual([forms.at(-1).client_id, forms.at(-1).client_assertion], [agent, proof.accessToken]);
  const ofApplication = encode({ aud: clientId, idtyp: "app", roles: ["x"], exp: 4e9 });
  await refused("assertion_unsuitable", () => agentClient().onBehalfOf({ assertion: ofApplication, scope: ORDERS }));
  await agentClient({ appAssertions: true }).onBehalfOf({ assertion: ofApplication, scope: ORDERS });
  assert.equal(forms.at(-1).assertion, ofApplication);
});
