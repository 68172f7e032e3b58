//! The one error type of both builds, and the closed list of its codes.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::form::Form;
use super::json::JsonObject;
use super::text::{decimal, parse_decimal};

/// What went wrong: a code that a program can act on, and what the server said, as data.
///
/// Neither the message nor the `Debug` form ever holds a token, an authorization code, a
/// code verifier or a secret.
///
/// ```
/// use countersign::{AuthError, ErrorCode};
///
/// let error = AuthError::new(ErrorCode::StateUnknown);
/// assert_eq!(error.code().as_str(), "state_unknown");
/// assert!(error.to_string().contains("sign in again"));
/// ```
#[derive(Clone, Debug)]
pub struct AuthError(Box<Details>);

// Behind one pointer: results are handed from step to step, and every step pays for their size.
#[derive(Clone, Debug)]
struct Details {
    code: ErrorCode,
    subject: Option<String>,
    server: Option<ServerError>,
}

impl AuthError {
    /// An error of this code.
    pub fn new(code: ErrorCode) -> Self {
        Self(Box::new(Details {
            code,
            subject: None,
            server: None,
        }))
    }

    /// An error of this code about a named option, claim, member or address.
    pub fn about(code: ErrorCode, subject: &str) -> Self {
        Self(Box::new(Details {
            code,
            subject: Some(String::from(subject)),
            server: None,
        }))
    }

    /// An error of this code with what the server itself said.
    pub fn from_server(code: ErrorCode, server: ServerError) -> Self {
        Self(Box::new(Details {
            code,
            subject: None,
            server: Some(server),
        }))
    }

    /// What happened and what to do about it.
    pub fn message(&self) -> String {
        let mut message = String::from(self.code().message());
        if let Some(subject) = self.subject() {
            message.push_str(" (");
            message.push_str(subject);
            message.push(')');
        }
        if let Some(server) = self.server() {
            message.push_str(" The server said: ");
            message.push_str(&server.error());
        }
        message
    }

    /// The code, one per thing that a caller can do something about.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The option, claim, member or address that the error is about.
    pub fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// The server's own error answer.
    pub fn server(&self) -> Option<&ServerError> {
        self.0.server.as_ref()
    }
}

impl From<ErrorCode> for AuthError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl core::error::Error for AuthError {}

/// An error answer of the authorization server: RFC 6749 section 4.1.2.1 and section 5.2, with
/// the members that Entra ID adds.
#[derive(Clone)]
pub struct ServerError(Form);

impl ServerError {
    /// The texts that are taken over: the server's code, its description for developers, a page
    /// about it, Entra's finer code, a claims challenge for the next sign-in, and what the
    /// vendor's support asks for.
    const MEMBERS: [&str; 6] = [
        "error",
        "error_description",
        "error_uri",
        "suberror",
        "claims",
        "correlation_id",
    ];

    /// Reads an error answer member by member. `None` without an `error`.
    pub(crate) fn read(member: impl Fn(&'static str) -> Option<String>) -> Option<Self> {
        let mut read = Form::default();
        for name in Self::MEMBERS {
            read.set_some(name, member(name).as_deref());
        }
        let server = Self(read);
        (!server.error().is_empty()).then_some(server)
    }

    /// Reads the JSON error answer of RFC 6749 section 5.2.
    pub(crate) fn read_json(body: &dyn JsonObject, status: u16) -> Option<Self> {
        let mut server = Self::read(|name| body.string(name).ok().flatten())?;
        for code in body
            .numbers("error_codes")
            .ok()
            .flatten()
            .unwrap_or_default()
        {
            server.0.set("error_codes", &decimal(code as u64));
        }
        server.0.set("status", &decimal(status.into()));
        Some(server)
    }

    /// All members, as a form.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        expect(dead_code, reason = "for JavaScript")
    )]
    pub(crate) fn as_form(&self) -> &Form {
        &self.0
    }

    /// `error`: the server's code.
    pub fn error(&self) -> String {
        self.0.text("error")
    }

    /// Another member, by its name on the wire: `error_description`, `error_uri`, `suberror`,
    /// `claims` or `correlation_id`.
    pub fn member(&self, name: &str) -> Option<String> {
        self.0.get(name)
    }

    /// `error_codes`: Entra's numbers, as in AADSTS65001.
    pub fn error_codes(&self) -> Vec<u32> {
        let codes = self.0.all("error_codes");
        codes
            .iter()
            .filter_map(|code| parse_decimal(code)?.try_into().ok())
            .collect()
    }

    /// The HTTP status, where the answer came with one.
    pub fn status(&self) -> Option<u16> {
        parse_decimal(&self.0.get("status")?)?.try_into().ok()
    }

    /// Whether only the user can help: the `error` and `suberror` values after which a silent
    /// request cannot succeed (OpenID Connect Core 3.1.2.6, and Entra's additions).
    pub fn needs_interaction(&self) -> bool {
        const ERRORS: [&str; 7] = [
            "interaction_required",
            "login_required",
            "consent_required",
            "account_selection_required",
            "bad_token",
            "ui_not_allowed",
            "interrupted_user",
        ];
        const SUBERRORS: [&str; 8] = [
            "message_only",
            "additional_action",
            "basic_action",
            "user_password_expired",
            "consent_required",
            "bad_token",
            "ui_not_allowed",
            "interrupted_user",
        ];
        ERRORS.contains(&self.error().as_str())
            || SUBERRORS.contains(&self.0.text("suberror").as_str())
    }
}

impl fmt::Debug for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ServerError").field(&self.error()).finish()
    }
}

macro_rules! error_codes {
    (
        page { $($variant:ident = $code:literal: $message:literal;)+ }
        elsewhere { $($other_variant:ident = $other_code:literal: $other_message:literal;)+ }
    ) => {
        /// Every code that an [`AuthError`] can carry.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $code, "`: ", $message)] $variant,)+
            $(#[doc = concat!("`", $other_code, "`: ", $other_message)] $other_variant,)+
        }

        impl ErrorCode {
            /// All codes, in the order of their documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)+ $(Self::$other_variant,)+];

            /// The code as JavaScript sees it.
            pub fn as_str(self) -> &'static str {
                self.texts().0
            }

            /// What happened and what to do about it.
            pub fn message(self) -> &'static str {
                self.texts().1
            }

            fn texts(self) -> (&'static str, &'static str) {
                // The page's build has no texts for errors that are raised elsewhere.
                let texts: &[_] = if cfg!(feature = "browser") {
                    &[$(($code, $message),)+]
                } else {
                    &[$(($code, $message),)+ $(($other_code, $other_message),)+]
                };
                texts.get(self as usize).copied().unwrap_or(("internal", ""))
            }
        }
    };
}

error_codes! {
    page {
        // The call itself.
        InvalidOption = "invalid_option": "An option is missing or malformed; correct it.";
        SignInRequired = "sign_in_required": "Nobody is signed in; call signIn.";
        InteractionRequired = "interaction_required": "The provider wants to see the user; call signIn, passing on the error's claims if it has any.";
        InsecureUrl = "insecure_url": "The address is neither https nor loopback; a token must not travel there.";
        InsecureContext = "insecure_context": "The page is not a secure context; serve it over https or from localhost.";
        StorageUnavailable = "storage_unavailable": "The browser refused to store; free space or allow storage for this site.";
        Internal = "internal": "Countersign broke a rule of its own; please report it.";

        // The network and the provider's metadata.
        NetworkError = "network_error": "No answer arrived; try again when the network is there.";
        ProviderUnavailable = "provider_unavailable": "The provider cannot answer now; try again later.";
        UnexpectedResponse = "unexpected_response": "The answer is not what the protocol allows; check the address.";
        MetadataInvalid = "metadata_invalid": "The provider's metadata lacks a required member or has a malformed one.";
        MetadataIssuerMismatch = "metadata_issuer_mismatch": "The metadata names another issuer than the authority asked for; correct the authority.";

        // The authorization response, at the redirect URI.
        StateMissing = "state_missing": "The authorization response has no state; sign in again.";
        StateUnknown = "state_unknown": "No sign-in with this state was started in this tab; sign in again.";
        StateReplayed = "state_replayed": "This authorization response was used before; sign in again.";
        ResponseInvalid = "response_invalid": "The authorization response repeats a parameter or has neither code nor error; sign in again.";
        ResponseIssuerMissing = "response_issuer_missing": "The provider promises iss in its authorization responses and this one has none; sign in again.";
        ResponseIssuerMismatch = "response_issuer_mismatch": "The authorization response comes from another issuer; sign in again.";
        AuthorizationRefused = "authorization_refused": "The provider answered the authorization request with an error.";

        // The token response.
        TokenRequestRefused = "token_request_refused": "The provider answered the token request with an error.";
        TokenResponseInvalid = "token_response_invalid": "The token response is not a JSON object with an access_token.";
        TokenTypeMissing = "token_type_missing": "The token response has no token_type.";
        TokenTypeUnsupported = "token_type_unsupported": "The token response's token_type is none that was asked for.";
        ExpiresInInvalid = "expires_in_invalid": "The token response's expires_in is not a positive number of seconds.";
        IdTokenMissing = "id_token_missing": "The token response has no id_token; ask for the scope openid.";

        // The claims of an ID token or an access token.
        TokenIssuerMismatch = "token_issuer_mismatch": "The token's issuer is not the one that is trusted.";
        TokenAudienceMismatch = "token_audience_mismatch": "The token is meant for another audience.";
        TokenExpired = "token_expired": "The token has ended.";
        TokenNotYetValid = "token_not_yet_valid": "The token is not valid yet; compare the clocks.";
        TokenClaimInvalid = "token_claim_invalid": "The token lacks a required claim or has a malformed one.";
        NonceMismatch = "nonce_mismatch": "The ID token answers another sign-in.";
        AuthorizedPartyMismatch = "authorized_party_mismatch": "The ID token was issued to another client.";
        SubjectMismatch = "subject_mismatch": "The refreshed ID token is about another user.";

        // The form of a JWS.
        TokenMalformed = "token_malformed": "The token is not a JWS in compact serialization.";
        TokenTooLarge = "token_too_large": "The token is longer than is accepted.";
        TokenEncodingInvalid = "token_encoding_invalid": "A part of the token is not canonical base64url.";
        TokenJsonInvalid = "token_json_invalid": "A part of the token is not a JSON object.";
        AlgorithmNone = "algorithm_none": "The token is not signed.";
        AlgorithmSymmetric = "algorithm_symmetric": "The token is signed with a shared secret, and public keys were configured.";
        AlgorithmNotAllowed = "algorithm_not_allowed": "The token's algorithm is not among those allowed.";
        CriticalHeaderUnknown = "critical_header_unknown": "The token's crit names an extension that is not understood.";
    }
    elsewhere {
        // Of the package's JavaScript, which has their texts too.
        ClientClosed = "client_closed": "The client was closed; create another one.";
        WasmLoadFailed = "wasm_load_failed": "The WebAssembly file could not be loaded; serve it beside the script, as application/wasm.";
        CspBlocksWasm = "csp_blocks_wasm": "The page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src.";
        Aborted = "aborted": "The call was aborted.";
        TenantRefused = "tenant_refused": "The token's tenant is not admitted.";
        TokenTypRefused = "token_typ_refused": "The token's typ is not the required one.";
        InsufficientScope = "insufficient_scope": "The token lacks a required scope.";
        InsufficientRole = "insufficient_role": "The token lacks a required role.";
        AppTokenRefused = "app_token_refused": "The token belongs to an application without a role here.";
        AlgorithmUnsupported = "algorithm_unsupported": "The chosen crypto backend cannot verify this algorithm.";
        SignatureInvalid = "signature_invalid": "The token's signature is wrong.";
        // Of the edge's stricter JSON.
        TokenMemberDuplicate = "token_member_duplicate": "A part of the token names a member twice.";
        // Keys.
        JwksInvalid = "jwks_invalid": "The JWK Set is not a JSON object with an array of keys, or is too large.";
        KeyUnknown = "key_unknown": "The issuer publishes no key for this token.";
        KeyAmbiguous = "key_ambiguous": "More than one key would fit this token.";
        KeyTypeMismatch = "key_type_mismatch": "The key is not of the type, curve or use that the token's algorithm needs.";
        KeyTypeUnsupported = "key_type_unsupported": "The token's key is of a type that is not supported.";
        KeyInvalid = "key_invalid": "The token's key is malformed or too short.";
        KeyIssuerMismatch = "key_issuer_mismatch": "The token's key belongs to another issuer.";
        KeysUnavailable = "keys_unavailable": "The issuer's keys are not at hand; the code in brackets says why, or give jwks.";
        // A request to an API.
        CredentialsMissing = "credentials_missing": "The request carries no bearer token.";
        CredentialsMalformed = "credentials_malformed": "The request's Authorization header is malformed.";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_is_unique_and_says_something() {
        let codes: HashSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), ErrorCode::ALL.len());
        assert!(
            ErrorCode::ALL
                .iter()
                .all(|code| code.message().ends_with('.'))
        );
    }
}
