//! How far this machine's clock is from the provider's, as far as token responses show it.

use crate::core::time::UnixTime;
use crate::core::wire::record::record;

/// Times in responses are whole seconds.
const PRECISION: f64 = 1.0;
/// What is further away is no clock that is wrong, in seconds.
const LARGEST: f64 = 86_400.0;

record! {
    /// The two clocks at one moment.
    pub(crate) struct Clocks {
        server: UnixTime,
        /// The time of this machine's that is nearest to it, of those at which the server can have
        /// looked at its clock.
        local: UnixTime,
    }
}

impl Clocks {
    /// The server's clock showed this between the request and its response.
    pub(crate) fn new(server: UnixTime, requested_at: UnixTime, received_at: UnixTime) -> Self {
        let earliest = requested_at.plus(-PRECISION);
        let latest = received_at.later(requested_at).plus(PRECISION);
        Self {
            server,
            local: server.later(earliest).earlier(latest),
        }
    }

    /// By how many seconds the server's clock is ahead of this machine's.
    pub(crate) fn skew(&self) -> Option<f64> {
        let skew = self.server.since(self.local);
        (-LARGEST..=LARGEST).contains(&skew).then_some(skew)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_skew_is_what_the_request_s_own_time_cannot_explain() {
        let at = |seconds| UnixTime::from_seconds(seconds).unwrap();
        let skew = |server| Clocks::new(at(server), at(100_000.0), at(100_003.0)).skew();
        assert_eq!(skew(100_000.0), Some(0.0));
        assert_eq!(skew(99_999.0), Some(0.0));
        assert_eq!(skew(100_004.0), Some(0.0));
        assert_eq!(skew(100_064.0), Some(60.0));
        assert_eq!(skew(99_939.0), Some(-60.0));
        assert_eq!(skew(300_000.0), None);
    }
}
