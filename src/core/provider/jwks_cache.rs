//! How long a provider's keys are good, and when they are fetched again.
//!
//! Keys at hand are used without waiting for anything, for a day: only a token whose key is not
//! at hand waits, and only while there is hope.

use super::unknown_keys::UnknownKeys;
use crate::core::error::{AuthError, ErrorCode};
use crate::core::jose::jwk::JwkSet;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use alloc::string::String;

/// Keys are fetched again after this time, in seconds, unless the provider's `Cache-Control` says
/// otherwise; and its bounds. A key that was withdrawn has to end, and requests have to be few.
const FRESH_FOR: f64 = 600.0;
const MIN_FRESH_FOR: f64 = 60.0;
const MAX_FRESH_FOR: f64 = 3_600.0;
/// Keys are used for this time if they cannot be fetched again, in seconds: Entra's guidance is to
/// look about once a day.
const USABLE_FOR: f64 = 86_400.0;
/// After a failure the next fetch waits for so many seconds, twice as many after each further one.
const FIRST_PAUSE: f64 = 1.0;
const MAX_PAUSE: f64 = 30.0;
/// The longest pause that a provider can ask for, in seconds.
const MAX_RETRY_AFTER: f64 = 300.0;
/// A fetch ends within this time, in seconds: it is two requests of 10 seconds at most. One that
/// does not was given up with the request that made it.
pub(crate) const FETCH_ENDS_WITHIN: f64 = 21.0;
/// Without any keys, a fetch is waited for so long, in seconds, before another one begins.
const OVERTAKEN_AFTER: f64 = 2.0;

/// The keys of one provider, with their age.
#[derive(Debug, Default)]
pub(crate) struct JwksCache {
    keys: Option<Shared<JwkSet>>,
    /// Of keys that were fetched. Given keys do not age.
    age: Option<Age>,
    /// `ETag` of the set (RFC 9110 section 8.8.3).
    etag: Option<String>,
    /// How many fetches have begun.
    fetches: u64,
    /// The fetch that the keys are from.
    newest: u64,
    /// When the fetch under way began.
    under_way: Option<UnixTime>,
    failures: u8,
    failure: Option<AuthError>,
    /// The end of the pause after a failure.
    paused_until: Option<UnixTime>,
    unknown: UnknownKeys,
}

#[derive(Clone, Copy, Debug)]
struct Age {
    fetched_at: UnixTime,
    fresh_for: f64,
}

/// What a provider responded to a fetch of its keys.
#[derive(Debug)]
pub(crate) struct FetchedKeys {
    /// `None` if they are those that `etag` names.
    pub(crate) keys: Option<JwkSet>,
    pub(crate) etag: Option<String>,
    /// `max-age` of `Cache-Control`.
    pub(crate) max_age: Option<f64>,
    /// How long a cache on the way has kept them, in seconds.
    pub(crate) age: f64,
    /// Whether the host had kept them: the provider may publish others now.
    pub(crate) is_stored: bool,
}

/// What to do for keys before a token is looked at.
#[derive(Debug)]
pub(crate) enum KeysAtHand {
    /// Use these, and fetch them again meanwhile if that is due.
    Usable {
        keys: Shared<JwkSet>,
        renewal_is_due: bool,
        /// For so many seconds they are fresh; they may be used for longer.
        fresh_for: f64,
    },
    /// Fetch them first.
    Missing,
}

/// What to do to fetch the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Fetch them, and finish the fetch of this number.
    Fetch(u64),
    /// Wait a moment for the fetch that is under way.
    Wait,
    /// No fetch is due or allowed.
    Nothing,
}

impl JwksCache {
    /// A cache of keys that the caller gave: they never age.
    pub(crate) fn given(keys: JwkSet) -> Self {
        Self {
            keys: Some(Shared::new(keys)),
            ..Self::default()
        }
    }

    /// Decides for a token with this key ID that comes now.
    pub(crate) fn keys(
        &mut self,
        key_id: Option<&str>,
        now: UnixTime,
    ) -> Result<KeysAtHand, AuthError> {
        if let Some(keys) = self.usable(now) {
            return Ok(KeysAtHand::Usable {
                keys,
                renewal_is_due: !self.are_fresh(now) && self.may_begin(now),
                fresh_for: self.fresh_for(now),
            });
        }
        if self.is_under_way(now) || !self.is_paused(now) {
            self.unknown.is_settled(key_id, self.fetches, now);
            return Ok(KeysAtHand::Missing);
        }
        Err(self.unavailable())
    }

    /// Keys to be used without any request.
    pub(crate) fn keys_without_fetch(&self, now: UnixTime) -> Result<Shared<JwkSet>, AuthError> {
        self.usable(now).ok_or_else(|| self.unavailable())
    }

    /// Whether to fetch the keys for a key ID that those at hand do not have, or why the token is
    /// refused. That nobody publishes the key is certain only of keys that were fetched since.
    pub(crate) fn look_for(
        &mut self,
        key_id: Option<&str>,
        now: UnixTime,
    ) -> Result<(), AuthError> {
        if self.is_given() || self.unknown.is_settled(key_id, self.fetches, now) {
            return Err(ErrorCode::KeyUnknown.into());
        }
        if self.is_under_way(now) || self.is_due(now) && !self.is_paused(now) {
            return Ok(());
        }
        Err(self.unavailable())
    }

    /// Why a token is refused whose key is not at hand, if nothing is fetched for it.
    pub(crate) fn without(&mut self, key_id: Option<&str>, now: UnixTime) -> AuthError {
        match self.look_for(key_id, now) {
            Ok(()) => self.unavailable(),
            Err(refusal) => refusal,
        }
    }

    /// Whether other keys than those at hand may be had.
    pub(crate) fn may_be_outdated(&self, now: UnixTime) -> bool {
        !self.is_given() && !self.are_fresh(now) && (self.is_under_way(now) || self.may_begin(now))
    }

    /// Begins a fetch, if one is due and no other is under way.
    pub(crate) fn begin(&mut self, now: UnixTime) -> Turn {
        if self.is_under_way(now) {
            let waits = |began: UnixTime| now.since(began) < OVERTAKEN_AFTER;
            let is_waited_for = self.under_way.is_some_and(waits);
            if is_waited_for || self.is_paused(now) || self.usable(now).is_some() {
                return Turn::Wait;
            }
        } else if self.is_paused(now) || !self.is_due(now) {
            return Turn::Nothing;
        }
        Turn::Fetch(self.overtake(now))
    }

    /// Begins a fetch in any case. Returns its number.
    pub(crate) fn overtake(&mut self, now: UnixTime) -> u64 {
        if self.are_fresh(now) {
            self.unknown.spend(now);
        }
        self.fetches += 1;
        self.under_way = Some(now);
        self.fetches
    }

    pub(crate) fn etag(&self) -> Option<String> {
        self.etag.clone()
    }

    /// The provider asked for a pause of so many seconds (RFC 9110 section 10.2.3).
    pub(crate) fn pause(&mut self, seconds: f64, now: UnixTime) {
        if seconds > 0.0 {
            self.paused_until = Some(now.plus(seconds.min(MAX_RETRY_AFTER)));
        }
    }

    /// Takes the outcome of a fetch. A failure leaves the keys at hand in use, and so does a set
    /// without any usable key.
    pub(crate) fn finish(
        &mut self,
        fetch: u64,
        outcome: Result<FetchedKeys, AuthError>,
        now: UnixTime,
    ) {
        let is_current = fetch == self.fetches;
        if is_current {
            self.under_way = None;
        }
        match outcome {
            Ok(fetched) if fetch > self.newest => self.take(fetch, fetched, now),
            // Also of one that was overtaken: if the provider hangs, each one is.
            Err(error) if fetch > self.newest => {
                let doubled = FIRST_PAUSE * f64::from(1_u32 << self.failures.min(5));
                let end = now.plus(doubled.min(MAX_PAUSE));
                let asked = self.paused_until.unwrap_or(end);
                self.paused_until = Some(end.later(asked));
                self.failures = self.failures.saturating_add(1);
                self.failure = Some(error);
            }
            // A newer one brought keys.
            Ok(_) | Err(_) => {}
        }
    }

    /// Seconds until a token whose key was not at hand is worth another try.
    pub(crate) fn retry_after(&self, now: UnixTime) -> f64 {
        let pause = match self.paused_until {
            Some(end) if self.is_paused(now) => end.since(now),
            _ => 0.0,
        };
        let for_unknown = if self.usable(now).is_some() {
            self.unknown.seconds_to_wait(now)
        } else {
            0.0
        };
        pause.max(for_unknown).max(1.0)
    }

    fn take(&mut self, fetch: u64, fetched: FetchedKeys, now: UnixTime) {
        let had_none = self.usable(now).is_none();
        if let Some(keys) = fetched.keys {
            self.keys = Some(Shared::new(keys));
            self.etag = fetched.etag;
        }
        // RFC 9111 section 4.2: the time in a cache counts. But a response that is old when it comes
        // must not be asked for again at once, and is good though it is days old.
        let age = fetched.age.clamp(0.0, MAX_FRESH_FOR);
        let asked = fetched.max_age.unwrap_or(FRESH_FOR).min(MAX_FRESH_FOR);
        self.age = Some(Age {
            fetched_at: now.plus(-age),
            fresh_for: asked.max(age + MIN_FRESH_FOR),
        });
        self.newest = fetch;
        self.failures = 0;
        self.failure = None;
        self.paused_until = None;
        if let Some(keys) = &self.keys
            && !fetched.is_stored
            && self.unknown.settle(keys, fetch, now)
            && had_none
        {
            // The first fetch, of two requests, was for an invented key ID.
            self.unknown.spend_all(now);
        }
    }

    fn is_given(&self) -> bool {
        self.keys.is_some() && self.age.is_none()
    }

    fn usable(&self, now: UnixTime) -> Option<Shared<JwkSet>> {
        let keys = self.keys.as_ref()?;
        let is_usable = match self.age {
            None => true,
            // By a clock that was set back their age is not known.
            Some(age) => (-USABLE_FOR..USABLE_FOR).contains(&now.since(age.fetched_at)),
        };
        is_usable.then(|| Shared::clone(keys))
    }

    fn fresh_for(&self, now: UnixTime) -> f64 {
        match self.age {
            _ if !self.are_fresh(now) => 0.0,
            None => f64::INFINITY,
            Some(age) => age.fresh_for - now.since(age.fetched_at),
        }
    }

    fn are_fresh(&self, now: UnixTime) -> bool {
        let is_fresh = |age: Age| (0.0..age.fresh_for).contains(&now.since(age.fetched_at));
        self.age.map_or(self.keys.is_some(), is_fresh)
    }

    /// Whether there is a reason to fetch.
    fn is_due(&self, now: UnixTime) -> bool {
        !self.are_fresh(now)
            || self.unknown.is_looked_for() && self.unknown.seconds_to_wait(now) <= 0.0
    }

    fn may_begin(&self, now: UnixTime) -> bool {
        !self.is_under_way(now) && !self.is_paused(now)
    }

    fn is_under_way(&self, now: UnixTime) -> bool {
        self.under_way
            .is_some_and(|began| (0.0..FETCH_ENDS_WITHIN).contains(&now.since(began)))
    }

    fn is_paused(&self, now: UnixTime) -> bool {
        self.paused_until
            .is_some_and(|end| end > now && end.since(now) <= MAX_RETRY_AFTER)
    }

    fn unavailable(&self) -> AuthError {
        let cause = match &self.failure {
            Some(error) => error.code(),
            None => ErrorCode::KeyUnknown,
        };
        AuthError::about(ErrorCode::KeysUnavailable, cause.as_str())
    }
}
