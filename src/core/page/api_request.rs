//! Calls to an API: the token that goes along, and what the API's response asks for.

use super::{Client, GetTokenOptions};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::flow::Flow;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::tokens::access_token::AccessToken;
use crate::core::wire::challenge::Challenges;
use crate::core::wire::url;
use alloc::string::String;

/// If an API refuses a token that was obtained less than this many seconds ago, it is not renewed:
/// the API would refuse a newer one too.
const JUST_OBTAINED: f64 = 10.0;

/// What an API responded to a request that carried a token.
#[derive(Clone, Debug)]
pub struct ApiResponse {
    /// The status.
    pub status: u16,
    /// `WWW-Authenticate`, several headers joined by commas.
    pub www_authenticate: String,
    /// When the token was obtained.
    pub token_obtained_at: UnixTime,
}

impl Client {
    /// The token for a request to this URL.
    pub fn get_token_for(
        self: &Shared<Self>,
        url: String,
        options: GetTokenOptions,
    ) -> Flow<Shared<AccessToken>> {
        let client = Shared::clone(self);
        Flow::new(move |io| {
            Self::check_url(&url)?;
            client.token(io, &options)
        })
    }

    /// Refuses to send a token to this URL: bearer tokens travel over TLS only (RFC 6750 section 5.2).
    pub(crate) fn check_url(url: &str) -> Result<(), AuthError> {
        if url::is_secure(url) {
            return Ok(());
        }
        let origin = url::origin(url).unwrap_or_default();
        Err(AuthError::about(ErrorCode::InsecureUrl, origin))
    }
}

impl ApiResponse {
    /// The options of the token to repeat the request with, once; `None` if the response is the
    /// caller's. After `invalid_token` that is a new token (RFC 6750 section 3.1), after Entra's
    /// `insufficient_claims` one that has the claims.
    pub fn retry(&self, options: &GetTokenOptions, now: UnixTime) -> Option<GetTokenOptions> {
        if self.status != 401 {
            return None;
        }
        let challenges = Challenges::read(&self.www_authenticate);
        let claims = match challenges.parameter("bearer", "error")? {
            "invalid_token"
                if !(0.0..JUST_OBTAINED).contains(&now.since(self.token_obtained_at)) =>
            {
                None
            }
            "insufficient_claims" => Some(challenges.claims()?),
            _ => return None,
        };
        Some(GetTokenOptions {
            force_refresh: true,
            claims,
            ..options.clone()
        })
    }
}
