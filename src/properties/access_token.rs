//! Access tokens with a real signature, by Ed25519: RFC 7515 section 5.2, RFC 7519 section 4.1.

use ed25519_dalek::{Signer, SigningKey};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::holds;
use super::input::{Alteration, Claims, ISSUER, NOW, base64url, compact};
use crate::core::error::ErrorCode;
use crate::core::shared::Shared;
use crate::core::time::UnixTime;
use crate::core::verifier::{KeysFrom, Requirement, Verifier, VerifierConfig};
use crate::edge;

fn verifier(key: &SigningKey) -> Shared<Verifier> {
    let x = base64url(key.verifying_key());
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
    let mut config = VerifierConfig::new(ISSUER, "api").unwrap();
    config.issuers[0].keys = KeysFrom::Jwks(json!({ "keys": [jwk] }).to_string());
    edge::verifier(config).unwrap()
}

/// A token's signing input, and its signature after the second dot.
fn signed(key: &SigningKey, payload: &str) -> (String, String) {
    let input = compact(&[r#"{"alg":"EdDSA"}"#, payload]);
    let signature = base64url(key.sign(input.as_bytes()).to_bytes());
    (input, signature)
}

/// The error, if the token is refused.
fn refusal(verifier: &Verifier, token: &str) -> Option<ErrorCode> {
    let now = UnixTime::from_seconds(NOW).unwrap();
    let verified = edge::verify_token(verifier, token, &Requirement::default(), now);
    verified.err().map(|error| error.code())
}

#[test]
fn rfc_7515_5_2_no_altered_token_is_accepted() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let verifier = verifier(&key);
    let alterations = prop_oneof![
        vec(Alteration::with("[A-Za-z0-9_-]{0,2}"), 0..3),
        vec(Alteration::with("[AZaz09_.=+/ \u{e9}-]{0,2}"), 1..3),
    ];
    let subjects = (".{0,3}", ".{0,3}");
    holds(
        (subjects, alterations),
        |((subject, other), alterations)| {
            let sign = |subject| {
                let exp = NOW + 600.0;
                let payload = json!({ "iss": ISSUER, "aud": "api", "exp": exp, "sub": subject });
                signed(&key, &payload.to_string())
            };
            let ((input, signature), (_, other)) = (sign(subject), sign(other));
            let good = format!("{input}.{signature}");
            prop_assert_eq!(refusal(&verifier, &good), None);
            // Under another token's signature, and with changes anywhere.
            for mut token in [good.clone(), format!("{input}.{other}")] {
                for alteration in &alterations {
                    token = alteration.of(&token);
                }
                prop_assert_eq!(refusal(&verifier, &token).is_none(), token == good);
            }
            Ok(())
        },
    );
}

#[test]
fn rfc_7519_4_1_a_token_is_accepted_if_its_signature_and_every_claim_are_right() {
    let claims = Claims::with([
        (
            "iss",
            json!([ISSUER]),
            json!(["https://as.example/", [ISSUER], null]),
        ),
        (
            "aud",
            json!(["api", ["spa", "api"]]),
            json!(["spa", ["spa"], [], 1, null]),
        ),
        (
            "exp",
            json!([NOW + 600.0, NOW - 59.0, 1e300]),
            json!([NOW - 60.0, -1, "9999999999", null]),
        ),
        (
            "nbf",
            json!([null, NOW + 60.0, 0]),
            json!([NOW + 61.0, "0"]),
        ),
        (
            "scope",
            json!([null, "a b", ["a", "b"], ""]),
            json!([1, [1], {}]),
        ),
    ]);
    let [key, forger] = [[7; 32], [8; 32]].map(|secret| SigningKey::from_bytes(&secret));
    let verifier = verifier(&key);
    holds((claims, any::<bool>()), |(claims, is_forged)| {
        let signer = if is_forged { &forger } else { &key };
        let (input, signature) = signed(signer, &claims.payload);
        let refusal = refusal(&verifier, &format!("{input}.{signature}"));
        if is_forged {
            // The forger is not told what is wrong with the claims.
            prop_assert_eq!(refusal, Some(ErrorCode::SignatureInvalid));
        } else {
            prop_assert_ne!(refusal, Some(ErrorCode::SignatureInvalid));
            prop_assert_eq!(refusal.is_none(), claims.wrong.is_none(), "{:?}", refusal);
        }
        Ok(())
    });
}
