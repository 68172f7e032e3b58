//! An access token that was obtained, with what it was requested for.

use super::lifetime::{Freshness, Lifetime};
use crate::core::error::AuthError;
use crate::core::oauth::target::Target;
use crate::core::oauth::token_response::TokenResponse;
use crate::core::secret::Secret;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::wire::record::record;
use alloc::string::String;

record! {
    /// An access token.
    #[derive(Clone, Debug)]
    pub struct AccessToken {
        pub(crate) target: Shared<Target>,
        pub(crate) token: Secret,
        pub(crate) token_type: String,
        pub(crate) scope: Option<String>,
        /// The claims challenge that it was requested with.
        pub(crate) claims: Option<String>,
        /// `authorization_details` that were granted (RFC 9396 section 7), as JSON.
        pub(crate) authorization_details: Option<String>,
        pub(crate) obtained_at: UnixTime,
        pub(crate) refresh_at: UnixTime,
        pub(crate) expires_at: UnixTime,
    }
}

impl AccessToken {
    /// The access token of a response, if it is usable.
    pub(crate) fn from_response(
        response: &TokenResponse,
        target: Shared<Target>,
        requested_at: UnixTime,
    ) -> Result<Self, AuthError> {
        let token = response.bearer_token()?.clone();
        let expires_in = response.expires_in.clone()?;
        let lifetime = Lifetime::new(requested_at, expires_in, response.refresh_in);
        // RFC 6749 section 5.1: without `scope`, what was requested was granted.
        let granted = response.scope.clone();
        Ok(Self {
            token,
            // As the `Authorization` header spells it (RFC 6750 section 2.1); some APIs compare it.
            token_type: "Bearer".into(),
            scope: granted.or_else(|| target.scope.clone()),
            target,
            claims: None,
            authorization_details: response.authorization_details.clone(),
            obtained_at: lifetime.obtained_at,
            refresh_at: lifetime.refresh_at,
            expires_at: lifetime.expires_at,
        })
    }

    /// The token.
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// `token_type`.
    pub fn token_type(&self) -> &str {
        &self.token_type
    }

    /// The granted scope.
    pub fn scope(&self) -> &str {
        self.scope.as_deref().unwrap_or_default()
    }

    /// `authorization_details` that were granted, as JSON.
    pub fn authorization_details(&self) -> Option<&str> {
        self.authorization_details.as_deref()
    }

    /// What it was requested for.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Whether it has not expired.
    pub(crate) fn is_good(&self, now: UnixTime) -> bool {
        self.lifetime().freshness(now) != Freshness::Expired
    }

    /// Its life.
    pub fn lifetime(&self) -> Lifetime {
        Lifetime {
            obtained_at: self.obtained_at,
            refresh_at: self.refresh_at,
            expires_at: self.expires_at,
        }
    }
}
