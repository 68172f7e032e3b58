//! The choice of the key: RFC 7517, RFC 8725 section 3.

use countersign::verifier::{Algorithm, KeysFrom, Requirement};
use countersign::{ErrorCode, edge};
use serde_json::{Value, json};

use crate::host::code;
use crate::provider::{ISSUER, base64url, patch};
use crate::verification::{claims, config, examine, keys, signed, token, verify_token};

/// The error for a good ES256 token under these keys; `None` where it is accepted.
fn refusal(keys: Value) -> Option<ErrorCode> {
    let config = config(Some(&json!({ "keys": keys })));
    let verified = verify_token(config, &token(json!({})), &Requirement::default());
    verified.err().map(|error| error.code())
}

fn key(change: Value) -> Value {
    let mut key = keys().jwk(Algorithm::Es256);
    patch(&mut key, &change);
    key
}

#[test]
fn rfc_7517_5_keys_of_unknown_type_do_not_disturb_the_others() {
    let unknown = json!({ "kty": "ML-DSA", "kid": "new", "pub": "x" });
    let secret = json!({ "kty": "oct", "kid": "secret", "k": "c2VjcmV0" });
    let others = json!([unknown, secret, {}, 1, null, [], { "kty": 1 }, key(json!({}))]);
    assert_eq!(refusal(others), None);
}

#[test]
fn a_key_of_an_unknown_type_is_named_where_the_token_asks_for_it() {
    for kty in ["oct", "ML-DSA", ""] {
        let keys = json!([key(json!({ "kty": kty }))]);
        assert_eq!(refusal(keys), Some(ErrorCode::KeyTypeUnsupported));
    }
    let curve = json!([key(json!({ "crv": "P-192" }))]);
    assert_eq!(refusal(curve), Some(ErrorCode::KeyTypeUnsupported));
}

#[test]
fn a_kid_that_stands_twice_is_ambiguous_where_both_keys_would_do() {
    let twice = json!([key(json!({})), key(json!({}))]);
    assert_eq!(refusal(twice), Some(ErrorCode::KeyAmbiguous));
    let rsa = keys().jwk(Algorithm::Rs256);
    let mut same_kid = rsa.clone();
    same_kid["kid"] = "p256".into();
    assert_eq!(refusal(json!([same_kid, key(json!({}))])), None);
}

#[test]
fn rfc_7517_4_5_without_kid_the_only_key_that_fits_is_used() {
    let header = r#"{"alg":"ES256"}"#;
    let token = signed(Algorithm::Es256, header, &claims(json!({})).to_string());
    let verify = |keys: Value| {
        let config = config(Some(&json!({ "keys": keys })));
        verify_token(config, &token, &Requirement::default())
    };
    let rsa = keys().jwk(Algorithm::Rs256);
    assert!(verify(json!([rsa, key(json!({}))])).is_ok());
    let two = json!([key(json!({})), key(json!({ "kid": "2" }))]);
    assert_eq!(code(verify(two)), ErrorCode::KeyAmbiguous);
    assert_eq!(code(verify(json!([rsa]))), ErrorCode::KeyUnknown);
}

#[test]
fn a_kid_that_nobody_publishes_is_unknown() {
    assert_eq!(refusal(json!([])), Some(ErrorCode::KeyUnknown));
    let other = json!([key(json!({ "kid": "other" }))]);
    assert_eq!(refusal(other), Some(ErrorCode::KeyUnknown));
}

#[test]
fn rfc_7517_4_2_to_4_4_a_key_for_something_else_is_refused() {
    for change in [
        json!({ "use": "enc" }),
        json!({ "use": 1 }),
        json!({ "key_ops": ["sign"] }),
        json!({ "key_ops": "verify" }),
        json!({ "alg": "ES384" }),
        json!({ "alg": "HS256" }),
    ] {
        let refused = refusal(json!([key(change.clone())]));
        assert_eq!(refused, Some(ErrorCode::KeyTypeMismatch), "{change}");
    }
    let meant = json!({ "use": "sig", "key_ops": ["verify"], "alg": "ES256" });
    assert_eq!(refusal(json!([key(meant)])), None);
}

#[test]
fn rfc_7518_6_2_1_a_malformed_key_is_refused() {
    for change in [
        json!({ "x": null }),
        json!({ "y": 1 }),
        json!({ "x": "" }),
        json!({ "x": base64url([1; 31]) }),
        json!({ "y": base64url([1; 33]) }),
        json!({ "x": format!("{}=", base64url([1; 32])) }),
        // Not a point of the curve.
        json!({ "x": base64url([1; 32]), "y": base64url([1; 32]) }),
    ] {
        let refused = refusal(json!([key(change.clone())]));
        assert_eq!(refused, Some(ErrorCode::KeyInvalid), "{change}");
    }
}

/// Whether a token may be checked by an RSA key with this change. The limits hold before a backend,
/// which may have others, sees the key.
fn examine_rsa(change: &Value) -> Result<(), ErrorCode> {
    let header = r#"{"alg":"RS256","kid":"rsa"}"#;
    let token = signed(Algorithm::Rs256, header, &claims(json!({})).to_string());
    let mut key = keys().jwk(Algorithm::Rs256);
    patch(&mut key, change);
    let examined = examine(&json!({ "keys": [key] }), &token);
    examined.map(|_| ()).map_err(|error| error.code())
}

/// A number of so many bits.
fn number(bits: usize) -> String {
    let mut bytes = vec![0xff; bits.div_ceil(8)];
    bytes[0] >>= bytes.len() * 8 - bits;
    base64url(bytes)
}

#[test]
fn rfc_7518_3_3_an_rsa_key_has_2048_bits_at_least_and_8192_at_most() {
    for bits in [2048, 8192] {
        assert_eq!(examine_rsa(&json!({ "n": number(bits) })), Ok(()), "{bits}");
    }
    for bits in [1024, 2040, 2047, 8193, 16384] {
        let examined = examine_rsa(&json!({ "n": number(bits) }));
        assert_eq!(examined, Err(ErrorCode::KeyInvalid), "{bits}");
    }
}

#[test]
fn rfc_8017_3_1_an_rsa_exponent_is_more_than_1() {
    for bits in [2, 17, 64] {
        assert_eq!(examine_rsa(&json!({ "e": number(bits) })), Ok(()), "{bits}");
    }
    for e in [number(1), number(65), base64url([0]), String::new()] {
        let examined = examine_rsa(&json!({ "e": e }));
        assert_eq!(examined, Err(ErrorCode::KeyInvalid), "{e}");
    }
}

#[test]
fn rfc_8017_3_1_an_rsa_exponent_and_an_rsa_modulus_are_odd() {
    let even = |length: usize| base64url([vec![0xff; length - 1], vec![0xfe]].concat());
    for change in [
        json!({ "n": even(256) }),
        json!({ "e": even(3) }),
        json!({ "e": base64url([2]) }),
        json!({ "e": base64url([1, 0, 0]) }),
    ] {
        let examined = examine_rsa(&change);
        assert_eq!(examined, Err(ErrorCode::KeyInvalid), "{change}");
    }
}

#[test]
fn rfc_7518_2_and_6_3_1_1_a_number_has_no_leading_zero() {
    let padded = |length: usize| base64url([vec![0], vec![0xff; length]].concat());
    for change in [
        json!({ "n": padded(255) }),
        json!({ "n": padded(256) }),
        json!({ "e": padded(3) }),
        // An exponent of 1.
        json!({ "e": base64url([0, 1]) }),
    ] {
        let examined = examine_rsa(&change);
        assert_eq!(examined, Err(ErrorCode::KeyInvalid), "{change}");
    }
}

#[test]
fn entra_a_key_s_issuer_is_the_token_s() {
    let foreign = json!([key(json!({ "issuer": "https://evil.example" }))]);
    assert_eq!(refusal(foreign), Some(ErrorCode::KeyIssuerMismatch));
    assert_eq!(refusal(json!([key(json!({ "issuer": ISSUER }))])), None);
}

#[test]
fn entra_a_key_whose_issuer_is_not_a_string_speaks_for_nobody() {
    for issuer in [json!(1), json!([ISSUER]), json!({}), json!(true)] {
        let key = key(json!({ "issuer": issuer }));
        assert_eq!(
            refusal(json!([key])),
            Some(ErrorCode::KeyInvalid),
            "{issuer}"
        );
    }
    let mut without_value = key(json!({}));
    without_value["issuer"] = Value::Null;
    let refused = refusal(json!([without_value]));
    assert_eq!(refused, Some(ErrorCode::KeyInvalid));
    let empty = json!([key(json!({ "issuer": "" }))]);
    assert_eq!(refusal(empty), Some(ErrorCode::KeyIssuerMismatch));
}

#[test]
fn what_is_no_key_set_is_refused() {
    let read = |jwks: &str| {
        let mut config = config(None);
        config.issuers[0].keys = KeysFrom::Jwks(jwks.into());
        edge::verifier(config)
    };
    for text in [
        "",
        "[]",
        "{}",
        r#"{"keys":1}"#,
        r#"{"keys":{}}"#,
        r#"{"keys":[]"#,
        "<html>",
    ] {
        assert_eq!(code(read(text)), ErrorCode::JwksInvalid, "{text}");
    }
    let long = format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(1 << 20));
    assert_eq!(code(read(&long)), ErrorCode::JwksInvalid);
}

#[test]
fn rfc_7517_4_4_a_key_whose_alg_is_no_string_is_skipped() {
    for alg in [json!(5), json!(["ES256"]), json!({}), json!(true)] {
        let mut key = keys().jwk(Algorithm::Es256);
        key["alg"] = alg;
        let examined = examine(&json!({ "keys": [key] }), &token(json!({})));
        let refused = examined.err().map(|error| error.code());
        assert_eq!(refused, Some(ErrorCode::KeyInvalid));
    }
}
