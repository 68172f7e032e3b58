//! What an API's response says about the token that the request carried: RFC 6750 section 3.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::time::{CLOCK_DIFFERENCE, UnixTime};
use crate::core::wire::challenge::Challenges;
use crate::core::wire::url;
use alloc::string::String;

/// A token that was obtained less than this many seconds ago is not renewed because an API refuses
/// it: a newer one would fare no better.
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

/// The token that an API asks for.
pub(crate) struct BetterToken {
    /// What it must have, if the API says so.
    pub(crate) claims: Option<String>,
}

/// Refuses to send a token to this URL: bearer tokens travel over TLS only (RFC 6750 section 5.2).
#[inline]
pub(crate) fn check_url(url: &str) -> Result<(), AuthError> {
    if url::is_secure(url) {
        return Ok(());
    }
    let origin = url::origin(url).unwrap_or_default();
    Err(AuthError::about(ErrorCode::InsecureUrl, origin))
}

impl ApiResponse {
    /// The token to repeat the request with, once; `None` if the response is the caller's. After
    /// `invalid_token` that is a new token (RFC 6750 section 3.1), after Entra's
    /// `insufficient_claims` one that has the claims.
    #[inline]
    pub(crate) fn better_token(&self, now: UnixTime) -> Option<BetterToken> {
        if self.status != 401 {
            return None;
        }
        let challenges = Challenges::read(&self.www_authenticate);
        let claims = match challenges.parameter("bearer", "error")? {
            "invalid_token"
                if !(-CLOCK_DIFFERENCE..JUST_OBTAINED)
                    .contains(&now.since(self.token_obtained_at)) =>
            {
                None
            }
            "insufficient_claims" => Some(challenges.claims()?),
            _ => return None,
        };
        Some(BetterToken { claims })
    }
}
