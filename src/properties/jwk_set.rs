//! JWK Sets: RFC 7517, RFC 7518 section 6, RFC 8037 section 2.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::holds;
use super::input::{Alteration, base64url, from_base64url, one_of};
use crate::core::error::ErrorCode;
use crate::core::jose::algorithm::Algorithm;
use crate::core::jose::jwk::{JwkSet, VerificationKey};
use crate::edge::json::parse_json_array;

fn read(keys: &[Value]) -> JwkSet {
    JwkSet::read(&json!({ "keys": keys }).to_string(), parse_json_array).unwrap()
}

/// The members of a key, if it is usable.
fn usable(key: &Value) -> Option<Value> {
    let set = read(std::slice::from_ref(key));
    Some(match set.get(0)?.key()? {
        VerificationKey::Rsa { n, e } => json!({ "kty": "RSA", "n": n, "e": e }),
        VerificationKey::Ec { crv, x, y } => json!({ "kty": "EC", "crv": crv, "x": x, "y": y }),
        VerificationKey::Okp { x } => json!({ "kty": "OKP", "crv": "Ed25519", "x": x }),
        VerificationKey::Secret { .. } => unreachable!("a set has no secret"),
    })
}

/// A number of so many bits, after so many superfluous zeros.
fn number((bits, zeros): (usize, usize)) -> String {
    let mut bytes = vec![0xff; bits.div_ceil(8)];
    if let Some(first) = bytes.first_mut() {
        *first >>= bits.next_multiple_of(8) - bits;
    }
    base64url([vec![0; zeros], bytes].concat())
}

#[test]
fn rfc_7518_6_3_1_an_rsa_key_has_numbers_of_the_right_length() {
    let zeros = || prop_oneof![4 => Just(0_usize), 1 => 1..3_usize];
    let modulus = prop_oneof![
        4 => select(&[2040, 2041, 2047, 2048, 2049, 8191, 8192, 8193, 8200][..]),
        1 => 0..10_000_usize,
    ];
    let exponent = prop_oneof![
        4 => select(&[1, 2, 17, 64, 65][..]),
        1 => 0..200_usize,
    ];
    holds(((modulus, zeros()), (exponent, zeros())), |(n, e)| {
        let is_good =
            n.1 == 0 && e.1 == 0 && (2048..=8192).contains(&n.0) && (2..=64).contains(&e.0);
        let key = json!({ "kty": "RSA", "n": number(n), "e": number(e) });
        prop_assert_eq!(usable(&key), is_good.then_some(key));
        Ok(())
    });
}

#[test]
fn rfc_7518_6_2_1_and_rfc_8037_2_a_coordinate_has_the_length_of_its_curve() {
    let curve = one_of(json!([
        "P-256",
        "P-384",
        "P-521",
        "secp256k1",
        "Ed25519",
        "X25519"
    ]));
    let length = || prop_oneof![Just(32_usize), Just(48_usize), Just(66_usize), 0..70_usize];
    let lengths = prop_oneof![
        length().prop_map(|length| (length, length)),
        (length(), length())
    ];
    holds((curve, lengths), |(crv, (x, y))| {
        let [x_text, y_text] = [x, y].map(|length| base64url(vec![1; length]));
        let mut key = json!({ "kty": "EC", "crv": crv, "x": x_text, "y": y_text });
        let is_good = match crv.as_str() {
            Some("P-256") => x == 32 && y == 32,
            Some("P-384") => x == 48 && y == 48,
            Some("P-521") => x == 66 && y == 66,
            Some("secp256k1") => x == 32 && y == 32,
            _ => {
                key = json!({ "kty": "OKP", "crv": crv, "x": x_text });
                crv == "Ed25519" && x == 32
            }
        };
        prop_assert_eq!(usable(&key), is_good.then_some(key));
        Ok(())
    });
}

/// A good key of each type.
fn good_keys() -> [Value; 6] {
    let text = |byte, length| base64url(vec![byte; length]);
    [
        json!({ "kty": "RSA", "n": number((2048, 0)), "e": "AQAB" }),
        json!({ "kty": "EC", "crv": "P-256", "x": text(1, 32), "y": text(2, 32) }),
        json!({ "kty": "EC", "crv": "P-384", "x": text(3, 48), "y": text(4, 48) }),
        json!({ "kty": "OKP", "crv": "Ed25519", "x": text(5, 32) }),
        json!({ "kty": "EC", "crv": "P-521", "x": text(6, 66), "y": text(7, 66) }),
        json!({ "kty": "EC", "crv": "secp256k1", "x": text(8, 32), "y": text(9, 32) }),
    ]
}

#[test]
fn an_altered_key_is_read_as_it_is_spelled_or_not_at_all() {
    let good = select(good_keys().to_vec());
    let alteration = Alteration::with("[AB_]{0,2}|[=+/ \u{e9}]");
    holds(
        (good, any::<Index>(), alteration),
        |(mut key, member, alteration)| {
            let members = key.as_object_mut().unwrap();
            let member = member.index(members.len());
            let member = members.values_mut().nth(member).unwrap();
            *member = alteration.of(member.as_str().unwrap()).into();
            if let Some(usable) = usable(&key) {
                for name in ["n", "e", "x", "y"] {
                    let text = key[name].as_str().unwrap_or_default();
                    prop_assert!(from_base64url(text).is_some(), "{name}");
                }
                prop_assert_eq!(usable, key);
            }
            Ok(())
        },
    );
}

/// The place of the good key for this algorithm.
fn place_of(algorithm: Algorithm) -> usize {
    match algorithm.as_str() {
        "ES256" => 1,
        "ES384" => 2,
        "EdDSA" => 3,
        "ES512" => 4,
        "ES256K" => 5,
        _ => 0,
    }
}

#[test]
fn rfc_8725_3_1_the_chosen_key_is_the_only_one_that_fits() {
    let harmless = json!([{}, {}, {}, { "use": "sig" }, { "key_ops": ["sign", "verify"] }]);
    let spoiling = json!([
        { "use": "enc" },
        { "key_ops": ["sign"] },
        { "kty": "oct" },
        { "alg": "HS256" },
        { "x": "", "n": "" },
    ]);
    let extra = prop_oneof![
        4 => one_of(harmless).prop_map(|extra| (extra, true)),
        1 => one_of(spoiling).prop_map(|extra| (extra, false)),
    ];
    let kid = || option::of(select(&["a", "b", "c"][..]));
    let keys = vec((0..6_usize, kid(), extra), 0..6);
    let algorithms: Vec<_> = Algorithm::asymmetric().collect();
    holds(
        (keys, kid(), select(algorithms)),
        |(keys, asked, algorithm)| {
            let set = keys.iter().map(|(place, kid, (extra, _))| {
                let mut key = good_keys()[*place].clone();
                let members = key.as_object_mut().unwrap();
                members.extend(kid.map(|kid| ("kid".into(), kid.into())));
                members.extend(extra.as_object().unwrap().clone());
                key
            });
            let set = read(&set.collect::<Vec<_>>());

            let is_asked = |kid: &Option<&str>| asked.is_none() || *kid == asked;
            let named = keys
                .iter()
                .filter(|(_, kid, _)| asked.is_some() && *kid == asked)
                .count();
            let fitting = keys
                .iter()
                .enumerate()
                .filter(|(_, (place, kid, (_, is_usable)))| {
                    *is_usable && *place == place_of(algorithm) && is_asked(kid)
                });
            let fitting: Vec<_> = fitting.map(|(index, _)| index).collect();
            match set.select(asked, algorithm) {
                Ok((index, key)) => {
                    prop_assert_eq!(vec![index], fitting);
                    prop_assert!(key.key().is_some());
                }
                Err(error) => {
                    prop_assert_ne!(fitting.len(), 1);
                    let is_ambiguous = error.code() == ErrorCode::KeyAmbiguous;
                    prop_assert_eq!(is_ambiguous, fitting.len() > 1);
                    let is_unknown = error.code() == ErrorCode::KeyUnknown;
                    prop_assert_eq!(is_unknown, fitting.is_empty() && named == 0);
                }
            }
            Ok(())
        },
    );
}

#[test]
fn no_key_set_breaks_the_reading() {
    let member = "\"(kty|n|e|x|crv|kid|use|key_ops)\":(\"(RSA|EC|A{0,3})\"|1|null|\\[\\]|\\{\\})";
    let key = vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(",")));
    let set = vec(key, 0..4).prop_map(|keys| format!("{{\"keys\":[{}]}}", keys.join(",")));
    holds(prop_oneof![set, any::<String>()], |text| {
        match JwkSet::read(&text, parse_json_array) {
            Ok(set) => prop_assert!(set.get(0).is_none_or(|key| key.key().is_none())),
            Err(error) => prop_assert_eq!(error.code(), ErrorCode::JwksInvalid),
        }
        Ok(())
    });
}
