//! Key IDs that the provider's set does not have. Whether it will is known only from a later set,
//! and anybody can invent key IDs: they are remembered, and what is asked for them is counted.

use crate::core::jose::jwk::JwkSet;
use crate::core::jose::sha256;
use crate::core::time::UnixTime;
use alloc::vec::Vec;

/// A key ID that was looked for in vain is not looked for again within this time, in seconds.
const SETTLED_FOR: f64 = 60.0;
/// How many fetches key IDs can cause in this time, in seconds.
const FETCHES: usize = 2;
const WINDOW: f64 = 60.0;
/// How many key IDs are remembered. The oldest makes room.
const MAX: usize = 256;

#[derive(Debug, Default)]
pub(crate) struct UnknownKeys {
    known: Vec<UnknownKey>,
    /// When the latest fetches for their sake began.
    spent: Vec<UnixTime>,
}

#[derive(Debug)]
struct UnknownKey {
    /// The hash of the key ID, which a token's sender may have made long.
    digest: Vec<u8>,
    /// How many fetches had begun when the key ID was seen.
    after: u64,
    /// When a set that was fetched since did not have it either.
    settled_at: Option<UnixTime>,
}

impl UnknownKeys {
    /// Whether a set that was fetched after the key ID was first seen does not have it. If not, the
    /// key ID is remembered as one to look for.
    pub(crate) fn is_settled(&mut self, key_id: Option<&str>, fetches: u64, now: UnixTime) -> bool {
        let digest = digest(key_id);
        if let Some(known) = self.known.iter_mut().find(|known| known.digest == digest) {
            let Some(settled_at) = known.settled_at else {
                return false;
            };
            if (0.0..SETTLED_FOR).contains(&now.since(settled_at)) {
                return true;
            }
            (known.after, known.settled_at) = (fetches, None);
            return false;
        }
        if self.known.len() == MAX {
            self.known.remove(0);
        }
        self.known.push(UnknownKey {
            digest,
            after: fetches,
            settled_at: None,
        });
        false
    }

    /// Whether one is to be looked for.
    pub(crate) fn is_looked_for(&self) -> bool {
        self.known.iter().any(|known| known.settled_at.is_none())
    }

    /// Takes note of the set of the fetch of this number. Returns whether it lacks one that was
    /// looked for.
    pub(crate) fn settle(&mut self, keys: &JwkSet, fetch: u64, now: UnixTime) -> bool {
        let published: Vec<_> = keys.key_ids().map(digest).collect();
        self.known
            .retain(|known| !published.contains(&known.digest));
        let mut lacks_one = false;
        for known in &mut self.known {
            if known.after < fetch && known.settled_at.is_none() {
                known.settled_at = Some(now);
                lacks_one = true;
            }
        }
        lacks_one
    }

    /// A fetch for their sake begins.
    pub(crate) fn spend(&mut self, now: UnixTime) {
        if self.spent.len() == FETCHES {
            self.spent.remove(0);
        }
        self.spent.push(now);
    }

    /// No further fetch for their sake within the time.
    pub(crate) fn spend_all(&mut self, now: UnixTime) {
        for _ in 0..FETCHES {
            self.spend(now);
        }
    }

    /// Seconds until a fetch for their sake may begin.
    pub(crate) fn seconds_to_wait(&self, now: UnixTime) -> f64 {
        match self.spent.first() {
            Some(first) if self.spent.len() == FETCHES => {
                let passed = now.since(*first);
                if (0.0..WINDOW).contains(&passed) {
                    WINDOW - passed
                } else {
                    0.0
                }
            }
            _ => 0.0,
        }
    }
}

/// A token without a key ID looks for any key that fits, which is not the empty key ID.
fn digest(key_id: Option<&str>) -> Vec<u8> {
    key_id.map_or_else(Vec::new, |key_id| sha256::digest(key_id.as_bytes()))
}
