//! When an access token is renewed. Absolute times decide, never a timer, because a timer sleeps
//! with the machine.

use crate::core::time::{CLOCK_DIFFERENCE, UnixTime};

/// A token is renewed when a fifth of its life is left, but at most this many seconds before it
/// expires.
const EARLIEST: f64 = 300.0;
/// A token is not handed out in its last seconds: it would expire on its way.
const LAST_SECONDS: f64 = 5.0;
/// How long a token is assumed to live if the server does not say, in seconds.
const ASSUMED_LIFETIME: f64 = 300.0;

/// The life of an access token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lifetime {
    /// When it was requested. Its life counts from the request and not from the response, so that a
    /// slow response does not extend it.
    pub obtained_at: UnixTime,
    /// From when it should be renewed.
    pub refresh_at: UnixTime,
    /// From when it is no longer handed out.
    pub expires_at: UnixTime,
}

/// What to do with an access token now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Hand it out.
    Fresh,
    /// Hand it out, and renew it.
    Due,
    /// It has expired.
    Expired,
}

impl Lifetime {
    /// The life of a token with this `expires_in` and `refresh_in`.
    pub(crate) fn new(
        requested_at: UnixTime,
        expires_in: Option<f64>,
        refresh_in: Option<f64>,
    ) -> Self {
        let life = expires_in.unwrap_or(ASSUMED_LIFETIME);
        let ahead = (life * 0.2).min(EARLIEST);
        let refresh_in = refresh_in.unwrap_or(life - ahead).min(life);
        Self {
            obtained_at: requested_at,
            refresh_at: requested_at.plus(refresh_in),
            expires_at: requested_at.plus(life),
        }
    }

    /// Decides. A clock that was set back since the token was obtained makes the token due.
    pub fn freshness(&self, now: UnixTime) -> Freshness {
        let last = LAST_SECONDS.min(self.expires_at.since(self.obtained_at) * 0.1);
        if now.plus(last) >= self.expires_at {
            Freshness::Expired
        } else if now >= self.refresh_at || now.plus(CLOCK_DIFFERENCE) < self.obtained_at {
            Freshness::Due
        } else {
            Freshness::Fresh
        }
    }
}
