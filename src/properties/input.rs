//! Input that several properties share.

use ::base64::Engine;
use ::base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::Union;
use serde_json::{Map, Value};

pub(super) const ISSUER: &str = "https://as.example";
/// When tokens are checked.
pub(super) const NOW: f64 = 1_800_000_000.0;

/// A change of a text at one place.
#[derive(Clone, Debug)]
pub(super) struct Alteration {
    place: Index,
    removed: usize,
    inserted: String,
}

impl Alteration {
    /// Removes up to two characters and inserts others, which this regular expression describes.
    pub(super) fn with(inserted: &'static str) -> impl Strategy<Value = Self> {
        (any::<Index>(), 0..3_usize, inserted).prop_map(|(place, removed, inserted)| Self {
            place,
            removed,
            inserted,
        })
    }

    /// The text with this change.
    pub(super) fn of(&self, text: &str) -> String {
        let mut letters: Vec<_> = text.chars().collect();
        let place = self.place.index(letters.len() + 1);
        let end = letters.len().min(place + self.removed);
        letters.splice(place..end, self.inserted.chars());
        letters.into_iter().collect()
    }
}

/// Base64url by the other implementation.
pub(super) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What the other implementation decodes.
pub(super) fn from_base64url(text: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Parts of a token, encoded and joined by dots.
pub(super) fn compact<P: AsRef<[u8]>>(parts: &[P]) -> String {
    let parts: Vec<_> = parts.iter().map(base64url).collect();
    parts.join(".")
}

/// One of the elements of an array.
pub(super) fn one_of(values: Value) -> impl Strategy<Value = Value> + Clone {
    let Value::Array(values) = values else {
        panic!("an array");
    };
    select(values)
}

/// Claims that are right, or one of which is wrong.
#[derive(Clone, Debug)]
pub(super) struct Claims {
    pub(super) payload: String,
    pub(super) wrong: Option<&'static str>,
}

impl Claims {
    /// Takes for each claim the values that are right and those that are wrong; `null` stands for
    /// an absent claim.
    pub(super) fn with<const N: usize>(
        claims: [(&'static str, Value, Value); N],
    ) -> impl Strategy<Value = Self> {
        let right = claims.clone().map(|(_, right, _)| one_of(right));
        let wrong = claims
            .clone()
            .map(|(name, _, wrong)| (Just(name), one_of(wrong)));
        let wrong = option::of(Union::new(wrong));
        (right, wrong).prop_map(move |(values, wrong)| {
            let names = claims.iter().map(|(name, ..)| *name);
            let mut claims: Map<_, _> = names.map(String::from).zip(values).collect();
            if let Some((name, value)) = &wrong {
                claims.insert(String::from(*name), value.clone());
            }
            claims.retain(|_, value| !value.is_null());
            Self {
                payload: Value::from(claims).to_string(),
                wrong: wrong.map(|(name, _)| name),
            }
        })
    }
}
