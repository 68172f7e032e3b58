//! When an access token is renewed: decided from absolute times, never from a timer, because a
//! timer sleeps with the machine.

use super::time::UnixTime;
use super::token_response::TokenResponse;

/// A token is renewed when a fifth of its life is left, but not earlier than this many seconds
/// before its end.
const EARLIEST: f64 = 300.0;
/// A token is not handed out in its last seconds: it would end on its way.
const LAST_SECONDS: f64 = 5.0;

/// Where the server does not say how long a token lives, it is taken to live so many seconds.
const ASSUMED_LIFETIME: f64 = 300.0;

/// The life of an access token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lifetime {
    /// When it was asked for. The life is counted from the request and not from the answer, so
    /// that a slow answer cannot make it longer.
    pub obtained_at: UnixTime,
    /// From when it should be renewed.
    pub refresh_at: UnixTime,
    /// From when it is no longer handed out.
    pub expires_at: UnixTime,
}

/// What is to be done with an access token now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Hand it out.
    Fresh,
    /// Renew it; where that fails, it may still be handed out.
    Due,
    /// It has ended.
    Ended,
}

impl Lifetime {
    /// The life that the token response gives, `refresh_in` heeded where the server sends it.
    pub(crate) fn of(response: &TokenResponse, requested_at: UnixTime) -> Self {
        let life = response.seconds("expires_in").unwrap_or(ASSUMED_LIFETIME);
        let ahead = (life * 0.2).min(EARLIEST);
        let refresh_in = response
            .seconds("refresh_in")
            .unwrap_or(life - ahead)
            .min(life);
        Self {
            obtained_at: requested_at,
            refresh_at: requested_at.plus(refresh_in),
            expires_at: requested_at.plus(life),
        }
    }

    /// Decides. A clock that was set back to before the token was obtained makes it due.
    pub fn freshness(&self, now: UnixTime) -> Freshness {
        let last = LAST_SECONDS.min(self.expires_at.since(self.obtained_at) * 0.1);
        if now.plus(last) >= self.expires_at {
            Freshness::Ended
        } else if now >= self.refresh_at || now < self.obtained_at {
            Freshness::Due
        } else {
            Freshness::Fresh
        }
    }
}
