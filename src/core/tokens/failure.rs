//! Failed requests for tokens, and when to send the next one.
//!
//! A failure passes, needs the user, or is permanent. One that passes is an [`Outage`] of the
//! provider: it concerns all tokens, and requests are retried less and less often. The other two
//! are a [`Refusal`] of one target: nothing in the background asks again.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::oauth::target::Target;
use crate::core::provider::entra;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::wire::record::record;
use alloc::string::String;

/// A caller that asks within this time after a failure gets that failure, in seconds: all callers
/// that wait share one failure, and a page that asks in a loop makes few requests.
const SHARED_FOR: f64 = 10.0;
/// The first pause after an outage in seconds. Each further one is twice as long.
const FIRST_PAUSE: f64 = 5.0;
/// The longest pause, in seconds.
const LONGEST_PAUSE: f64 = 300.0;
/// The longest `Retry-After` that is honoured, in seconds.
const LONGEST_RETRY_AFTER: f64 = 3600.0;

record! {
    /// The provider cannot be reached, or cannot respond now.
    pub(crate) struct Outage {
        /// How many requests in a row have failed.
        pub(crate) failures: u64,
        pub(crate) failed_at: UnixTime,
        /// When the background tries again.
        pub(crate) retry_at: UnixTime,
        /// Until when the server asked not to be asked, if it did.
        pub(crate) closed_until: Option<UnixTime>,
        /// Whether the page was told that a token could not be renewed in time.
        pub(crate) is_told: bool,
        pub(crate) error: AuthError,
    }

    /// A request for this target was refused, and will be refused again unless something changes.
    pub(crate) struct Refusal {
        pub(crate) target: Shared<Target>,
        /// The claims challenge that was refused: a request without it may well succeed.
        pub(crate) claims: Option<String>,
        pub(crate) failed_at: UnixTime,
        pub(crate) error: AuthError,
    }
}

impl Outage {
    /// The outage after one more failure. `random` spreads the retries of many clients.
    pub(crate) fn after(
        former: Option<&Self>,
        error: AuthError,
        retry_after: Option<f64>,
        now: UnixTime,
        random: &[u8],
    ) -> Self {
        let before = former.map_or(0, |former| former.failures);
        let mut pause = FIRST_PAUSE;
        for _ in 0..before.min(10) {
            pause = (pause * 2.0).min(LONGEST_PAUSE);
        }
        // Between three and five quarters of the pause.
        let random = random.first().copied().unwrap_or_default();
        let pause = pause * (0.75 + f64::from(random) / 512.0);
        let closed_until = retry_after.map(|seconds| now.plus(seconds.min(LONGEST_RETRY_AFTER)));
        let retry_at = now.plus(pause);
        Self {
            failures: before + 1,
            failed_at: now,
            retry_at: closed_until.map_or(retry_at, |until| until.later(retry_at)),
            closed_until,
            is_told: former.is_some_and(|former| former.is_told),
            error,
        }
    }

    /// Whether a caller that asks now gets this failure instead of a request.
    pub(crate) fn is_shared(&self, now: UnixTime) -> bool {
        let until = self.closed_until.unwrap_or(self.failed_at);
        now < until.later(self.failed_at.plus(SHARED_FOR)) && now >= self.failed_at
    }

    /// Whether requests in the background have to wait.
    pub(crate) fn pauses(&self, now: UnixTime) -> bool {
        now < self.retry_at && now >= self.failed_at
    }

    /// Whether the outage is over when the network is back, as far as is known.
    pub(crate) fn ends_online(&self, now: UnixTime) -> bool {
        self.error.code() == ErrorCode::NetworkError && !self.is_shared(now)
    }
}

impl Refusal {
    /// Whether a caller that asks now gets this refusal instead of a request.
    pub(crate) fn is_shared(&self, now: UnixTime) -> bool {
        (0.0..SHARED_FOR).contains(&now.since(self.failed_at))
    }
}

/// What a failed request means for the session.
pub(crate) enum Failure {
    /// Nothing: the provider may well respond the next time.
    Passing,
    /// The refresh token is of no more use.
    GrantIsDead,
    /// The tokens belong to another user.
    AnotherUser,
    /// This target is refused; others may not be.
    Refused,
}

impl Failure {
    /// `status` is that of the response; 0 if there was none.
    pub(crate) fn of(error: &AuthError, status: u16) -> Self {
        match error.code() {
            ErrorCode::NetworkError | ErrorCode::ProviderUnavailable => Self::Passing,
            // HTML instead of JSON comes from a proxy or a captive portal. A missing endpoint is
            // permanent.
            ErrorCode::TokenResponseInvalid | ErrorCode::UnexpectedResponse
                if !matches!(status, 404 | 405 | 410) =>
            {
                Self::Passing
            }
            ErrorCode::SubjectMismatch | ErrorCode::TokenIssuerMismatch => Self::AnotherUser,
            _ => match error.server().map(entra::Refusal::of) {
                Some(entra::Refusal::GrantIsDead) => Self::GrantIsDead,
                _ => Self::Refused,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> UnixTime {
        UnixTime::from_seconds(seconds).unwrap()
    }

    fn unavailable() -> AuthError {
        ErrorCode::ProviderUnavailable.into()
    }

    #[test]
    fn pauses_double_up_to_five_minutes_with_jitter() {
        let mut outage = None;
        let mut pauses = Vec::new();
        for round in 0..10 {
            let now = at(1000.0 * f64::from(round));
            let next = Outage::after(outage.as_ref(), unavailable(), None, now, &[128]);
            pauses.push(next.retry_at.since(now));
            outage = Some(next);
        }
        assert_eq!(
            pauses,
            [
                5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0, 300.0, 300.0
            ]
        );
        let pause = |random| {
            Outage::after(None, unavailable(), None, at(0.0), &[random])
                .retry_at
                .seconds()
        };
        assert!(pause(0) == 3.75 && pause(255) < 6.25);
    }

    #[test]
    fn rfc_9110_10_2_3_retry_after_is_honoured_up_to_an_hour() {
        let outage = |seconds| Outage::after(None, unavailable(), Some(seconds), at(0.0), &[]);
        assert!(outage(60.0).is_shared(at(59.0)) && !outage(60.0).is_shared(at(60.0)));
        assert_eq!(outage(60.0).retry_at, at(60.0));
        assert_eq!(outage(1e9).retry_at, at(3600.0));
        assert_eq!(outage(0.0).retry_at, at(3.75));
    }

    #[test]
    fn a_clock_that_is_set_back_ends_the_pause() {
        let outage = Outage::after(None, unavailable(), None, at(1000.0), &[]);
        assert!(outage.is_shared(at(1001.0)) && outage.pauses(at(1001.0)));
        assert!(!outage.is_shared(at(10.0)) && !outage.pauses(at(10.0)));
    }
}
