//! The authorization request: RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID Connect Core
//! section 3.1.2.1.

use super::pkce::CodeVerifier;
use super::target::Target;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::wire::form::Form;
use crate::core::wire::text::{concat, decimal};
use alloc::string::String;
use alloc::vec::Vec;

/// What a page may ask of one sign-in, beyond the client's configuration.
#[derive(Clone, Debug, Default)]
pub struct SignInOptions {
    /// `scope`, instead of the client's.
    pub scope: Option<String>,
    /// `resource` (RFC 8707), instead of the client's.
    pub resource: Option<String>,
    /// `prompt`, `login_hint`, `domain_hint`, `acr_values`, `ui_locales`, `claims`,
    /// `response_mode` and other parameters, under their names on the wire.
    pub parameters: Vec<(String, String)>,
    /// `max_age` in seconds; the ID token's `auth_time` is checked against it.
    pub max_age: Option<u64>,
    /// The page's own state, returned when the user is back.
    pub app_state: Option<String>,
    /// Where the page goes when the user is back, on its own origin.
    pub return_to: Option<String>,
}

/// Parameters that the protocol itself sets: a page cannot.
const RESERVED_PARAMETERS: [&str; 11] = [
    "client_id",
    "response_type",
    "redirect_uri",
    "scope",
    "resource",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "max_age",
    "request_uri",
];

impl SignInOptions {
    /// Whether the provider must not ask the user anything, and the page does not say who the user
    /// is. Then the request says it (OpenID Connect Core section 3.1.2.1).
    pub(crate) fn is_silent(&self) -> bool {
        let mut is_silent = false;
        for (name, value) in &self.parameters {
            is_silent |= name == "prompt" && value == "none";
            if name == "id_token_hint" || name == "login_hint" {
                return false;
            }
        }
        is_silent
    }

    /// Refuses parameters that the protocol itself sets.
    pub(crate) fn check(&self) -> Result<(), AuthError> {
        for (name, _) in &self.parameters {
            if RESERVED_PARAMETERS.contains(&name.as_str()) {
                let detail = concat(&["parameters must not set ", name]);
                return Err(AuthError::about(ErrorCode::InvalidOption, &detail));
            }
        }
        Ok(())
    }
}

/// The secrets of one sign-in, of 32 random bytes each.
pub(crate) struct SignInSecrets {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) code_verifier: CodeVerifier,
}

/// The parameters of the request.
pub(crate) fn authorization_request(
    client_id: &str,
    redirect_uri: &str,
    target: &Target,
    secrets: &SignInSecrets,
    id_token_hint: Option<&str>,
    options: &SignInOptions,
) -> Form {
    let mut query = Form::default();
    query
        .set("client_id", client_id)
        .set("response_type", "code")
        .set("redirect_uri", redirect_uri)
        .set_some("scope", target.scope.as_deref())
        .set("state", &secrets.state)
        .set("nonce", &secrets.nonce)
        .set("code_challenge", &secrets.code_verifier.code_challenge())
        .set("code_challenge_method", "S256")
        .set_some("resource", target.resource.as_deref())
        .set_some("id_token_hint", id_token_hint);
    if let Some(max_age) = options.max_age {
        query.set("max_age", &decimal(max_age));
    }
    for (name, value) in &options.parameters {
        query.set(name, value);
    }
    query
}
