import { readClaimsRequest } from "../claims-request.js";
import { errorPage } from "../pages/error.js";
import { formPostPage } from "../pages/form-post.js";
import { redirectType } from "../redirects.js";
import { Refusal } from "../refusals.js";
import { readRequest, requireClient, requireKnownTenant, requireResource } from "../request.js";
import { checkScopesExist, readWanted } from "../scopes.js";
import { signInOf } from "../sessions.js";
import { readDomainHint } from "../sign-in/hints.js";
import { proceed } from "../sign-in/proceed.js";
import { refuse } from "../sign-in/refuse.js";
import { issueIdToken } from "../tokens/id-token.js";
import { clientInfo } from "../tokens/identity.js";

const MODES = ["query", "fragment", "form_post"];
const PROMPTS = ["login", "none", "consent", "select_account", "create", "admin_consent"];

/** `/{tenant}/oauth2/authorize` and `/{tenant}/oauth2/v2.0/authorize` (RFC 6749 section 4.1.1). */
export function authorizeEndpoint(authority, version) {
  return async (c) => {
    const request = await readRequest(authority, c, version);
    let transaction;
    try {
      // Until client and redirect URI are known to be good, nothing may be sent to the latter (RFC 6749 section 4.1.2.1).
      requireKnownTenant(request);
      const client = requireClient(authority, request);
      transaction = open(authority, request, client);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return errorPage(c, { refusal: error, request });
    }
    try {
      read(authority, request, transaction);
      return await proceed(authority, c, transaction);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Where the request itself is at fault a person can do nothing: the application is told, no page is shown.
      const told = transaction.signedIn ? transaction : { ...transaction, prompt: "none" };
      return refuse(authority, c, told, error);
    }
  };
}

function open(authority, request, client) {
  const { parameters } = request;
  const type = redirectType(client, parameters.redirect_uri);
  if (!type) throw new Refusal(50011, { redirectUri: parameters.redirect_uri ?? "", client: client.clientId });
  return authority.transactions.open({
    kind: "authorize",
    request,
    client,
    redirectUri: parameters.redirect_uri,
    redirectType: type,
    responseTypes: (parameters.response_type ?? "").split(" ").filter(Boolean),
    state: parameters.state,
    tenantSegment: request.tenantSegment,
    tenant: request.tenant,
    prompt: parameters.prompt,
    loginHint: parameters.login_hint,
    domainHint: readDomainHint(authority.directory, parameters.domain_hint),
    sid: parameters.sid,
    respond: (context, transaction, response) => respond(context, transaction, response),
    complete: (context, transaction) => complete(authority, context, transaction),
  });
}

/** Reads and checks what is left of the request; faults are told to the redirect URI. */
function read(authority, request, transaction) {
  const { parameters } = request;
  const { client, responseTypes } = transaction;
  checkResponse(parameters, client, responseTypes);
  if (parameters.prompt && !PROMPTS.includes(parameters.prompt)) {
    throw new Refusal(90023, { reason: `Unsupported 'prompt' value '${parameters.prompt}'.` });
  }
  transaction.claimsRequest = readClaimsRequest(parameters.claims);
  transaction.wanted = readWanted(request, authority.directory);
  for (const api of transaction.wanted.apis) {
    checkScopesExist(api, client);
    if (request.tenant) requireResource(authority, api, request.tenant);
  }
  const { code_challenge: challenge, code_challenge_method: method } = parameters;
  // RFC 7636 section 4.2: 43 to 128 characters.
  if (challenge !== undefined && !/^.{43,128}$/.test(challenge)) throw new Refusal(501491);
  if (challenge && method && !["S256", "plain"].includes(method)) {
    throw new Refusal(90023, { reason: `Unsupported 'code_challenge_method' value '${method}'.` });
  }
}

function checkResponse(parameters, client, responseTypes) {
  const mode = parameters.response_mode;
  if (mode && !MODES.includes(mode)) throw new Refusal(70007, { responseMode: mode });
  const asked = responseTypes.join(" ");
  if (!["code", "code id_token", "id_token", "id_token code"].includes(asked)) throw new Refusal(700051, { responseType: asked });
  if (!responseTypes.includes("id_token")) return;
  if (!client.enableIdTokenIssuance) throw new Refusal(700054);
  // OpenID Connect Core sections 3.2.2.1 and 3.3.2.11: a nonce, and no tokens in a query.
  if (!parameters.nonce) throw new Refusal(900144, { parameter: "nonce" });
  if (mode === "query") throw new Refusal(70007, { responseMode: mode });
}

async function complete(authority, c, transaction) {
  const { request, client, signedIn, signedInTenant, wanted, responseTypes } = transaction;
  const { parameters, version, origin } = request;
  const session = signInOf(transaction);
  signedIn.clients.add(client.clientId);
  const response = {};
  if (responseTypes.includes("code")) {
    response.code = authority.codes.issue({
      client,
      redirectUri: transaction.redirectUri,
      redirectType: transaction.redirectType,
      tenantSegment: transaction.tenantSegment,
      tenant: signedInTenant,
      policy: request.policy,
      session,
      wanted,
      capabilities: transaction.claimsRequest.capabilities,
      challenge: parameters.code_challenge,
      challengeMethod: parameters.code_challenge_method ?? "plain",
      nonce: parameters.nonce,
    });
  }
  if (responseTypes.includes("id_token")) {
    response.id_token = await issueIdToken(authority, {
      origin, tenant: signedInTenant, policy: request.policy, client, session, version, nonce: parameters.nonce, oidc: wanted.oidc, code: response.code,
    });
  }
  if (parameters.client_info === "1") response.client_info = clientInfo(authority, signedIn.user, request.policy);
  if (transaction.prompt === "admin_consent") response.admin_consent = "True";
  response.session_state = signedIn.sid;
  return respond(c, transaction, response);
}

/** Sends a response or an error to the redirect URI, in the response mode that was asked for. */
function respond(c, { request, redirectUri, responseTypes, state }, response) {
  const asked = request.parameters.response_mode;
  const mode = MODES.includes(asked) ? asked : responseTypes.includes("id_token") ? "fragment" : "query";
  const parameters = { ...response, ...(state !== undefined && { state }) };
  if (mode === "form_post") return formPostPage(c, redirectUri, parameters);
  const url = new URL(redirectUri);
  if (mode === "fragment") url.hash = new URLSearchParams(parameters).toString();
  else for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return c.redirect(url.href);
}
