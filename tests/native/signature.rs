//! Access tokens whose form or signature is wrong: RFC 7515, RFC 7518, RFC 8037, RFC 8725.

use countersign::verifier::{
    Algorithm, Requirement, Scheme, TrustedIssuer, VerifierConfig, credentials,
};
use countersign::{ErrorCode, edge};
use serde_json::{Value, json};

use crate::host::code;
use crate::provider::{ISSUER, base64url, patch};
use crate::verification::{
    SECRET, check, check_by, claims, config, config_of_secret, examine, header, jwks, keys, signed,
    token, verify_token,
};

fn with_header(change: Value) -> String {
    let mut header = header(Algorithm::Es256);
    patch(&mut header, &change);
    signed(
        Algorithm::Es256,
        &header.to_string(),
        &claims(json!({})).to_string(),
    )
}

#[test]
fn rfc_7518_3_1_and_rfc_8037_every_algorithm_verifies() {
    for algorithm in Algorithm::ALL.iter().copied() {
        let header = header(algorithm).to_string();
        let token = signed(algorithm, &header, &claims(json!({})).to_string());
        let verified = check_by(algorithm, &token).unwrap();
        assert_eq!(verified.registered.issuer, "https://as.example");
        assert_eq!(verified.scopes, ["read", "write"]);
    }
}

#[test]
fn rfc_9864_ed25519_is_a_name_of_eddsa() {
    let header = json!({ "alg": "Ed25519", "kid": "ed25519" }).to_string();
    let token = signed(Algorithm::EdDsa, &header, &claims(json!({})).to_string());
    assert!(check(&token).is_ok());
}

#[test]
fn rfc_7515_5_2_a_changed_byte_makes_the_signature_wrong() {
    for algorithm in Algorithm::ALL.iter().copied() {
        let header = header(algorithm).to_string();
        let token = signed(algorithm, &header, &claims(json!({})).to_string());
        let other = signed(
            algorithm,
            &header,
            &claims(json!({ "sub": "bob" })).to_string(),
        );
        let (input, _) = token.rsplit_once('.').unwrap();
        let (_, signature) = other.rsplit_once('.').unwrap();
        let mixed = format!("{input}.{signature}");
        assert_eq!(
            code(check_by(algorithm, &mixed)),
            ErrorCode::SignatureInvalid,
            "{algorithm:?}"
        );
    }
}

#[test]
fn rfc_7515_5_2_no_character_of_a_token_can_be_changed() {
    let algorithm = Algorithm::EdDsa;
    let header = header(algorithm).to_string();
    let token = signed(algorithm, &header, &claims(json!({})).to_string());
    for (place, letter) in token.char_indices() {
        for other in ["A", "_", ".", "=", "\u{e9}"] {
            if !other.starts_with(letter) {
                let mut changed = token.clone();
                changed.replace_range(place..=place, other);
                assert!(check(&changed).is_err(), "{other} at {place}");
            }
        }
    }
}

#[test]
fn rfc_7518_3_4_a_signature_has_its_length() {
    for algorithm in Algorithm::ALL.iter().copied() {
        let header = header(algorithm).to_string();
        let token = signed(algorithm, &header, &claims(json!({})).to_string());
        let (input, _) = token.rsplit_once('.').unwrap();
        for length in [0, 1, 63, 65, 96, 257] {
            if algorithm.signature_length() != Some(length) {
                let token = format!("{input}.{}", base64url(vec![1; length]));
                assert_eq!(
                    code(check_by(algorithm, &token)),
                    ErrorCode::SignatureInvalid,
                    "{algorithm:?}"
                );
            }
        }
        let zeros = algorithm.signature_length().unwrap_or(256);
        let token = format!("{input}.{}", base64url(vec![0; zeros]));
        assert_eq!(
            code(check_by(algorithm, &token)),
            ErrorCode::SignatureInvalid,
            "{algorithm:?}"
        );
    }
}

#[test]
fn rfc_7518_3_4_a_signature_of_another_length_is_not_given_to_a_backend() {
    // Some hosts' crypto makes it an error of the call, which says nothing about the token.
    for algorithm in Algorithm::asymmetric() {
        let Some(length) = algorithm.signature_length() else {
            continue;
        };
        let header = header(algorithm).to_string();
        let token = signed(algorithm, &header, &claims(json!({})).to_string());
        let (input, _) = token.rsplit_once('.').unwrap();
        for other in [0, 1, length - 1, length, length + 1, 2 * length] {
            let token = format!("{input}.{}", base64url(vec![1; other]));
            let refused = examine(&jwks(), &token).err().map(|error| error.code());
            let expected = (other != length).then_some(ErrorCode::SignatureInvalid);
            assert_eq!(refused, expected, "{algorithm:?} {other}");
        }
    }
}

#[test]
fn rfc_8725_3_10_a_forged_token_is_told_nothing_but_that() {
    let expired = token(json!({ "exp": 1, "aud": "another" }));
    let (input, _) = expired.rsplit_once('.').unwrap();
    let forged = format!("{input}.{}", base64url([1; 64]));
    assert_eq!(code(check(&forged)), ErrorCode::SignatureInvalid);
    assert_eq!(code(check(&expired)), ErrorCode::TokenAudienceMismatch);
}

#[test]
fn rfc_8725_3_2_none_is_refused() {
    for alg in ["none", "None", "nOnE"] {
        let parts =
            [json!({ "alg": alg }), claims(json!({}))].map(|part| base64url(part.to_string()));
        assert_eq!(
            code(check(&format!("{}.{}.", parts[0], parts[1]))),
            ErrorCode::AlgorithmNone
        );
        assert_eq!(
            code(check(&with_header(json!({ "alg": alg })))),
            ErrorCode::AlgorithmNone
        );
    }
}

#[test]
fn rfc_8725_2_1_hmac_under_a_public_key_is_refused() {
    for alg in ["HS256", "HS384", "HS512"] {
        for kid in ["rsa", "p256", "ed25519"] {
            let token = with_header(json!({ "alg": alg, "kid": kid }));
            assert_eq!(code(check(&token)), ErrorCode::AlgorithmSymmetric);
        }
    }
}

#[test]
fn rfc_8725_2_1_a_public_key_is_none_to_a_verifier_by_secret() {
    for algorithm in Algorithm::asymmetric() {
        let header = header(algorithm).to_string();
        let token = signed(algorithm, &header, &claims(json!({})).to_string());
        let refused = check_by(Algorithm::Hs256, &token);
        assert_eq!(code(refused), ErrorCode::AlgorithmNotAllowed);
    }
    let refused = check_by(Algorithm::Hs256, &with_header(json!({ "alg": "none" })));
    assert_eq!(code(refused), ErrorCode::AlgorithmNone);
}

/// How a verifier with this configuration is refused, if it is.
fn refused_config(config: VerifierConfig) -> Option<String> {
    let refused = edge::verifier(config).err()?;
    assert_eq!(refused.code(), ErrorCode::InvalidOption);
    refused.detail().map(String::from)
}

#[test]
fn rfc_8725_2_1_a_secret_is_of_hmac_and_hmac_is_of_a_secret() {
    for algorithm in Algorithm::ALL.iter().copied() {
        let of_secret = refused_config(config_of_secret(algorithm, &SECRET));
        assert_eq!(of_secret.is_none(), algorithm.is_symmetric());
        let config = VerifierConfig {
            algorithms: vec![Algorithm::Rs256, algorithm],
            ..config(Some(&jwks()))
        };
        assert_eq!(refused_config(config).is_some(), algorithm.is_symmetric());
    }
}

#[test]
fn rfc_8725_3_1_each_issuer_has_its_own_algorithms() {
    let other = "https://other.example";
    let mut config = config(Some(&jwks()));
    let mut by_secret = config_of_secret(Algorithm::Hs256, &SECRET).issuers;
    by_secret[0].issuer = TrustedIssuer::new(other).unwrap();
    config.issuers.extend(by_secret);
    let verify = |algorithm: Algorithm, issuer: &str| {
        let claims = claims(json!({ "iss": issuer })).to_string();
        let token = signed(algorithm, &header(algorithm).to_string(), &claims);
        verify_token(config.clone(), &token, &Requirement::default())
    };
    assert!(verify(Algorithm::Es256, ISSUER).is_ok());
    assert!(verify(Algorithm::Hs256, other).is_ok());
    let refused = verify(Algorithm::Hs256, ISSUER);
    assert_eq!(code(refused), ErrorCode::AlgorithmSymmetric);
    for algorithm in [Algorithm::Es256, Algorithm::Hs512] {
        let refused = verify(algorithm, other);
        assert_eq!(code(refused), ErrorCode::AlgorithmNotAllowed);
    }
}

#[test]
fn rfc_7518_3_2_a_secret_is_as_long_as_the_hash() {
    for (algorithm, length) in [
        (Algorithm::Hs256, 32),
        (Algorithm::Hs384, 48),
        (Algorithm::Hs512, 64),
    ] {
        let of = |length| refused_config(config_of_secret(algorithm, &[1].repeat(length)));
        assert_eq!(of(length), None);
        for shorter in [0, 1, length - 1] {
            assert!(of(shorter).unwrap().starts_with("secret"));
        }
    }
}

#[test]
fn rfc_7515_4_1_4_a_secret_is_for_every_kid() {
    for header in [
        json!({ "alg": "HS256" }),
        json!({ "alg": "HS256", "kid": "any" }),
    ] {
        let payload = claims(json!({})).to_string();
        let token = signed(Algorithm::Hs256, &header.to_string(), &payload);
        assert!(check_by(Algorithm::Hs256, &token).is_ok());
        let refused = check_by(Algorithm::Hs384, &token);
        assert_eq!(code(refused), ErrorCode::AlgorithmNotAllowed);
    }
}

#[test]
fn rfc_8725_2_1_a_symmetric_key_of_a_set_is_never_used() {
    let set = json!({ "keys": [{ "kty": "oct", "kid": "p256", "k": base64url(SECRET) }] });
    let refused = verify_token(
        config(Some(&set)),
        &token(json!({})),
        &Requirement::default(),
    );
    assert_eq!(code(refused), ErrorCode::KeyTypeUnsupported);
    let hmac = signed(
        Algorithm::Hs256,
        r#"{"alg":"HS256","kid":"p256"}"#,
        &claims(json!({})).to_string(),
    );
    let refused = verify_token(config(Some(&set)), &hmac, &Requirement::default());
    assert_eq!(code(refused), ErrorCode::AlgorithmSymmetric);
}

#[test]
fn rfc_8812_3_1_either_of_two_right_signatures_is_right() {
    for (algorithm, order) in [
        (
            Algorithm::Es256,
            "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        ),
        (
            Algorithm::Es256K,
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        ),
    ] {
        let order = rsa::BigUint::parse_bytes(order.as_bytes(), 16).unwrap();
        let header = header(algorithm).to_string();
        let input = format!(
            "{}.{}",
            base64url(header),
            base64url(claims(json!({})).to_string())
        );
        let signature = keys().sign(algorithm, input.as_bytes());
        let (r, s) = signature.split_at(32);
        let other = (order - rsa::BigUint::from_bytes_be(s)).to_bytes_be();
        let padded = [r, &[0].repeat(32 - other.len()), &other].concat();
        for signature in [&signature, &padded] {
            assert!(
                check(&format!("{input}.{}", base64url(signature))).is_ok(),
                "{algorithm:?}"
            );
        }
    }
}

#[test]
fn an_error_names_an_algorithm_that_looks_like_one() {
    let detail = |alg: &str| {
        let error = check(&with_header(json!({ "alg": alg }))).err().unwrap();
        assert_eq!(error.code(), ErrorCode::AlgorithmNotAllowed, "{alg}");
        error.detail().map(String::from)
    };
    for alg in ["RS1", "ML-DSA-44", "RSA-OAEP", "es256"] {
        assert_eq!(detail(alg).as_deref(), Some(alg));
    }
    for alg in [
        "ES256\r\nforged line",
        "\u{1b}[31m",
        "\u{202e}",
        "",
        &"A".repeat(33),
    ] {
        assert_eq!(detail(alg), None);
    }
}

#[test]
fn rfc_8725_3_1_an_algorithm_is_admitted_or_refused() {
    for alg in ["RS1", "ES521", "es256", "", "RSA-OAEP"] {
        let token = with_header(json!({ "alg": alg }));
        assert_eq!(code(check(&token)), ErrorCode::AlgorithmNotAllowed, "{alg}");
    }
    let mut config = config(Some(&jwks()));
    config.algorithms = vec![Algorithm::Rs256];
    let refused = verify_token(config, &token(json!({})), &Requirement::default());
    assert_eq!(code(refused), ErrorCode::AlgorithmNotAllowed);
}

#[test]
fn rfc_8725_3_1_a_key_of_another_type_is_refused() {
    for (alg, kid) in [
        (Algorithm::Es256, "rsa"),
        (Algorithm::Es256, "p384"),
        (Algorithm::Es384, "p256"),
        (Algorithm::Es512, "p384"),
        (Algorithm::Es256K, "p256"),
        (Algorithm::Es256, "k256"),
        (Algorithm::EdDsa, "p256"),
        (Algorithm::Rs256, "ed25519"),
    ] {
        let header = json!({ "alg": alg.as_str(), "kid": kid }).to_string();
        let token = signed(alg, &header, &claims(json!({})).to_string());
        assert_eq!(
            code(check(&token)),
            ErrorCode::KeyTypeMismatch,
            "{alg:?} {kid}"
        );
    }
}

#[test]
fn rfc_8725_3_10_a_key_that_the_token_brings_is_not_used() {
    let own =
        json!({ "kid": "own", "jwk": keys().jwk(Algorithm::Es256), "jku": "https://evil.example" });
    assert_eq!(code(check(&with_header(own))), ErrorCode::KeyUnknown);
}

#[test]
fn rfc_7515_4_1_11_crit_is_refused() {
    for crit in [
        json!(["b64"]),
        json!(["exp"]),
        json!([]),
        json!("x"),
        json!(1),
        json!([1]),
    ] {
        let token = with_header(json!({ "crit": crit, "b64": false }));
        assert_eq!(
            code(check(&token)),
            ErrorCode::CriticalHeaderUnknown,
            "{crit}"
        );
    }
}

#[test]
fn rfc_7515_4_a_header_member_stands_once() {
    for header in [
        r#"{"alg":"ES256","alg":"ES256","kid":"p256"}"#,
        r#"{"alg":"ES256","kid":"p256","kid":"rsa"}"#,
        r#"{"alg":"ES256","\u0061lg":"none","kid":"p256"}"#,
    ] {
        let token = signed(Algorithm::Es256, header, &claims(json!({})).to_string());
        assert_eq!(code(check(&token)), ErrorCode::TokenMemberDuplicate);
    }
}

#[test]
fn rfc_7519_4_a_claim_stands_once() {
    let payload = claims(json!({}))
        .to_string()
        .replacen('{', r#"{"aud":"x","#, 1);
    let token = signed(
        Algorithm::Es256,
        &header(Algorithm::Es256).to_string(),
        &payload,
    );
    assert_eq!(code(check(&token)), ErrorCode::TokenMemberDuplicate);
}

#[test]
fn rfc_7515_2_the_encoding_is_canonical() {
    let good = token(json!({}));
    for bad in [
        good.replacen('.', "=.", 1),
        format!("{good}="),
        format!("{good} "),
        format!("\n{good}"),
        good.replacen("eyJ", "ey+", 1),
    ] {
        assert_eq!(code(check(&bad)), ErrorCode::TokenEncodingInvalid);
    }
    // The last letter of 64 bytes has four bits to spare.
    let mut spare = good.clone();
    let last = spare.pop().unwrap();
    spare.push(if last == 'A' {
        'B'
    } else {
        char::from(last as u8 + 1)
    });
    assert_eq!(code(check(&spare)), ErrorCode::TokenEncodingInvalid);
}

#[test]
fn rfc_7515_7_1_a_token_has_three_parts() {
    for bad in ["", ".", "a.b", "a.b.c.d", "{}", "token"] {
        assert_eq!(code(check(bad)), ErrorCode::TokenMalformed, "{bad}");
    }
    for bad in ["..", "e30..", "W10.e30.", "bnVsbA.e30.c2ln"] {
        assert_eq!(code(check(bad)), ErrorCode::TokenJsonInvalid, "{bad}");
    }
}

#[test]
fn a_token_of_a_megabyte_is_not_looked_at() {
    let good = token(json!({}));
    for bad in [
        "a".repeat(1 << 20),
        ".".repeat(1 << 20),
        format!("{good}{}", "A".repeat(1 << 20)),
    ] {
        assert_eq!(code(check(&bad)), ErrorCode::TokenTooLarge);
    }
    let long = token(json!({ "groups": "g".repeat(40_000) }));
    assert!(
        check(&long).is_ok(),
        "a token with many groups is not too large"
    );
}

#[test]
fn json_that_is_deep_costs_no_stack_and_json_that_is_wide_is_refused() {
    let sign = |payload: &str| {
        let header = header(Algorithm::Es256).to_string();
        signed(Algorithm::Es256, &header, payload)
    };
    let good = claims(json!({})).to_string();
    let deep = format!("{{\"x\":{}{},", "[".repeat(20_000), "]".repeat(20_000));
    assert!(
        check(&sign(&good.replacen('{', &deep, 1))).is_ok(),
        "nobody looks into it"
    );
    let wide: String = (0..600).map(|name| format!("\"{name}\":1,")).collect();
    let wide = good.replacen('{', &format!("{{{wide}"), 1);
    assert_eq!(code(check(&sign(&wide))), ErrorCode::TokenMembersExceeded);
}

#[test]
fn rfc_6750_2_1_the_authorization_header_is_read() {
    for header in ["Bearer abc", "bearer abc", "BEARER  abc "] {
        let bearer = (Scheme::Bearer, "abc");
        assert_eq!(credentials(Some(header)).unwrap(), bearer, "{header}");
    }
    for header in ["DPoP abc", "dpop abc"] {
        let dpop = (Scheme::Dpop, "abc");
        assert_eq!(credentials(Some(header)).unwrap(), dpop, "{header}");
    }
    for header in [None, Some(""), Some("Basic YTpi"), Some("Bearerabc")] {
        assert_eq!(
            code(credentials(header)),
            ErrorCode::CredentialsMissing,
            "{header:?}"
        );
    }
    for header in [
        "Bearer",
        "Bearer ",
        "DPoP",
        "Bearer a b",
        "Bearer a,b",
        "Bearer \u{e9}",
        "Bearer a\"b",
    ] {
        assert_eq!(
            code(credentials(Some(header))),
            ErrorCode::CredentialsMalformed,
            "{header}"
        );
    }
}
