//! The authorization request: RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID Connect Core
//! section 3.1.2.1.

use super::base64url;
use super::discovery::ProviderMetadata;
use super::error::AuthError;
use super::form::Form;
use super::pkce::CodeVerifier;
use super::text::decimal;
use super::time::UnixTime;
use super::transaction::Transaction;
use alloc::string::String;
use alloc::vec::Vec;

/// What a page may ask of one sign-in, beyond what the client is configured with.
#[derive(Clone, Debug, Default)]
pub struct SignInOptions {
    /// `scope`, in place of the client's.
    pub scope: Option<String>,
    /// `resource` (RFC 8707), in place of the client's.
    pub resource: Option<String>,
    /// `prompt`, `login_hint`, `domain_hint`, `acr_values`, `ui_locales`, `claims`,
    /// `response_mode` and other parameters, under their names on the wire.
    pub parameters: Vec<(String, String)>,
    /// `max_age`, in seconds; enforced when the answer comes.
    pub max_age: Option<f64>,
    /// The page's own state, handed back when the user returns.
    pub app_state: Option<String>,
}

/// Parameters that are the protocol's own: a page cannot set them.
pub(crate) const RESERVED_PARAMETERS: [&str; 9] = [
    "client_id",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "max_age",
];

/// An authorization request with the transaction that its answer will be held against.
pub struct AuthorizationRequest {
    /// Where to send the user.
    pub url: String,
    /// What must be kept until the answer comes.
    pub transaction: Transaction,
}

/// Who asks, and for what.
pub struct AuthorizationRequestParameters<'a> {
    /// `client_id`.
    pub client_id: &'a str,
    /// `redirect_uri`.
    pub redirect_uri: &'a str,
    /// `scope`, with `openid` in it.
    pub scope: &'a str,
    /// `resource`.
    pub resource: Option<&'a str>,
    /// The rest.
    pub options: &'a SignInOptions,
}

impl AuthorizationRequest {
    /// Builds the request from 96 random bytes: 32 each for `state`, `nonce` and `code_verifier`.
    pub fn build(
        metadata: &ProviderMetadata,
        parameters: &AuthorizationRequestParameters<'_>,
        random: [u8; 96],
        now: UnixTime,
    ) -> Result<Self, AuthError> {
        let ([state, nonce, verifier], _) = random.as_chunks::<32>() else {
            return Err(super::error::ErrorCode::Internal.into());
        };
        let (state, nonce) = (base64url::encode(state), base64url::encode(nonce));
        let code_verifier = CodeVerifier::from_random(*verifier);
        let options = parameters.options;

        let mut query = Form::default();
        query
            .set("client_id", parameters.client_id)
            .set("response_type", "code")
            .set("redirect_uri", parameters.redirect_uri)
            .set("scope", parameters.scope)
            .set("state", &state)
            .set("nonce", &nonce)
            .set("code_challenge", &code_verifier.code_challenge())
            .set("code_challenge_method", "S256")
            .set_some("resource", parameters.resource);
        for (name, value) in &options.parameters {
            query.set(name, value);
        }

        let mut kept = Form::default();
        kept.set("state", &state)
            .set("nonce", &nonce)
            .set("code_verifier", code_verifier.expose())
            .set("redirect_uri", parameters.redirect_uri)
            .set("scope", parameters.scope)
            .set_some("resource", parameters.resource)
            .set_some("app_state", options.app_state.as_deref())
            .set("metadata", metadata.as_record())
            .set_seconds("started_at", now.seconds());
        if let Some(max_age) = options.max_age {
            query.set("max_age", &decimal(max_age as u64));
            kept.set_seconds("max_age", max_age);
        }
        Ok(Self {
            url: query.appended_to(&metadata.endpoint("authorization_endpoint")?),
            transaction: Transaction(kept),
        })
    }
}
