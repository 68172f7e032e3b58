//! ID tokens that must not be believed: OpenID Connect Core 1.0 section 3.1.3.7.

use countersign::ErrorCode;
use countersign::page::ClientConfig;
use serde_json::{Value, json};

use crate::authorization_response::sign_in_fails;
use crate::host::{Host, client_of, config, new_client};
use crate::provider::{CLIENT, ISSUER, START, base64url, jws};

fn fails_with_claims(claims: Value, expected: ErrorCode) {
    sign_in_fails(|host, _| host.provider.claims = claims, expected);
}

fn fails_with_header(header: Value, expected: ErrorCode) {
    sign_in_fails(|host, _| host.provider.header = header, expected);
}

fn fails_rewritten(rewrite: fn(String) -> String, expected: ErrorCode) {
    sign_in_fails(|host, _| host.provider.rewrite_id_token = rewrite, expected);
}

fn is_good_with_claims(claims: Value) {
    let (mut host, client) = (Host::new(), new_client());
    host.provider.claims = claims.clone();
    assert!(host.sign_in(&client).is_ok(), "{claims}");
}

#[test]
fn step_2_the_issuer_is_the_provider() {
    for iss in [
        "https://evil.example",
        "https://as.example/",
        "HTTPS://as.example",
    ] {
        fails_with_claims(json!({ "iss": iss }), ErrorCode::TokenIssuerMismatch);
    }
    fails_with_claims(json!({ "iss": null }), ErrorCode::TokenClaimInvalid);
    fails_with_claims(json!({ "iss": [ISSUER] }), ErrorCode::TokenClaimInvalid);
}

#[test]
fn step_3_the_audience_is_this_client_and_nobody_else() {
    let mismatch = ErrorCode::TokenAudienceMismatch;
    fails_with_claims(json!({ "aud": "another" }), mismatch);
    fails_with_claims(json!({ "aud": [] }), mismatch);
    fails_with_claims(json!({ "aud": [CLIENT, "another"] }), mismatch);
    fails_with_claims(
        json!({ "aud": [CLIENT, "another"], "azp": CLIENT }),
        mismatch,
    );
    fails_with_claims(json!({ "aud": null }), ErrorCode::TokenClaimInvalid);
    fails_with_claims(json!({ "aud": 1 }), ErrorCode::TokenClaimInvalid);
    is_good_with_claims(json!({ "aud": [CLIENT] }));
}

#[test]
fn step_3_an_audience_besides_the_client_can_be_trusted() {
    let aud = json!([CLIENT, "project", "api"]);
    let sign_in = |trusted: &str| {
        let mut host = Host::new();
        host.provider.claims = json!({ "aud": aud });
        host.provider.refreshes_id_token = true;
        let client = client_of(ClientConfig {
            trusted_audiences: trusted.into(),
            ..config()
        });
        host.sign_in(&client).map(|_| (host, client))
    };
    for trusted in ["", "project", "api", "pro ject api", "projectapi"] {
        let error = sign_in(trusted).map(|_| ()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::TokenAudienceMismatch, "{trusted}");
    }
    let (mut host, client) = sign_in("api project").unwrap();
    host.now += 3700.0;
    assert!(
        host.get_token(&client).is_ok(),
        "the refreshed ID token too"
    );
}

#[test]
fn steps_4_and_5_the_authorized_party_is_this_client() {
    fails_with_claims(
        json!({ "azp": "another" }),
        ErrorCode::AuthorizedPartyMismatch,
    );
    fails_with_claims(json!({ "azp": 1 }), ErrorCode::TokenClaimInvalid);
    is_good_with_claims(json!({ "azp": CLIENT }));
}

#[test]
fn step_7_an_algorithm_that_signs_nothing_is_refused() {
    for alg in ["none", "None", "NONE"] {
        fails_with_header(json!({ "alg": alg }), ErrorCode::AlgorithmNone);
    }
    // Nobody checks the signature, so it does not matter which public key made it.
    for alg in ["RS512", "ES512", "ML-DSA-44"] {
        let (mut host, client) = (Host::new(), new_client());
        host.provider.header = json!({ "alg": alg });
        assert!(host.sign_in(&client).is_ok(), "{alg}");
    }
    fails_with_header(json!({ "alg": null }), ErrorCode::TokenJsonInvalid);
}

#[test]
fn step_8_a_shared_secret_is_refused() {
    for alg in ["HS256", "HS384", "HS512"] {
        fails_with_header(json!({ "alg": alg }), ErrorCode::AlgorithmSymmetric);
    }
}

#[test]
fn step_9_the_token_has_not_expired() {
    fails_with_claims(json!({ "exp": START - 60.0 }), ErrorCode::TokenExpired);
    fails_with_claims(json!({ "exp": null }), ErrorCode::TokenClaimInvalid);
    fails_with_claims(json!({ "exp": "2000000000" }), ErrorCode::TokenClaimInvalid);
    is_good_with_claims(json!({ "exp": START - 59.0 }));
}

#[test]
fn rfc_7519_4_1_5_the_token_has_begun() {
    fails_with_claims(json!({ "nbf": START + 61.0 }), ErrorCode::TokenNotYetValid);
    fails_with_claims(json!({ "nbf": "x" }), ErrorCode::TokenClaimInvalid);
    is_good_with_claims(json!({ "nbf": START + 60.0 }));
}

#[test]
fn step_10_iat_is_required() {
    fails_with_claims(json!({ "iat": null }), ErrorCode::TokenClaimInvalid);
    fails_with_claims(json!({ "iat": "now" }), ErrorCode::TokenClaimInvalid);
}

#[test]
fn step_11_the_nonce_is_that_of_the_request() {
    fails_with_claims(json!({ "nonce": "another" }), ErrorCode::NonceMismatch);
    fails_with_claims(json!({ "nonce": null }), ErrorCode::NonceMismatch);
    fails_with_claims(json!({ "nonce": "" }), ErrorCode::NonceMismatch);
    fails_with_claims(json!({ "nonce": 1 }), ErrorCode::TokenClaimInvalid);
}

#[test]
fn section_2_the_subject_is_required() {
    fails_with_claims(json!({ "sub": null }), ErrorCode::TokenClaimInvalid);
    fails_with_claims(json!({ "sub": 7 }), ErrorCode::TokenClaimInvalid);
    fails_with_claims(json!({ "sub": "" }), ErrorCode::TokenClaimInvalid);
}

#[test]
fn rfc_7515_4_1_11_an_extension_that_is_not_understood_is_refused() {
    let unknown = ErrorCode::CriticalHeaderUnknown;
    for crit in [
        json!(["exp"]),
        json!(["b64"]),
        json!([]),
        json!("exp"),
        json!([1]),
    ] {
        fails_with_header(json!({ "crit": crit }), unknown);
    }
}

#[test]
fn rfc_7515_2_the_encoding_is_canonical() {
    let invalid = ErrorCode::TokenEncodingInvalid;
    // Padding, a foreign character, left-over bits.
    fails_rewritten(|token| token.replacen('.', "=.", 1), invalid);
    fails_rewritten(|token| token.replacen('.', "+.", 1), invalid);
    fails_rewritten(|token| token.replacen('e', "\n", 1), invalid);
    fails_rewritten(
        |_| format!("{}.e30.c2ln", left_over(r#"{"alg":"RS256"}"#)),
        invalid,
    );
}

/// A text of 16 bytes in base64url, whose last letter has a bit that belongs to no byte.
fn left_over(text: &str) -> String {
    let mut encoded = base64url(format!("{text:16}"));
    let last = encoded.pop().unwrap();
    encoded.push(char::from(last as u8 + 1));
    encoded
}

#[test]
fn rfc_7515_7_1_the_serialization_has_three_parts() {
    let malformed = ErrorCode::TokenMalformed;
    for rewrite in [
        (|_| "a.b".into()) as fn(String) -> String,
        |token| token + ".x",
        |_| "a.b.c.d.e".into(),
        |_| "{\"payload\":\"\"}".into(),
    ] {
        fails_rewritten(rewrite, malformed);
    }
}

#[test]
fn a_token_of_a_megabyte_is_not_looked_at() {
    fails_rewritten(|_| "a".repeat(1 << 20), ErrorCode::TokenTooLarge);
    fails_rewritten(
        |token| token + &"A".repeat(1 << 20),
        ErrorCode::TokenTooLarge,
    );
}

#[test]
fn rfc_7515_4_and_rfc_7519_4_a_member_stands_once() {
    let duplicate = ErrorCode::TokenMemberDuplicate;
    fails_rewritten(|_| jws(r#"{"alg":"RS256","alg":"none"}"#, "{}"), duplicate);
    let twice: fn(String) -> String =
        |_| jws(r#"{"alg":"RS256"}"#, r#"{"sub":"alice","sub":"mallory"}"#);
    fails_rewritten(twice, duplicate);
}

#[test]
fn rfc_7515_5_2_the_parts_are_json_objects() {
    for rewrite in [
        (|_| jws("", "{}")) as fn(String) -> String,
        |_| jws("[]", "{}"),
        |_| jws(r#"{"alg":"RS256"}"#, "text"),
        |_| jws(r#"{"alg":"RS256"}"#, "null"),
        |_| jws(r#"{"alg":1}"#, "{}"),
        |_| {
            format!(
                "{}.{}.",
                base64url(r#"{"alg":"RS256"}"#),
                base64url([0xff, 0xfe])
            )
        },
    ] {
        fails_rewritten(rewrite, ErrorCode::TokenJsonInvalid);
    }
}
