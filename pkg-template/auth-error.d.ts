// The error of both builds. It needs no declarations of a browser.

// Written by `cargo xtask build` from the table in src/core/error.rs, in the order of the numbers.
/** One code for each thing that a caller can do something about. */
export type AuthErrorCode =
  /** An option is missing, malformed or unknown; correct it. */
  | "invalid_option"
  /** The client is closed; create a new one. */
  | "client_closed"
  /** The call was aborted; call again if you still need its result. */
  | "aborted"
  /** Nobody is signed in; call signIn. */
  | "sign_in_required"
  /** It is not clear whose token is meant; name one of the users who are signed in by the option account. */
  | "account_required"
  /** The user must sign in again; call signIn and pass the error's claims if it has any. */
  | "interaction_required"
  /** Another sign-in happened during the call; call again. */
  | "session_replaced"
  /** The page started eight sign-ins within a minute and received no response; call handleRedirect on the page at redirectUri, before signIn. */
  | "sign_in_loop"
  /** The user came back without signing in; call signIn again when they ask for it. */
  | "sign_in_abandoned"
  /** A sign-out ended the sign-in; call signIn again. */
  | "sign_in_cancelled"
  /** A newer sign-in took the place of this one; wait for that one's result. */
  | "sign_in_superseded"
  /** The browser blocked the popup; call signInPopup in the handler of a click, before anything is awaited. */
  | "popup_blocked"
  /** The user closed the popup; call signInPopup again when they ask for it. */
  | "popup_closed"
  /** No response came back from the popup; the page at the redirect URI must be on this page's origin and must load countersign/callback or call handleRedirect. */
  | "popup_no_response"
  /** This URL is not secure, so no token or code is sent to it; use https, or http on localhost. */
  | "insecure_url"
  /** The option apis does not list this URL, so no token is sent to it; add it, or call it with fetch. */
  | "api_not_listed"
  /** This needs a page: sign in and out in one, with the storage local or a store that both use; on a server import countersign/edge. */
  | "unsupported_platform"
  /** The page is not a secure context; serve it over https or from localhost. */
  | "insecure_context"
  /** The browser refused to store the session; allow storage for this site, or free space. */
  | "storage_unavailable"
  /** Countersign broke a rule of its own; please report it. */
  | "internal"
  /** The WebAssembly file could not be loaded; serve it at the URL in brackets, or in a page import countersign/inlined. */
  | "wasm_load_failed"
  /** This browser or runtime has no WebAssembly; use a newer one, or turn Lockdown Mode off for this site. */
  | "wasm_unavailable"
  /** The page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src. */
  | "csp_blocks_wasm"
  /** No response arrived; check the network, whether the server allows the page's origin (CORS), and the page's policy (CSP connect-src). */
  | "network_error"
  /** The provider is down or overloaded; try again later. */
  | "provider_unavailable"
  /** The provider's response is not one that the protocol has, perhaps because the URL is wrong; check the authority. */
  | "unexpected_response"
  /** The provider's metadata lacks a required member or has a malformed one; check the authority. */
  | "metadata_invalid"
  /** The metadata names another issuer than the authority; correct the authority, or set the option issuer if that is meant. */
  | "metadata_issuer_mismatch"
  /** This authorization response was used before; sign in again. */
  | "state_replayed"
  /** The authorization response repeats a parameter or has neither code nor error; sign in again. */
  | "response_invalid"
  /** The provider promises iss in its authorization responses, and this one has none; sign in again. */
  | "response_issuer_missing"
  /** The authorization response comes from another issuer; sign in again. */
  | "response_issuer_mismatch"
  /** The user or the provider declined the sign-in; the error's error and error_description say why. */
  | "authorization_refused"
  /** The provider refused the token request; read the error's error_description. */
  | "token_request_refused"
  /** The token response is not a JSON object with an access_token that can be sent; tell the provider. */
  | "token_response_invalid"
  /** The token response has no token_type; tell the provider. */
  | "token_type_missing"
  /** The token response has a token_type that was not asked for; tell the provider. */
  | "token_type_unsupported"
  /** The token response's expires_in is not a positive number of seconds; tell the provider. */
  | "expires_in_invalid"
  /** The token response has no id_token; ask for the scope openid. */
  | "id_token_missing"
  /** The token's issuer is not the trusted one; compare its iss with the configured issuer. */
  | "token_issuer_mismatch"
  /** The token is for another audience; check the audience that was asked for and the one that is accepted. */
  | "token_audience_mismatch"
  /** The token has expired; get a new one. */
  | "token_expired"
  /** The token is not valid yet; compare this machine's clock with the issuer's. */
  | "token_not_yet_valid"
  /** The token lacks a required claim or has a malformed one; tell the issuer. */
  | "token_claim_invalid"
  /** The ID token belongs to another sign-in; sign in again. */
  | "nonce_mismatch"
  /** The ID token was issued to another client; check the clientId. */
  | "authorized_party_mismatch"
  /** The refreshed ID token is about another user; sign in again. */
  | "subject_mismatch"
  /** The UserInfo response is not about the signed-in user; do not use it, and tell the provider. */
  | "user_info_mismatch"
  /** The token is not a JWS in compact serialization; ask the issuer for signed tokens that are not encrypted. */
  | "token_malformed"
  /** The token is longer than 64 KiB; ask the issuer for fewer claims. */
  | "token_too_large"
  /** A part of the token is not canonical base64url; get a new token. */
  | "token_encoding_invalid"
  /** A part of the token is not a JSON object; get a new token. */
  | "token_json_invalid"
  /** The token is not signed; ask the issuer to sign it. */
  | "algorithm_none"
  /** The token is signed with a shared secret; ask the issuer to sign with a private key. */
  | "algorithm_symmetric"
  /** The token's crit names an extension that is not supported; ask the issuer to leave it out. */
  | "critical_header_unknown"
  /** The client's credential cannot be used; give a secret, a PEM certificate with its private key, or a function that returns an assertion. */
  | "credential_invalid"
  /** The client's credential could not be had: its function failed or the key cannot sign; the cause says why. */
  | "credential_failed"
  /** The authority serves many tenants, and a service gets tokens from one; name it in the authority or as the call's tenant. */
  | "tenant_required"
  /** The provider refused the client's credential; check that it is registered for this client and has not expired. */
  | "client_refused"
  /** The provider does not let this client do this; check the client_id, the tenant and the permissions granted to the application. */
  | "client_unauthorized"
  /** Only a user's access token can be exchanged on their behalf; for an application's own token use clientCredentials, and never pass an ID token. */
  | "assertion_unsuitable"
  /** The provider does not take the token to be exchanged: it has expired, was revoked or is for another audience; the caller needs a new one. */
  | "assertion_refused"
  /** Nobody has consented that this application calls that API for the user; an administrator or the user must. */
  | "consent_required"
  /** There is no long-running session of this key, or it has ended; begin one with the caller's token. */
  | "session_unknown"
  /** The user did not come back from the browser in time; sign in again when they ask for it. */
  | "sign_in_timed_out"
  /** The redirect URI cannot be listened at, its port may be in use; close the program that uses it, or let the port vary. */
  | "redirect_unavailable"
  /** No browser could be opened; show the URL yourself by the option openBrowser, or use signInWithDeviceCode. */
  | "browser_unavailable"
  /** The user did not enter the code in time; call signInWithDeviceCode again. */
  | "device_code_expired"
  /** The user declined to sign in; ask again when they want to. */
  | "sign_in_declined"
  /** The cache file cannot be read or written; check its path and permissions, the cause says more. */
  | "cache_unavailable"
  /** The file is not a cache of this package, so it was left alone; name another one as cacheFile. */
  | "cache_foreign"
  /** The provider does not know this resource or scope; check its spelling and that the API exists in the tenant. */
  | "target_refused"
  /** The token's algorithm is not allowed; check the option algorithms. */
  | "algorithm_not_allowed"
  /** The chosen crypto backend cannot verify this algorithm; set crypto to auto. */
  | "algorithm_unsupported"
  /** The token's signature is wrong; get a new token. */
  | "signature_invalid"
  /** A part of the token has a member twice; tell the issuer. */
  | "token_member_duplicate"
  /** A part of the token has more than 512 members; ask the issuer for fewer claims. */
  | "token_members_exceeded"
  /** The token's tenant is not allowed; use an account of another tenant. */
  | "tenant_refused"
  /** The token's typ is not the required one; send an access token for this API. */
  | "token_typ_refused"
  /** The token is an ID token, a logout token, a proof or another that is not an access token; send the access token. */
  | "not_an_access_token"
  /** The token is not of the required kind, a user's or an application's; check the option profile, which says how they are told apart. */
  | "token_kind_refused"
  /** The token lacks a required scope; get one that has it. */
  | "insufficient_scope"
  /** The token lacks a required role; have it assigned and get a new token. */
  | "insufficient_role"
  /** The token's user is in none of the required groups; have them added to one. */
  | "insufficient_group"
  /** The token leaves out its user's groups because they are too many; give the option resolveGroups, or have the issuer send only the application's groups. */
  | "groups_missing"
  /** The token lacks a required authentication context; the client gets one with the claims of the response. */
  | "insufficient_claims"
  /** The token lacks a required authentication context, and its client did not declare the capability cp1 to get it; declare it in the client. */
  | "claims_unsupported"
  /** The token was issued to an application that is not allowed here; add its client ID to the requirement clients, or use another application. */
  | "client_not_allowed"
  /** A claim of the token has none of the required values; get a token that has one. */
  | "claim_refused"
  /** The token belongs to an application without a role here; have one assigned and get a new token. */
  | "app_token_refused"
  /** The token is bound to a key, and the request does not prove that its sender has it; send the token under the scheme DPoP, with a proof. */
  | "proof_missing"
  /** The DPoP proof is malformed, or made for another request or token; make a new one, and see in brackets what is wrong with it. */
  | "proof_invalid"
  /** The DPoP proof is too old or from the future; make one for each request, and compare this machine's clock with the API's. */
  | "proof_expired"
  /** The DPoP proof was used before; make one for each request. */
  | "proof_replayed"
  /** The DPoP proof lacks the nonce that the API asks for, or has an old one; make it again with that of the response's header DPoP-Nonce. */
  | "proof_nonce_required"
  /** The token is bound to another key than the proof's; sign the proof with the key that the token was requested with. */
  | "proof_key_mismatch"
  /** The token is bound to a client certificate, and the request did not come with it; connect with the certificate that the token was requested with. */
  | "certificate_mismatch"
  /** The token is bound to no key, so a proof has nothing to prove; get a DPoP-bound token. */
  | "token_unbound"
  /** The store that knows which proofs were used failed or is full, so no proof can be accepted; try again later. */
  | "replay_store_unavailable"
  /** The token is bound to a key in a way that is not supported; ask the issuer for a DPoP-bound or certificate-bound token. */
  | "binding_unsupported"
  /** The token is not one of back-channel logout, see in brackets what it lacks or has too much; tell the issuer. */
  | "not_a_logout_token"
  /** The logout token was used before; the session that it names has ended already. */
  | "logout_token_replayed"
  /** The JWK Set is not a JSON object with an array of keys, or is too large; check the option jwks or the issuer's jwks_uri. */
  | "jwks_invalid"
  /** The issuer publishes no key for this token; get a new token from the trusted issuer. */
  | "key_unknown"
  /** More than one key fits this token; ask the issuer for a kid in its tokens. */
  | "key_ambiguous"
  /** The key does not have the type, curve or use that the token's algorithm needs; tell the issuer. */
  | "key_type_mismatch"
  /** The token's key has a type that is not supported; ask the issuer for one of the algorithms that are. */
  | "key_type_unsupported"
  /** The token's key is malformed, too short or too long; tell the issuer. */
  | "key_invalid"
  /** The token's key belongs to another issuer; get a token from the trusted issuer. */
  | "key_issuer_mismatch"
  /** The issuer's keys could not be fetched; try again later, and see the code in brackets for the reason. */
  | "keys_unavailable"
  /** The request carries no bearer token; send one in the Authorization header. */
  | "credentials_missing"
  /** The request's Authorization header is malformed; send Bearer, a space and the token. */
  | "credentials_malformed";
// The end of what `cargo xtask build` writes.

/**
 * Every failure of both builds. `code` says what happened; `message` adds what to do about it. What the server itself
 * said is data on the error, under its name on the wire. No member ever holds a token, a code or a secret.
 *
 * ```ts
 * try {
 *   await client.getToken();
 * } catch (error) {
 *   if (isAuthError(error) && error.code === "interaction_required") await client.signIn();
 *   else throw error;
 * }
 * ```
 */
export class AuthError extends Error {
  /** Errors are made by Countersign. */
  protected constructor();
  readonly name: "AuthError";
  /** What happened: one code for each thing that a caller can do something about. */
  readonly code: AuthErrorCode;
  /** What the error is about: an option and the rule that it broke, a claim, a member of a response, or a URL. */
  readonly detail?: string;
  /** The server's `error`, as `invalid_grant`. RFC 6749 sections 4.1.2.1 and 5.2. */
  readonly error?: string;
  /** The server's explanation for developers. Do not show it to users. */
  readonly error_description?: string;
  /** A page of the server about the error. */
  readonly error_uri?: string;
  /** Entra: the numbers of the error; `[65001]` is AADSTS65001. They may change: do not decide by them. */
  readonly error_codes?: number[];
  /** Entra: a finer code than `error`. */
  readonly suberror?: string;
  /** A claims challenge: pass it to `signIn({ claims })`. */
  readonly claims?: string;
  /** Entra: what its support asks for. */
  readonly correlation_id?: string;
  /** The HTTP status of the server's response, if the error came in one. */
  readonly status?: number;
  /** In a service: until when the provider asked not to be asked, in seconds since 1970. Kept tokens are handed out all the while. */
  readonly retryAt?: number;
}

/**
 * Whether this is an {@link AuthError}, also one that another copy of the package threw.
 *
 * ```ts
 * if (!isAuthError(error)) throw error;
 * console.warn(error.code, error.detail);
 * ```
 */
export function isAuthError(error: unknown): error is AuthError;
