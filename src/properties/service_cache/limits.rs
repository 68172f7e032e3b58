//! How many requests are enough.

use std::collections::{BTreeMap, BTreeSet};

use super::Call;
use crate::core::service::AccessToken;

/// What the instances and their store are known to have: until when each token need not be renewed.
#[derive(Default)]
pub(super) struct Limits {
    in_memory: BTreeMap<(usize, String), f64>,
    in_store: BTreeMap<String, f64>,
}

/// What may still go wrong with calls, and until when they take at most.
pub(super) struct Conditions {
    pub(super) until: f64,
    pub(super) has_shared_lock: bool,
    pub(super) provider_fails: bool,
    pub(super) store_fails: bool,
}

impl Limits {
    /// None for a token that is fresh in the instance or in the store; one for all calls that want
    /// the same, of all instances if the store has locks; one more for a request that fails.
    pub(super) fn enough(&self, calls: &[Call], conditions: &Conditions) -> usize {
        let is_fresh = |until: Option<&f64>| until.is_some_and(|until| conditions.until < *until);
        let mut requests = BTreeSet::new();
        for call in calls {
            let key = call.key();
            let is_kept = is_fresh(self.in_memory.get(&(call.instance, key.clone())))
                || is_fresh(self.in_store.get(&key)) && !conditions.store_fails;
            if call.is_plain() && is_kept {
                continue;
            }
            let is_alone = !conditions.has_shared_lock || conditions.store_fails;
            requests.insert((is_alone.then_some(call.instance), key, call.claims));
        }
        requests.len() + usize::from(conditions.provider_fails)
    }

    /// Calls of one step were handed these tokens; the instance may have kept any of them.
    pub(super) fn were_handed<'a>(
        &mut self,
        handed: impl Iterator<Item = (&'a Call, &'a AccessToken)>,
    ) {
        let mut earliest: BTreeMap<_, f64> = BTreeMap::new();
        for (call, token) in handed {
            let until = token.lifetime().refresh_at.seconds();
            let known = earliest.entry((call.instance, call.key())).or_insert(until);
            *known = known.min(until);
        }
        self.in_memory.extend(earliest);
    }

    /// The store has a new token.
    pub(super) fn was_saved(&mut self, call: &Call, renewal: f64) {
        self.in_store.insert(call.key(), renewal);
    }
}

impl Call {
    /// Whether any token that is good does.
    fn is_plain(&self) -> bool {
        self.claims.is_none() && !self.force_refresh
    }
}
