// Written by `cargo xtask build` from the table in src/core/error.rs, in the order of the numbers.

export const SERVICE_TEXTS = [
  "The client's credential cannot be used; give a secret, a PEM certificate with its private key, or a function that returns an assertion.",
  "The client's credential could not be had: its function failed or the key cannot sign; the cause says why.",
  "The authority serves many tenants, and a service gets tokens from one; name it in the authority or as the call's tenant.",
  "The provider refused the client's credential; check that it is registered for this client and has not expired.",
  "The provider does not let this client do this; check the client_id, the tenant and the permissions granted to the application.",
  "Only a user's access token can be exchanged on their behalf; for an application's own token use clientCredentials, and never pass an ID token.",
  "The provider does not take the token to be exchanged: it has expired, was revoked or is for another audience; the caller needs a new one.",
  "Nobody has consented that this application calls that API for the user; an administrator or the user must.",
  "There is no long-running session of this key, or it has ended; begin one with the caller's token.",
  "The user did not come back from the browser in time; sign in again when they ask for it.",
  "The redirect URI cannot be listened at, its port may be in use; close the program that uses it, or let the port vary.",
  "No browser could be opened; show the URL yourself by the option openBrowser, or use signInWithDeviceCode.",
  "The user did not enter the code in time; call signInWithDeviceCode again.",
  "The user declined to sign in; ask again when they want to.",
  "The cache file cannot be read or written; check its path and permissions, the cause says more.",
  "The file is not a cache of this package, so it was left alone; name another one as cacheFile.",
  "The provider does not know this resource or scope; check its spelling and that the API exists in the tenant.",
];
