/**
 * The plain OpenID provider: `oidc-provider` on loopback, with a public client, a daemon, two users and JWT access tokens
 * for both APIs. It has no token exchange (RFC 8693).
 *
 * Every provider module exports `start({ pageUrl, tokenLife })` and returns a {@link Provider}.
 */
import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { createServer } from "node:http";

import { Provider as OidcProvider, errors } from "oidc-provider";
import { createMemoryAdapter } from "oidc-provider/lib/adapters/memory_adapter.js";

import { listenOnLoopback } from "../loopback.js";
import { errorPage, signInPage, signOutPage } from "./pages.js";

/**
 * @typedef {object} Provider
 * @property {string} title what to call it in the terminal
 * @property {string} authority what the page gives to `createClient`
 * @property {string} clientId
 * @property {string} scope what the page asks for
 * @property {string} [resource] which API it asks for, if the scope does not say it
 * @property {{ verifier: object, client?: object, gap?: string }} api what the API gives to `createVerifier`; who it is when it
 *   gets a token on behalf of its caller, and for which target, or why it cannot
 * @property {{ verifier: object }} archive the same of the downstream API
 * @property {{ authority: string, clientId: string, credential: object, targets: { api: object, archive: object } }} daemon
 * @property {string[]} users a line for each, as a person needs it to sign in
 * @property {(page: import("playwright-core").Page) => Promise<void>} signIn does what a person does on its pages
 * @property {() => Promise<void>} stop
 */

const CLIENT_ID = "countersign-demo";
const DAEMON_ID = "night-watch";
const DAEMON_SECRET = randomBytes(32).toString("base64url");
/** The APIs, with their scopes. */
const NOTES = { resource: "https://notes.example/", scope: "notes.read" };
const ARCHIVE = { resource: "https://archive.example/", scope: "archive.read" };
const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

const USERS = {
  ada: { name: "Ada Lovelace", given_name: "Ada", email: "ada@analytical.example" },
  grace: { name: "Grace Hopper", given_name: "Grace", email: "grace@compiler.example" },
};

/** @returns {Promise<Provider>} */
export async function start({ pageUrl, tokenLife }) {
  const server = createServer();
  const listening = await listenOnLoopback(server);
  const issuer = `http://localhost:${listening.port}`;
  const provider = new OidcProvider(issuer, configuration({ pageUrl, tokenLife }));
  provider.use((ctx, next) => interaction(provider, ctx, next));
  server.on("request", provider.callback());

  const verifierOf = ({ resource, scope }) => ({ issuer, audience: resource, profile: "rfc9068", user: { scope }, app: { scope } });
  return {
    title: "oidc-provider",
    authority: issuer,
    clientId: CLIENT_ID,
    scope: `openid profile email ${NOTES.scope}`,
    resource: NOTES.resource,
    api: { verifier: verifierOf(NOTES), gap: "oidc-provider has no token exchange (RFC 8693): here the API cannot act on behalf of its caller." },
    archive: { verifier: verifierOf(ARCHIVE) },
    daemon: {
      authority: issuer,
      clientId: DAEMON_ID,
      credential: { secret: DAEMON_SECRET, method: "basic" },
      targets: { api: NOTES, archive: ARCHIVE },
    },
    users: Object.keys(USERS).map((login) => `${login}, any password`),
    async signIn(page) {
      await page.getByLabel("User").fill("ada");
      await page.getByLabel("Password").fill("any");
      await page.getByRole("button", { name: "Sign in" }).click();
    },
    stop: () => listening.close(),
  };
}

function configuration({ pageUrl, tokenLife }) {
  return {
    adapter: createMemoryAdapter(),
    clients: [
      {
        client_id: CLIENT_ID,
        client_name: "The demo page",
        application_type: "web",
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        redirect_uris: [pageUrl],
        post_logout_redirect_uris: [pageUrl],
      },
      {
        client_id: DAEMON_ID,
        client_secret: DAEMON_SECRET,
        token_endpoint_auth_method: "client_secret_basic",
        grant_types: ["client_credentials"],
        response_types: [],
        redirect_uris: [],
      },
    ],
    clientBasedCORS: (_ctx, origin) => origin === new URL(pageUrl).origin,
    cookies: { keys: [randomBytes(32).toString("base64url")] },
    jwks: { keys: [signingKey()] },
    scopes: ["openid", "offline_access"],
    claims: { openid: ["sub"], profile: ["name", "given_name"], email: ["email"] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_ctx, resource) {
          const api = [NOTES, ARCHIVE].find((known) => known.resource === resource);
          if (api === undefined) throw new errors.InvalidTarget();
          return {
            audience: resource,
            scope: api.scope,
            accessTokenTTL: tokenLife,
            accessTokenFormat: "jwt",
            jwt: { sign: { alg: "RS256" } },
          };
        },
      },
      rpInitiatedLogout: { enabled: true, logoutSource: signOutPage },
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    renderError: errorPage,
    findAccount: (_ctx, login) => ({ accountId: login, claims: () => ({ sub: login, ...USERS[login] }) }),
    // A refresh token without `offline_access` ends with the user's session at the provider; each is good for one use,
    // and rotation does not move its end (RFC 9700 section 4.14.2).
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: true,
    ttl: {
      AccessToken: tokenLife,
      ClientCredentials: tokenLife,
      Grant: DAY,
      IdToken: 10 * MINUTE,
      Interaction: 60 * MINUTE,
      RefreshToken: (ctx) => ctx?.oidc?.entities.RotatedRefreshToken?.remainingTTL ?? DAY,
      Session: DAY,
    },
  };
}

function signingKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
}

/** Sign-in and consent in one form, at `/interaction/<uid>`. */
async function interaction(provider, ctx, next) {
  if (!ctx.path.startsWith("/interaction/")) return next();
  try {
    const { session, params } = await provider.interactionDetails(ctx.req, ctx.res);
    if (ctx.method === "POST") {
      await decide(provider, ctx, await readForm(ctx.req));
    } else {
      signInPage(ctx, { login: session?.accountId ?? params.login_hint });
    }
  } catch (error) {
    if (!(error instanceof errors.OIDCProviderError)) throw error;
    ctx.status = error.statusCode;
    errorPage(ctx, error);
  }
}

async function decide(provider, ctx, form) {
  const login = (form.get("login") ?? "").trim().toLowerCase();
  if (form.has("cancel")) {
    await finish(provider, ctx, { error: "access_denied", error_description: "The user went back." });
  } else if (!Object.hasOwn(USERS, login)) {
    signInPage(ctx, { login, complaint: `Nobody here is called “${login}”. Try ada or grace.` });
  } else {
    await finish(provider, ctx, { login: { accountId: login }, consent: { grantId: await grantAll(provider, login) } });
  }
}

/** The page and the API belong together: what the page asks for is granted as a whole. */
function grantAll(provider, accountId) {
  const grant = new provider.Grant({ accountId, clientId: CLIENT_ID });
  grant.addOIDCScope("openid profile email offline_access");
  grant.addResourceScope(NOTES.resource, NOTES.scope);
  return grant.save();
}

async function finish(provider, ctx, result) {
  ctx.status = 303;
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
}

async function readForm(request) {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += chunk;
    if (body.length > 4096) throw new errors.InvalidRequest("the form is too long");
  }
  return new URLSearchParams(body);
}
