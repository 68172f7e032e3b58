//! The one error type of all builds, and the closed list of its codes.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::shared::Shared;

/// What went wrong: a code that a program can act on, and what the server said, as data.
///
/// Neither the message nor the `Debug` form ever holds a token, an authorization code, a code
/// verifier or a secret.
///
/// ```
/// use countersign::{AuthError, ErrorCode};
///
/// let error = AuthError::new(ErrorCode::SignInRequired);
/// assert_eq!(error.code().as_str(), "sign_in_required");
/// assert!(error.to_string().contains("call signIn"));
/// ```
#[derive(Clone, Debug)]
pub struct AuthError(Shared<Details>);

// Behind one pointer: results are handed from step to step, and every step pays for their size.
#[derive(Debug)]
struct Details {
    code: ErrorCode,
    detail: Option<String>,
    server: Option<ServerError>,
}

impl AuthError {
    /// An error of this code.
    pub fn new(code: ErrorCode) -> Self {
        Self::with(code, None, None)
    }

    /// An error of this code about an option with the rule that it broke, a claim, a member or a
    /// URL.
    pub fn about(code: ErrorCode, detail: &str) -> Self {
        Self::with(code, Some(detail.into()), None)
    }

    /// An error of this code with what the server itself said.
    pub fn from_server(code: ErrorCode, server: ServerError) -> Self {
        Self::with(code, None, Some(server))
    }

    pub(crate) fn with(
        code: ErrorCode,
        detail: Option<String>,
        server: Option<ServerError>,
    ) -> Self {
        Self(Shared::new(Details {
            code,
            detail,
            server,
        }))
    }

    /// The code, one per thing that a caller can do something about.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The option with the rule that it broke, the claim, the member or the URL that the error is
    /// about.
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// The server's own error response.
    pub fn server(&self) -> Option<&ServerError> {
        self.0.server.as_ref()
    }
}

impl From<ErrorCode> for AuthError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

/// What happened and what to do about it. The package's JavaScript writes the same sentence.
impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code().message())?;
        if let Some(detail) = self.detail() {
            write!(f, " ({detail})")?;
        }
        if let Some(server) = self.server() {
            write!(f, " The server said: {}", server.error)?;
        }
        Ok(())
    }
}

impl core::error::Error for AuthError {}

/// An error response of the authorization server: RFC 6749 sections 4.1.2.1 and 5.2, with the
/// members that Entra ID adds.
#[derive(Clone)]
#[non_exhaustive]
pub struct ServerError {
    /// `error`: the server's code.
    pub error: String,
    /// `error_description`, for developers.
    pub error_description: Option<String>,
    /// `error_uri`: a page about the error.
    pub error_uri: Option<String>,
    /// `suberror`: Entra's finer code.
    pub suberror: Option<String>,
    /// `claims`: what the next request must ask for.
    pub claims: Option<String>,
    /// `correlation_id`: what the vendor's support asks for.
    pub correlation_id: Option<String>,
    /// `error_codes`: Entra's numbers, as in AADSTS65001. They only name; behaviour never depends
    /// on them.
    pub error_codes: Vec<u32>,
    /// The HTTP status, if the error came as an HTTP response.
    pub status: Option<u16>,
}

/// Only the server's code: a description may repeat what was sent.
impl fmt::Debug for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ServerError").field(&self.error).finish()
    }
}

macro_rules! error_codes {
    (
        page { $($variant:ident = $code:literal: $message:literal;)+ }
        service { $($service_variant:ident = $service_code:literal: $service_message:literal;)+ }
        verifier { $($verifier_variant:ident = $verifier_code:literal: $verifier_message:literal;)+ }
    ) => {
        /// Every code that an [`AuthError`] can carry.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $code, "`: ", $message)] $variant,)+
            $(#[doc = concat!("`", $service_code, "`: ", $service_message)] $service_variant,)+
            $(#[doc = concat!("`", $verifier_code, "`: ", $verifier_message)] $verifier_variant,)+
        }

        impl ErrorCode {
            /// The codes that a page can meet. They come first in [`ErrorCode::ALL`].
            pub const PAGE: &[Self] = &[$(Self::$variant,)+];

            /// The further codes of services and native apps. They come next.
            pub const SERVICE: &[Self] = &[$(Self::$service_variant,)+];

            /// The further codes of a verifier. They come last.
            pub const VERIFIER: &[Self] = &[$(Self::$verifier_variant,)+];

            /// All codes, in the order of their numbers.
            pub const ALL: &[Self] = &[
                $(Self::$variant,)+
                $(Self::$service_variant,)+
                $(Self::$verifier_variant,)+
            ];

            /// The code's name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                    $(Self::$service_variant => $service_code,)+
                    $(Self::$verifier_variant => $verifier_code,)+
                }
            }

            /// What happened and what to do about it.
            pub fn message(self) -> &'static str {
                match self {
                    $(Self::$variant => $message,)+
                    $(Self::$service_variant => $service_message,)+
                    $(Self::$verifier_variant => $verifier_message,)+
                }
            }

            /// The code of this number.
            pub(crate) fn from_number(number: u64) -> Option<Self> {
                Self::ALL.get(usize::try_from(number).ok()?).copied()
            }
        }
    };
}

// In WebAssembly an error is its number: the texts are in the package's `error-codes.js`, which
// `cargo xtask build` writes from this table. A page and a service pay for their own codes
// only.
error_codes! {
    page {
        // The call itself.
        InvalidOption = "invalid_option": "An option is missing, malformed or unknown; correct it.";
        ClientClosed = "client_closed": "The client is closed; create a new one.";
        Aborted = "aborted": "The call was aborted; call again if you still need its result.";
        SignInRequired = "sign_in_required": "Nobody is signed in; call signIn.";
        AccountRequired = "account_required": "It is not clear whose token is meant; name one of the users who are signed in by the option account.";
        InteractionRequired = "interaction_required": "The user must sign in again; call signIn and pass the error's claims if it has any.";
        SessionReplaced = "session_replaced": "Another sign-in happened during the call; call again.";
        SignInLoop = "sign_in_loop": "The page started eight sign-ins within a minute and received no response; call handleRedirect on the page at redirectUri, before signIn.";
        SignInAbandoned = "sign_in_abandoned": "The user came back without signing in; call signIn again when they ask for it.";
        SignInCancelled = "sign_in_cancelled": "A sign-out ended the sign-in; call signIn again.";
        SignInSuperseded = "sign_in_superseded": "A newer sign-in took the place of this one; wait for that one's result.";
        PopupBlocked = "popup_blocked": "The browser blocked the popup; call signInPopup in the handler of a click, before anything is awaited.";
        PopupClosed = "popup_closed": "The user closed the popup; call signInPopup again when they ask for it.";
        PopupNoResponse = "popup_no_response": "No response came back from the popup; the page at the redirect URI must be on this page's origin and must load countersign/callback or call handleRedirect.";
        InsecureUrl = "insecure_url": "This URL is not secure, so no token or code is sent to it; use https, or http on localhost.";
        ApiNotListed = "api_not_listed": "The option apis does not list this URL, so no token is sent to it; add it, or call it with fetch.";
        UnsupportedPlatform = "unsupported_platform": "This needs a page: sign in and out in one, with the storage local or a store that both use; on a server import countersign/edge.";
        InsecureContext = "insecure_context": "The page is not a secure context; serve it over https or from localhost.";
        StorageUnavailable = "storage_unavailable": "The browser refused to store the session; allow storage for this site, or free space.";
        Internal = "internal": "Countersign broke a rule of its own; please report it.";
        WasmLoadFailed = "wasm_load_failed": "The WebAssembly file could not be loaded; serve it at the URL in brackets, or in a page import countersign/inlined.";
        WasmUnavailable = "wasm_unavailable": "This browser or runtime has no WebAssembly; use a newer one, or turn Lockdown Mode off for this site.";
        CspBlocksWasm = "csp_blocks_wasm": "The page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src.";

        // The network and the provider's metadata.
        NetworkError = "network_error": "No response arrived; check the network, whether the server allows the page's origin (CORS), and the page's policy (CSP connect-src).";
        ProviderUnavailable = "provider_unavailable": "The provider is down or overloaded; try again later.";
        UnexpectedResponse = "unexpected_response": "The provider's response is not one that the protocol has, perhaps because the URL is wrong; check the authority.";
        MetadataInvalid = "metadata_invalid": "The provider's metadata lacks a required member or has a malformed one; check the authority.";
        MetadataIssuerMismatch = "metadata_issuer_mismatch": "The metadata names another issuer than the authority; correct the authority, or set the option issuer if that is meant.";

        // The authorization response.
        StateReplayed = "state_replayed": "This authorization response was used before; sign in again.";
        ResponseInvalid = "response_invalid": "The authorization response repeats a parameter or has neither code nor error; sign in again.";
        ResponseIssuerMissing = "response_issuer_missing": "The provider promises iss in its authorization responses, and this one has none; sign in again.";
        ResponseIssuerMismatch = "response_issuer_mismatch": "The authorization response comes from another issuer; sign in again.";
        AuthorizationRefused = "authorization_refused": "The user or the provider declined the sign-in; the error's error and error_description say why.";

        // The token response.
        TokenRequestRefused = "token_request_refused": "The provider refused the token request; read the error's error_description.";
        TokenResponseInvalid = "token_response_invalid": "The token response is not a JSON object with an access_token that can be sent; tell the provider.";
        TokenTypeMissing = "token_type_missing": "The token response has no token_type; tell the provider.";
        TokenTypeUnsupported = "token_type_unsupported": "The token response has a token_type that was not asked for; tell the provider.";
        ExpiresInInvalid = "expires_in_invalid": "The token response's expires_in is not a positive number of seconds; tell the provider.";
        IdTokenMissing = "id_token_missing": "The token response has no id_token; ask for the scope openid.";

        // The claims of an ID token or an access token.
        TokenIssuerMismatch = "token_issuer_mismatch": "The token's issuer is not the trusted one; compare its iss with the configured issuer.";
        TokenAudienceMismatch = "token_audience_mismatch": "The token is for another audience; check the audience that was asked for and the one that is accepted.";
        TokenExpired = "token_expired": "The token has expired; get a new one.";
        TokenNotYetValid = "token_not_yet_valid": "The token is not valid yet; compare this machine's clock with the issuer's.";
        TokenClaimInvalid = "token_claim_invalid": "The token lacks a required claim or has a malformed one; tell the issuer.";
        NonceMismatch = "nonce_mismatch": "The ID token belongs to another sign-in; sign in again.";
        AuthorizedPartyMismatch = "authorized_party_mismatch": "The ID token was issued to another client; check the clientId.";
        SubjectMismatch = "subject_mismatch": "The refreshed ID token is about another user; sign in again.";
        UserInfoMismatch = "user_info_mismatch": "The UserInfo response is not about the signed-in user; do not use it, and tell the provider.";

        // The form of a JWS.
        TokenMalformed = "token_malformed": "The token is not a JWS in compact serialization; ask the issuer for signed tokens that are not encrypted.";
        TokenTooLarge = "token_too_large": "The token is longer than 64 KiB; ask the issuer for fewer claims.";
        TokenEncodingInvalid = "token_encoding_invalid": "A part of the token is not canonical base64url; get a new token.";
        TokenJsonInvalid = "token_json_invalid": "A part of the token is not a JSON object; get a new token.";
        AlgorithmNone = "algorithm_none": "The token is not signed; ask the issuer to sign it.";
        AlgorithmSymmetric = "algorithm_symmetric": "The token is signed with a shared secret; ask the issuer to sign with a private key.";
        CriticalHeaderUnknown = "critical_header_unknown": "The token's crit names an extension that is not supported; ask the issuer to leave it out.";
    }
    service {
        // A service's own requests.
        CredentialInvalid = "credential_invalid": "The client's credential cannot be used; give a secret, a PEM certificate with its private key, or a function that returns an assertion.";
        CredentialFailed = "credential_failed": "The client's credential could not be had: its function failed or the key cannot sign; the cause says why.";
        TenantRequired = "tenant_required": "The authority serves many tenants, and a service gets tokens from one; name it in the authority or as the call's tenant.";
        ClientRefused = "client_refused": "The provider refused the client's credential; check that it is registered for this client and has not expired.";
        ClientUnauthorized = "client_unauthorized": "The provider does not let this client do this; check the client_id, the tenant and the permissions granted to the application.";
        AssertionUnsuitable = "assertion_unsuitable": "Only a user's access token can be exchanged on their behalf; for an application's own token use clientCredentials, and never pass an ID token.";
        AssertionRefused = "assertion_refused": "The provider does not take the token to be exchanged: it has expired, was revoked or is for another audience; the caller needs a new one.";
        ConsentRequired = "consent_required": "Nobody has consented that this application calls that API for the user; an administrator or the user must.";
        SessionUnknown = "session_unknown": "There is no long-running session of this key, or it has ended; begin one with the caller's token.";
        // A native app.
        SignInTimedOut = "sign_in_timed_out": "The user did not come back from the browser in time; sign in again when they ask for it.";
        RedirectUnavailable = "redirect_unavailable": "The redirect URI cannot be listened at, its port may be in use; close the program that uses it, or let the port vary.";
        BrowserUnavailable = "browser_unavailable": "No browser could be opened; show the URL yourself by the option openBrowser, or use signInWithDeviceCode.";
        DeviceCodeExpired = "device_code_expired": "The user did not enter the code in time; call signInWithDeviceCode again.";
        SignInDeclined = "sign_in_declined": "The user declined to sign in; ask again when they want to.";
        CacheUnavailable = "cache_unavailable": "The cache file cannot be read or written; check its path and permissions, the cause says more.";
        CacheForeign = "cache_foreign": "The file is not a cache of this package, so it was left alone; name another one as cacheFile.";
        TargetRefused = "target_refused": "The provider does not know this resource or scope; check its spelling and that the API exists in the tenant.";
    }
    verifier {
        AlgorithmNotAllowed = "algorithm_not_allowed": "The token's algorithm is not allowed; check the option algorithms.";
        AlgorithmUnsupported = "algorithm_unsupported": "The chosen crypto backend cannot verify this algorithm; set crypto to auto.";
        SignatureInvalid = "signature_invalid": "The token's signature is wrong; get a new token.";
        TokenMemberDuplicate = "token_member_duplicate": "A part of the token has a member twice; tell the issuer.";
        TokenMembersExceeded = "token_members_exceeded": "A part of the token has more than 512 members; ask the issuer for fewer claims.";
        TenantRefused = "tenant_refused": "The token's tenant is not allowed; use an account of another tenant.";
        TokenTypRefused = "token_typ_refused": "The token's typ is not the required one; send an access token for this API.";
        NotAnAccessToken = "not_an_access_token": "The token is an ID token, a logout token, a proof or another that is not an access token; send the access token.";
        TokenKindRefused = "token_kind_refused": "The token is not of the required kind, a user's or an application's; check the option profile, which says how they are told apart.";
        InsufficientScope = "insufficient_scope": "The token lacks a required scope; get one that has it.";
        InsufficientRole = "insufficient_role": "The token lacks a required role; have it assigned and get a new token.";
        InsufficientGroup = "insufficient_group": "The token's user is in none of the required groups; have them added to one.";
        GroupsMissing = "groups_missing": "The token leaves out its user's groups because they are too many; give the option resolveGroups, or have the issuer send only the application's groups.";
        InsufficientClaims = "insufficient_claims": "The token lacks a required authentication context; the client gets one with the claims of the response.";
        ClaimsUnsupported = "claims_unsupported": "The token lacks a required authentication context, and its client did not declare the capability cp1 to get it; declare it in the client.";
        ClientNotAllowed = "client_not_allowed": "The token was issued to an application that is not allowed here; add its client ID to the requirement clients, or use another application.";
        ClaimRefused = "claim_refused": "A claim of the token has none of the required values; get a token that has one.";
        AppTokenRefused = "app_token_refused": "The token belongs to an application without a role here; have one assigned and get a new token.";
        // The key that a token is bound to.
        ProofMissing = "proof_missing": "The token is bound to a key, and the request does not prove that its sender has it; send the token under the scheme DPoP, with a proof.";
        ProofInvalid = "proof_invalid": "The DPoP proof is malformed, or made for another request or token; make a new one, and see in brackets what is wrong with it.";
        ProofExpired = "proof_expired": "The DPoP proof is too old or from the future; make one for each request, and compare this machine's clock with the API's.";
        ProofReplayed = "proof_replayed": "The DPoP proof was used before; make one for each request.";
        ProofNonceRequired = "proof_nonce_required": "The DPoP proof lacks the nonce that the API asks for, or has an old one; make it again with that of the response's header DPoP-Nonce.";
        ProofKeyMismatch = "proof_key_mismatch": "The token is bound to another key than the proof's; sign the proof with the key that the token was requested with.";
        CertificateMismatch = "certificate_mismatch": "The token is bound to a client certificate, and the request did not come with it; connect with the certificate that the token was requested with.";
        TokenUnbound = "token_unbound": "The token is bound to no key, so a proof has nothing to prove; get a DPoP-bound token.";
        ReplayStoreUnavailable = "replay_store_unavailable": "The store that knows which proofs were used failed or is full, so no proof can be accepted; try again later.";
        BindingUnsupported = "binding_unsupported": "The token is bound to a key in a way that is not supported; ask the issuer for a DPoP-bound or certificate-bound token.";
        // A provider's message that sessions have ended.
        NotALogoutToken = "not_a_logout_token": "The token is not one of back-channel logout, see in brackets what it lacks or has too much; tell the issuer.";
        LogoutTokenReplayed = "logout_token_replayed": "The logout token was used before; the session that it names has ended already.";
        // Keys.
        JwksInvalid = "jwks_invalid": "The JWK Set is not a JSON object with an array of keys, or is too large; check the option jwks or the issuer's jwks_uri.";
        KeyUnknown = "key_unknown": "The issuer publishes no key for this token; get a new token from the trusted issuer.";
        KeyAmbiguous = "key_ambiguous": "More than one key fits this token; ask the issuer for a kid in its tokens.";
        KeyTypeMismatch = "key_type_mismatch": "The key does not have the type, curve or use that the token's algorithm needs; tell the issuer.";
        KeyTypeUnsupported = "key_type_unsupported": "The token's key has a type that is not supported; ask the issuer for one of the algorithms that are.";
        KeyInvalid = "key_invalid": "The token's key is malformed, too short or too long; tell the issuer.";
        KeyIssuerMismatch = "key_issuer_mismatch": "The token's key belongs to another issuer; get a token from the trusted issuer.";
        KeysUnavailable = "keys_unavailable": "The issuer's keys could not be fetched; try again later, and see the code in brackets for the reason.";
        // A request to an API.
        CredentialsMissing = "credentials_missing": "The request carries no bearer token; send one in the Authorization header.";
        CredentialsMalformed = "credentials_malformed": "The request's Authorization header is malformed; send Bearer, a space and the token.";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_is_unique_and_has_a_message_and_its_number() {
        let codes: HashSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), ErrorCode::ALL.len());
        for (number, code) in ErrorCode::ALL.iter().enumerate() {
            assert!(code.message().ends_with('.'), "{code:?}");
            assert_eq!(*code as usize, number);
            assert_eq!(ErrorCode::from_number(number as u64), Some(*code));
        }
        assert_eq!(ErrorCode::from_number(255), None);
        assert!(ErrorCode::ALL.starts_with(ErrorCode::PAGE));
    }

    #[test]
    fn the_message_has_the_detail_and_the_server_s_code() {
        let server = ServerError {
            error: "invalid_grant".into(),
            error_description: Some("do not show this".into()),
            error_uri: None,
            suberror: None,
            claims: None,
            correlation_id: None,
            error_codes: Vec::new(),
            status: Some(400),
        };
        let error = AuthError::with(
            ErrorCode::TokenRequestRefused,
            Some("https://as.example/token".into()),
            Some(server),
        );
        assert_eq!(
            error.to_string(),
            "The provider refused the token request; read the error's error_description. (https://as.example/token) The server said: invalid_grant"
        );
        assert!(!format!("{error:?}").contains("do not show this"));
    }
}
