//! Access tokens by their keys.

use super::access_token::AccessToken;
use super::cache_key::{CacheKey, Partition};
use super::lifetime::Freshness;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use alloc::vec::Vec;

/// Tokens in the order of their keys: looking one up takes the same time among a thousand.
#[derive(Clone, Default)]
pub(crate) struct TokenCache(Vec<Entry>);

#[derive(Clone)]
struct Entry {
    key: CacheKey,
    token: Shared<AccessToken>,
}

impl TokenCache {
    /// A cache of tokens that were read from a record, before [`TokenCache::index`].
    pub(crate) fn unindexed(tokens: Vec<Shared<AccessToken>>) -> Self {
        let mut keyless = Vec::new();
        for token in tokens {
            let key = CacheKey::default();
            keyless.push(Entry { key, token });
        }
        Self(keyless)
    }

    /// Gives each token its key and sorts them.
    pub(crate) fn index(&mut self, partition: &Partition) {
        for entry in core::mem::take(&mut self.0) {
            let key = partition.key(&entry.token.target, None, None);
            self.insert(key, entry.token);
        }
    }

    /// The token of this key.
    pub(crate) fn get(&self, key: &CacheKey) -> Option<&Shared<AccessToken>> {
        self.at(self.place(key).ok()?)
    }

    /// The place of the token with this key, or where it would be inserted.
    pub(crate) fn place(&self, key: &CacheKey) -> Result<usize, usize> {
        self.0.binary_search_by(|entry| entry.key.cmp(key))
    }

    /// The token at this place.
    pub(crate) fn at(&self, place: usize) -> Option<&Shared<AccessToken>> {
        self.0.get(place).map(|entry| &entry.token)
    }

    /// Puts a token in the place of the former one of its key.
    pub(crate) fn insert(&mut self, key: CacheKey, token: Shared<AccessToken>) {
        match self.place(&key) {
            Ok(place) => {
                if let Some(entry) = self.0.get_mut(place) {
                    entry.token = token;
                }
            }
            Err(place) => self.0.insert(place, Entry { key, token }),
        }
    }

    /// Forgets expired tokens.
    pub(crate) fn drop_expired(&mut self, now: UnixTime) {
        let mut place = 0;
        while let Some(entry) = self.0.get(place) {
            if entry.token.lifetime().freshness(now) == Freshness::Expired {
                self.0.remove(place);
            } else {
                place += 1;
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&CacheKey, &Shared<AccessToken>)> {
        self.0.iter().map(|entry| (&entry.key, &entry.token))
    }
}
