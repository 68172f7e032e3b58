//! `WWW-Authenticate`: RFC 9110 section 11.6.1. The other implementation is the crate `http-auth`,
//! which refuses what is not exactly so.

use std::collections::{HashMap, HashSet};

use ::base64::Engine;
use ::base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::holds;
use super::input::Alteration;
use crate::core::wire::challenge::Challenges;

/// A token of section 5.6.2.
const TOKEN: &str = "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,6}";

#[derive(Clone, Debug)]
struct Sent {
    scheme: String,
    parameters: Vec<(String, String)>,
    header: String,
}

/// A challenge, and one of the ways to write it.
fn challenges() -> impl Strategy<Value = Sent> {
    let value = prop_oneof![TOKEN, "[\"\\\\,= a-c]{0,6}", "[ -~]{0,6}"];
    let around_equals = select(&["=", "=", " =", "= ", "\t=\t "][..]);
    let parameter = (TOKEN, value, around_equals, any::<bool>(), any::<bool>());
    (TOKEN, vec((parameter, separators()), 0..4)).prop_map(|(scheme, list)| {
        let mut header = scheme.clone();
        let mut parameters = Vec::new();
        for ((name, value, equals, is_quoted, is_escaped), separator) in list {
            header += if parameters.is_empty() {
                " "
            } else {
                separator
            };
            header += &name;
            header += equals;
            header += &written(&value, is_quoted, is_escaped);
            parameters.push((name, value));
        }
        Sent {
            scheme,
            parameters,
            header,
        }
    })
}

/// A challenge with a token68 in place of parameters, as `Negotiate` has it.
fn token68_challenges() -> impl Strategy<Value = Sent> {
    (TOKEN, "[A-Za-z0-9._~+/-]{1,6}={0,2}").prop_map(|(scheme, token68)| Sent {
        header: format!("{scheme} {token68}"),
        scheme,
        parameters: Vec::new(),
    })
}

fn separators() -> impl Strategy<Value = &'static str> {
    select(&[",", ", ", " ,\t", ",, "][..])
}

/// A token if it may be one, or a quoted string, which escapes what it must or everything.
fn written(value: &str, is_quoted: bool, is_escaped: bool) -> String {
    let is_token_letter =
        |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter);
    if !is_quoted && !value.is_empty() && value.chars().all(is_token_letter) {
        return value.into();
    }
    let mut quoted = String::from("\"");
    for letter in value.chars() {
        if is_escaped || matches!(letter, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted + "\""
}

fn header_of(list: &[(Sent, &str)]) -> String {
    let list = list.iter();
    let texts = list.flat_map(|(challenge, separator)| [&challenge.header, *separator]);
    texts.collect()
}

/// The first value of each parameter, by its name in lower case.
fn first_values<'a>(
    parameters: impl DoubleEndedIterator<Item = (&'a str, String)>,
) -> HashMap<String, String> {
    let lower = parameters.map(|(name, value)| (name.to_ascii_lowercase(), value));
    lower.rev().collect()
}

/// Holds what was read against the challenges that a header has: the first of each scheme counts.
fn hold_against(
    read: &Challenges,
    expected: &[(String, HashMap<String, String>)],
) -> Result<(), TestCaseError> {
    let mut seen = HashSet::new();
    for (scheme, values) in expected {
        let scheme = scheme.to_ascii_lowercase();
        if !seen.insert(scheme.clone()) {
            continue;
        }
        for (name, value) in values {
            prop_assert_eq!(read.parameter(&scheme, name), Some(value.as_str()));
        }
        prop_assert_eq!(read.parameter(&scheme, "?"), None);
    }
    Ok(())
}

#[test]
fn rfc_9110_11_6_1_what_is_written_is_read() {
    let challenge = prop_oneof![9 => challenges(), 1 => token68_challenges()];
    holds(vec((challenge, separators()), 0..5), |list| {
        let read = Challenges::read(&header_of(&list));
        let expected: Vec<_> = list
            .iter()
            .map(|(sent, _)| {
                let parameters = sent.parameters.iter();
                let parameters = parameters.map(|(name, value)| (name.as_str(), value.clone()));
                (sent.scheme.clone(), first_values(parameters))
            })
            .collect();
        hold_against(&read, &expected)
    });
}

#[test]
fn rfc_9110_11_6_1_what_another_parser_reads_is_read_the_same() {
    let list = vec((challenges(), separators()), 1..4);
    let headers = (list, Alteration::with("[\",= \\\\a]{0,2}")).prop_map(|(list, alteration)| {
        let header = header_of(&list);
        [alteration.of(&header), header]
    });
    holds(headers, |headers| {
        for header in headers {
            let Ok(expected) = http_auth::parse_challenges(&header) else {
                continue;
            };
            let expected: Vec<_> = expected
                .iter()
                .map(|challenge| {
                    let parameters = challenge.params.iter();
                    let parameters = parameters.map(|(name, value)| (*name, value.to_unescaped()));
                    (challenge.scheme.to_owned(), first_values(parameters))
                })
                .collect();
            hold_against(&Challenges::read(&header), &expected)?;
        }
        Ok(())
    });
}

#[test]
fn no_header_breaks_the_reading() {
    holds(
        prop_oneof![any::<String>(), "[a =,\"\\\\é]{0,20}"],
        |header| {
            prop_assert_eq!(Challenges::read(&header).claims(), None);
            Ok(())
        },
    );
}

#[test]
fn entra_claims_are_read_in_every_variant_of_base64() {
    let variant = select(&[STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD][..]);
    holds((".{0,12}", variant), |(claims, variant)| {
        let header = format!("Bearer claims=\"{}\"", variant.encode(&claims));
        prop_assert_eq!(Challenges::read(&header).claims(), Some(claims));
        Ok(())
    });
}
