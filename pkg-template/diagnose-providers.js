// Where each provider's own pages have the setting that a diagnosis is about.

const PROVIDERS = [
  {
    is: ({ hostname, pathname }) => /(^|\.)(login\.microsoftonline|login\.microsoft|ciamlogin|b2clogin)\.|\.partner\.microsoftonline\.cn$/.test(hostname) || /^\/[^/]+\/v2\.0\/?$/.test(pathname),
    origin: () => "At Entra an origin is allowed by its redirect URI: register it under Authentication as the platform Single-page application.",
    redirect_uri: (uri) => `At Entra: App registrations, Authentication, add ${uri} as the platform Single-page application.`,
    client_type: (uri) => `At Entra: App registrations, Authentication, move ${uri} from the platform Web to Single-page application.`,
    authority: () => 'At Entra it is "https://login.microsoftonline.com/<tenant>/v2.0".',
    scope: () => 'At Entra a scope has the API\'s Application ID URI in front, as "api://<id>/Notes.Read", and all scopes of one request are of one API.',
  },
  {
    is: ({ pathname }) => pathname.includes("/realms/"),
    origin: () => "In Keycloak: Clients, Settings, Web origins: add this origin, or + for those of all redirect URIs.",
    redirect_uri: (uri) => `In Keycloak: Clients, Settings, Valid redirect URIs: add ${uri}.`,
    client_type: () => "In Keycloak: Clients, Settings, turn Client authentication off and Standard flow on.",
    authority: () => 'In Keycloak it is "https://<host>/realms/<realm>", with /auth in front of /realms before version 17.',
    scope: () => "In Keycloak: Client scopes, and then Clients, Client scopes, add it as optional.",
  },
  {
    is: ({ hostname }) => hostname.endsWith(".auth0.com"),
    origin: () => "At Auth0: Applications, Settings, Allowed Web Origins and Allowed Origins (CORS).",
    redirect_uri: (uri) => `At Auth0: Applications, Settings, Allowed Callback URLs: add ${uri}.`,
    client_type: () => "At Auth0: Applications, Settings, Application Type: Single Page Application.",
    authority: () => 'At Auth0 it ends with a slash: "https://<tenant>.auth0.com/".',
    scope: () => "At Auth0 the API is named by the parameter audience: signIn({ parameters: { audience } }).",
  },
  {
    is: ({ hostname }) => /\.(okta|oktapreview|okta-emea)\.com$/.test(hostname),
    origin: () => "At Okta: Security, API, Trusted Origins: add this origin for CORS.",
    redirect_uri: (uri) => `At Okta: Applications, General, Sign-in redirect URIs: add ${uri}.`,
    client_type: () => "At Okta: Applications, create a Single-Page Application; a Web Application needs a secret.",
    authority: () => 'At Okta it is "https://<org>.okta.com", or "https://<org>.okta.com/oauth2/<server>" for an authorization server of its own.',
    scope: () => "At Okta scopes of one's own belong to an authorization server: Security, API.",
  },
  {
    is: ({ hostname }) => hostname === "accounts.google.com",
    origin: () => "Google's token endpoint takes no requests of pages without a secret; sign in by a server.",
    redirect_uri: (uri) => `At Google: Credentials, OAuth client, Authorized redirect URIs: add ${uri}.`,
    client_type: () => "Google gives pages no tokens without a client secret; sign in by a server.",
  },
  {
    is: ({ hostname }) => hostname.startsWith("cognito-idp."),
    redirect_uri: (uri) => `At Cognito: App clients, Login pages, Allowed callback URLs: add ${uri}.`,
    client_type: () => "At Cognito: create an app client without a secret.",
    authority: () => 'At Cognito it is "https://cognito-idp.<region>.amazonaws.com/<pool>", not the domain of the login pages.',
  },
];

const ANY = {
  origin: () => "Add the origin to those that the provider allows for this client.",
  redirect_uri: (uri) => `Register ${uri} with the provider, character by character.`,
  client_type: () => "Register it with the provider as a public client, for the authorization code grant with PKCE.",
  authority: () => "It is the URL before /.well-known/openid-configuration.",
  scope: () => "Compare scope and resource with what is registered at the provider.",
};

/** The sentence that says where to change something. */
export function placeOf(authority, what, value) {
  const url = new URL(authority);
  const provider = PROVIDERS.find(({ is }) => is(url));
  return (provider?.[what] ?? ANY[what])(value);
}
