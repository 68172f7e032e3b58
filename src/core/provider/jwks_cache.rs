//! How long a provider's keys are good, and when they are fetched again.

use crate::core::error::{AuthError, ErrorCode};
use crate::core::jose::jwk::JwkSet;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;

/// Keys are fetched again after this time, in seconds.
const FRESH_FOR: f64 = 600.0;
/// If keys cannot be fetched again, they are used for this time, in seconds: Entra's guidance is to
/// look about once a day.
const USABLE_FOR: f64 = 86_400.0;
/// After an attempt, the next one waits for so many seconds: a token with an invented `kid` cannot
/// make requests to the provider.
const COOLDOWN: f64 = 30.0;

/// The keys of one provider, with their age.
#[derive(Debug, Default)]
pub(crate) struct JwksCache {
    keys: Option<Shared<JwkSet>>,
    fetched_at: Option<UnixTime>,
    attempted_at: Option<UnixTime>,
    failure: Option<AuthError>,
}

/// Whether the keys have to be fetched before a token is examined.
#[derive(Debug)]
pub(crate) enum KeysAtHand {
    /// Use these.
    Fresh(Shared<JwkSet>),
    /// Fetch them first.
    Fetch,
}

impl JwksCache {
    /// A cache of keys that the caller gave: they do not expire.
    pub(crate) fn given(keys: JwkSet) -> Self {
        Self {
            keys: Some(Shared::new(keys)),
            ..Self::default()
        }
    }

    /// Whether the keys were given and not fetched.
    pub(crate) fn is_given(&self) -> bool {
        self.keys.is_some() && self.fetched_at.is_none()
    }

    /// Decides for a token that comes now.
    pub(crate) fn keys(&self, now: UnixTime) -> Result<KeysAtHand, AuthError> {
        let cooling = self.is_cooling(now);
        match (&self.keys, self.fetched_at) {
            (Some(keys), None) => Ok(KeysAtHand::Fresh(Shared::clone(keys))),
            (Some(keys), Some(fetched_at)) => match now.since(fetched_at) {
                age if (0.0..FRESH_FOR).contains(&age) => {
                    Ok(KeysAtHand::Fresh(Shared::clone(keys)))
                }
                age if age < USABLE_FOR && cooling => Ok(KeysAtHand::Fresh(Shared::clone(keys))),
                _ if cooling => Err(self.unavailable()),
                _ => Ok(KeysAtHand::Fetch),
            },
            (None, _) if cooling => Err(self.unavailable()),
            (None, _) => Ok(KeysAtHand::Fetch),
        }
    }

    /// The keys at hand, without a request, even if they should be fetched again.
    pub(crate) fn keys_without_fetch(&self, now: UnixTime) -> Result<Shared<JwkSet>, AuthError> {
        let good = self
            .fetched_at
            .is_none_or(|fetched_at| now.since(fetched_at) < USABLE_FOR);
        match &self.keys {
            Some(keys) if good => Ok(Shared::clone(keys)),
            _ => Err(self.unavailable()),
        }
    }

    /// Whether an unknown `kid` is worth a request now: the provider may have rotated its keys.
    pub(crate) fn may_fetch_for_unknown_key(&self, now: UnixTime) -> bool {
        !self.is_given() && !self.is_cooling(now)
    }

    /// Notes the outcome of an attempt.
    pub(crate) fn attempted(&mut self, now: UnixTime, outcome: Result<JwkSet, AuthError>) {
        self.attempted_at = Some(now);
        match outcome {
            Ok(keys) => {
                self.keys = Some(Shared::new(keys));
                self.fetched_at = Some(now);
                self.failure = None;
            }
            Err(error) => self.failure = Some(error),
        }
    }

    fn is_cooling(&self, now: UnixTime) -> bool {
        self.attempted_at
            .is_some_and(|attempt| (0.0..COOLDOWN).contains(&now.since(attempt)))
    }

    fn unavailable(&self) -> AuthError {
        match &self.failure {
            Some(error) => AuthError::about(ErrorCode::KeysUnavailable, error.code().as_str()),
            None => ErrorCode::KeysUnavailable.into(),
        }
    }
}
