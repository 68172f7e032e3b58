//! Tokens for the API that this API calls on behalf of its caller: Entra's on-behalf-of flow, and
//! token exchange (RFC 8693) at other providers.

use super::endpoint::Endpoint;
use super::refusal::Grant;
use super::sessions::Begun;
use super::tokens::Wanted;
use super::user_assertion::UserAssertion;
use super::{AccessToken, ConfidentialClient, TokenOptions};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::{Flow, Io, Run};
use crate::core::jose::sha256;
use crate::core::oauth::target::Target;
use crate::core::oauth::token_exchange::{ACCESS_TOKEN, TokenExchange};
use crate::core::oauth::token_request;
use crate::core::provider::entra::Protocol;
use crate::core::secret::Secret;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::cache_key::Owner;
use crate::core::wire::base64url;
use crate::core::wire::form::Form;
use crate::core::wire::text::has_word;
use alloc::string::String;
use core::cell::OnceCell;

/// On whose behalf, and which token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OnBehalfOfOptions {
    /// The access token that the API was called with, whose signature and claims it has checked.
    /// Without it, the session goes on.
    pub assertion: Option<Secret>,
    /// The key of a long-running session, which nobody else knows: with an assertion it begins one,
    /// without it gets tokens by the session's refresh token, also when the assertion has expired.
    pub session: Option<String>,
    /// Which token is wanted.
    pub token: TokenOptions,
}

impl OnBehalfOfOptions {
    /// A token for this target on behalf of the one whose access token this is.
    pub fn new(assertion: Secret, token: impl Into<TokenOptions>) -> Self {
        Self {
            assertion: Some(assertion),
            session: None,
            token: token.into(),
        }
    }

    /// A token for this target in a long-running session that was begun.
    pub fn in_session(session: impl Into<String>, token: impl Into<TokenOptions>) -> Self {
        Self {
            assertion: None,
            session: Some(session.into()),
            token: token.into(),
        }
    }
}

impl ConfidentialClient {
    /// A token for another API, on behalf of the caller of this one.
    ///
    /// Errors: `assertion_unsuitable`, `token_audience_mismatch`, `token_expired` before anything is
    /// sent; `interaction_required` with the `claims` that the caller has to satisfy,
    /// `consent_required`, `assertion_refused`; `session_unknown`.
    pub fn on_behalf_of(
        self: &Shared<Self>,
        options: OnBehalfOfOptions,
    ) -> Flow<Shared<AccessToken>> {
        let client = Shared::clone(self);
        Flow::new(move |io| client.token_on_behalf(io, &options))
    }

    /// The token on behalf of the one whose assertion this is, if it is kept and fresh: found
    /// without a flow.
    pub fn fresh_token_on_behalf(
        &self,
        assertion: &str,
        options: &TokenOptions,
        now: UnixTime,
    ) -> Option<Shared<AccessToken>> {
        self.fresh_token(Owner::Assertion(&digest(assertion)), options, now)
    }

    pub(crate) fn token_on_behalf(
        &self,
        io: &mut Io,
        options: &OnBehalfOfOptions,
    ) -> Run<Shared<AccessToken>> {
        options.token.check()?;
        match (&options.assertion, &options.session) {
            (Some(assertion), session) => {
                self.exchange_assertion(io, assertion, session.as_deref(), &options.token)
            }
            (None, Some(session)) => self.token_in_session(io, session, &options.token),
            (None, None) => {
                let detail = "assertion or session is missing";
                Err(AuthError::about(ErrorCode::InvalidOption, detail).into())
            }
        }
    }

    fn exchange_assertion(
        &self,
        io: &mut Io,
        assertion: &Secret,
        session: Option<&str>,
        options: &TokenOptions,
    ) -> Run<Shared<AccessToken>> {
        let now = io.now();
        let digest = digest(assertion.expose());
        // A token that is kept needs no look into the assertion.
        let read = OnceCell::new();
        let claims = || {
            let read =
                read.get_or_init(|| UserAssertion::read(assertion.expose(), self.parse_json));
            read.as_ref()
        };
        let begun = session.map(|key| Begun { key, by: &digest });
        let owner = match &begun {
            Some(begun) => Owner::Session(begun.key, begun.by),
            None => Owner::Assertion(&digest),
        };
        self.token(
            io,
            &Wanted {
                key: self.key(owner, options),
                grant: Grant::OnBehalfOf,
                options,
                tenant: &|| claims().and_then(UserAssertion::tenant),
                session: begun,
                form: &|endpoint| {
                    if endpoint.protocol.is_none() {
                        let exchange = TokenExchange::new(assertion.clone(), ACCESS_TOKEN);
                        return Ok(exchange.form(&options.target));
                    }
                    if let Some(claims) = claims() {
                        claims.check(&self.config, now)?;
                    }
                    entra_form(endpoint, assertion, session.is_some(), options)
                },
            },
        )
    }
}

/// What the cache knows an assertion by.
fn digest(assertion: &str) -> String {
    base64url::encode(&sha256::digest(assertion.as_bytes()))
}

fn entra_form(
    endpoint: &Endpoint,
    assertion: &Secret,
    is_session: bool,
    options: &TokenOptions,
) -> Result<Form, AuthError> {
    let wrong = |detail| Err(AuthError::about(ErrorCode::InvalidOption, detail));
    match (
        endpoint.protocol,
        &options.target.scope,
        &options.target.resource,
    ) {
        (Some(Protocol::V1), _, None) => {
            return wrong("the authority speaks Entra's v1.0: give the resource");
        }
        (Some(Protocol::V2), None, _) => {
            return wrong("the authority speaks Entra's v2.0: give the scope");
        }
        _ => {}
    }
    let target = match is_session {
        true => for_session(&options.target),
        false => options.target.clone(),
    };
    let claims = options.claims.as_deref();
    Ok(token_request::on_behalf_of(assertion, &target, claims))
}

/// A refresh token comes only if it is asked for.
pub(super) fn for_session(target: &Target) -> Target {
    let mut target = target.clone();
    let mut scope = target.scope.unwrap_or_default();
    if !has_word(&scope, "offline_access") {
        if !scope.is_empty() {
            scope.push(' ');
        }
        scope.push_str("offline_access");
    }
    target.scope = Some(scope);
    target
}
