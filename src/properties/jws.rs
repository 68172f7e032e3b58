//! JWS in compact serialization: RFC 7515 sections 3.1 and 7.1, and its header, section 4.1.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

use super::holds;
use super::input::{Alteration, compact, one_of};
use crate::core::error::ErrorCode;
use crate::core::jose::jws::{CompactParts, JoseHeader, MAX_TOKEN_LENGTH, decode_part};
use crate::edge::json::parse_json;

#[test]
fn rfc_7515_7_1_a_token_is_split_at_its_two_dots() {
    let part = || vec(any::<u8>(), 0..30);
    let tokens = prop_oneof![
        4 => [part(), part(), part()].prop_map(|parts| parts.join(&b'.')),
        1 => vec(part(), 0..6).prop_map(|parts| parts.join(&b'.')),
    ];
    holds(tokens, |token| {
        let expected: Vec<_> = token.split(|byte| *byte == b'.').collect();
        match CompactParts::split(&token) {
            Ok(parts) => {
                let input = [parts.header, parts.payload].join(&b'.');
                prop_assert_eq!(parts.signing_input, input);
                let parts = vec![parts.header, parts.payload, parts.signature];
                prop_assert_eq!(parts, expected);
            }
            Err(error) => {
                prop_assert_eq!(error.code(), ErrorCode::TokenMalformed);
                prop_assert_ne!(expected.len(), 3);
            }
        }
        Ok(())
    });
}

#[test]
fn a_token_is_64_kilobytes_long_at_most() {
    let near = MAX_TOKEN_LENGTH - 2..MAX_TOKEN_LENGTH + 3;
    let lengths = prop_oneof![near, 1..3 * MAX_TOKEN_LENGTH];
    let dots = any::<[Index; 2]>();
    holds((lengths, dots), |(length, dots)| {
        let mut token = vec![b'A'; length];
        for dot in dots {
            token[dot.index(length)] = b'.';
        }
        let refusal = CompactParts::split(&token).err();
        let is_too_large = refusal.is_some_and(|error| error.code() == ErrorCode::TokenTooLarge);
        prop_assert_eq!(is_too_large, length > MAX_TOKEN_LENGTH);
        Ok(())
    });
}

/// The parts of a token, decoded.
fn decoded(token: &str) -> Option<[Vec<u8>; 3]> {
    let parts = CompactParts::split(token.as_bytes()).ok()?;
    let parts = [parts.header, parts.payload, parts.signature];
    let [header, payload, signature] = parts.map(decode_part);
    Some([header.ok()?, payload.ok()?, signature.ok()?])
}

#[test]
fn rfc_7515_3_1_a_token_has_one_spelling() {
    let part = || vec(any::<u8>(), 0..20);
    let alteration = Alteration::with("[ABwz_.=+/ \n\u{e9}-]{0,2}");
    holds(
        ([part(), part(), part()], alteration),
        |(parts, alteration)| {
            let token = compact(&parts);
            prop_assert_eq!(decoded(&token), Some(parts.clone()));
            let altered = alteration.of(&token);
            if let Some(other) = decoded(&altered) {
                prop_assert_eq!(compact(&other), altered.as_str());
                prop_assert_eq!(other == parts, altered == token);
            }
            Ok(())
        },
    );
}

/// A member of a header, of any type.
fn members() -> impl Strategy<Value = Option<Value>> {
    let text = prop_oneof!["[a-zA-Z+]{0,3}", "[aA]pplication/[a-zA-Z+]{0,3}"];
    let member = prop_oneof![
        6 => text.prop_map(Value::from),
        1 => one_of(json!([null, 1, true, ["x"], {}])),
    ];
    weighted(0.8, member)
}

#[test]
fn rfc_7515_4_1_a_header_has_its_members_types_and_no_extension() {
    let crit = one_of(json!([
        ["b64"],
        ["exp", "x"],
        [],
        "b64",
        [1],
        {},
        false,
        null
    ]));
    let headers = (members(), members(), members(), weighted(0.2, crit));
    holds(headers, |(alg, kid, typ, crit)| {
        let header = [("alg", &alg), ("kid", &kid), ("typ", &typ), ("crit", &crit)];
        let header = header.into_iter();
        let header = header.filter_map(|(name, value)| Some((name.into(), value.clone()?)));
        let header = Value::from(header.collect::<Map<_, _>>()).to_string();
        let read = JoseHeader::read(&*parse_json(&header).ok().unwrap());

        let text = |member: &Option<Value>| member.as_ref()?.as_str().map(String::from);
        let is_text_or_absent = |member: &Option<Value>| text(member).is_some() || member.is_none();
        let is_good = text(&alg).is_some() && is_text_or_absent(&kid) && is_text_or_absent(&typ);
        match read {
            Ok(read) => {
                prop_assert!(is_good && crit.is_none(), "{header}");
                prop_assert_eq!(Some(read.alg), text(&alg));
                prop_assert_eq!(read.key_id, text(&kid));
                // Section 4.1.9.
                let typ = text(&typ).map(|typ| typ.to_lowercase());
                let short = |typ: &str| String::from(typ.trim_start_matches("application/"));
                prop_assert_eq!(read.typ, typ.as_deref().map(short));
            }
            Err(error) => {
                let is_about_crit = error.code() == ErrorCode::CriticalHeaderUnknown;
                prop_assert_eq!(is_about_crit, crit.is_some(), "{}", header);
                prop_assert!(crit.is_some() || !is_good, "{header}");
            }
        }
        Ok(())
    });
}
