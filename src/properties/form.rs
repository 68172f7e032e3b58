//! Forms: `application/x-www-form-urlencoded` of the URL standard, RFC 6749 appendix B. The other
//! implementation is the crate `form_urlencoded`.

use std::borrow::Cow;

use ::url::{Position, Url};
use form_urlencoded::Serializer;
use proptest::collection::vec;
use proptest::prelude::*;

use super::holds;
use crate::core::wire::form::{Form, Parameters};

type Pairs = Vec<(String, String)>;

fn pairs() -> impl Strategy<Value = Pairs> {
    vec(("[a-c]|.{0,4}", ".{0,12}"), 0..6)
}

fn form_of(pairs: &Pairs) -> Form {
    let mut form = Form::default();
    for (name, value) in pairs {
        form.set(name, value);
    }
    form
}

#[test]
fn rfc_6749_b_what_is_written_is_read() {
    holds(pairs(), |pairs| {
        let text = form_of(&pairs).into_string();
        let expected = Serializer::new(String::new()).extend_pairs(&pairs).finish();
        prop_assert_eq!(&text, &expected);
        prop_assert_eq!(Parameters::read(&text).0, pairs);
        Ok(())
    });
}

#[test]
fn rfc_6749_b_a_malformed_form_is_read_as_the_url_standard_reads_it() {
    let texts = prop_oneof![
        "(([ab]|%6[12]|%[0-9a-fA-F]{2}|%e2%82%ac|[%+=&?#\u{e9}]){0,4}[=&]){0,5}",
        any::<String>(),
    ];
    holds(texts, |text| {
        // What the other implementation puts in the place of bytes that are not UTF-8.
        if text.contains('\u{fffd}') || text.to_ascii_lowercase().contains("%ef%bf%bd") {
            return Ok(());
        }
        let parsed = form_urlencoded::parse(text.as_bytes());
        let expected: Pairs = parsed
            .map(|(name, value)| (only_utf8(name), only_utf8(value)))
            .collect();
        let read = Parameters::read(&text);
        for name in ["a", "b", ""] {
            let named = expected.iter().filter(|(known, _)| known == name);
            let values: Vec<_> = named.map(|(_, value)| value.as_str()).collect();
            prop_assert_eq!(read.get(name), values.first().copied());
            prop_assert_eq!(read.all(name).collect::<Vec<_>>(), values);
        }
        prop_assert_eq!(read.0, expected);
        Ok(())
    });
}

/// What is not UTF-8 is nothing here.
fn only_utf8(text: Cow<'_, str>) -> String {
    let is_utf8 = !text.contains('\u{fffd}');
    if is_utf8 {
        text.into_owned()
    } else {
        String::new()
    }
}

#[test]
fn rfc_6749_3_1_parameters_are_added_to_a_query_and_change_nothing_else() {
    let urls = "https://as\\.example(/[a-z/]{0,4})?(\\?[a-c=&%+]{0,6})?(#[a-c=&?#]{0,4})?";
    holds((urls, pairs()), |(url, pairs)| {
        let before = Url::parse(&url).unwrap();
        let after = Url::parse(&form_of(&pairs).appended_to(&url)).unwrap();
        prop_assert_eq!(
            &after[..Position::AfterPath],
            &before[..Position::AfterPath]
        );
        prop_assert_eq!(after.fragment(), before.fragment());
        let mut expected: Pairs = before.query_pairs().into_owned().collect();
        expected.extend(pairs);
        let query: Pairs = after.query_pairs().into_owned().collect();
        prop_assert_eq!(query, expected);
        Ok(())
    });
}
