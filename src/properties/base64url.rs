//! Base64url: RFC 4648 section 5, RFC 7515 section 2. The other implementation is the crate
//! `base64`.

use proptest::collection::vec;
use proptest::prelude::*;

use super::holds;
use super::input::{base64url, from_base64url};
use crate::core::wire::base64url::{decode, decode_into, encode};

#[test]
fn rfc_4648_5_what_is_encoded_is_decoded() {
    holds(vec(any::<u8>(), 0..100), |bytes| {
        let text = encode(&bytes);
        prop_assert_eq!(&text, &base64url(&bytes));
        prop_assert_eq!(decode(text.as_bytes()), Some(bytes));
        Ok(())
    });
}

/// Letters, with a few characters in between that are none.
const TEXT: &str = "([A-Za-z0-9_-]{0,8}){0,6}[=+/ \n\0\u{e9}]?[A-Za-z0-9_-]{0,3}";

#[test]
fn rfc_4648_3_5_only_canonical_text_is_decoded() {
    holds(TEXT, |text| {
        prop_assert_eq!(decode(text.as_bytes()), from_base64url(&text));
        Ok(())
    });
}

#[test]
fn decoded_bytes_are_appended() {
    holds((vec(any::<u8>(), 0..9), TEXT), |(before, text)| {
        let mut buffer = before.clone();
        if decode_into(text.as_bytes(), &mut buffer).is_some() {
            let decoded = buffer.strip_prefix(before.as_slice());
            prop_assert_eq!(decoded.map(encode), Some(text));
        }
        Ok(())
    });
}
