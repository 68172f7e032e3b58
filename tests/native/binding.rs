//! Tokens that are bound to a key: RFC 7800, RFC 8705 section 3, RFC 9449 section 7.

use countersign::verifier::{Presented, Requirement, Terms, VerifierConfig};
use countersign::{AuthError, ErrorCode, UnixTime};
use serde_json::{Value, json};

use crate::host::code;
use crate::provider::START;
use crate::verification::{check, config, jwks, new_verifier, token};

const KEY: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
const CERTIFICATE: &str = "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2";

fn present(
    cnf: &Value,
    presented: Presented<'_>,
    configure: impl FnOnce(&mut VerifierConfig),
) -> Result<(), AuthError> {
    let mut config = config(Some(&jwks()));
    configure(&mut config);
    let (verifier, token) = (new_verifier(config), token(json!({ "cnf": cnf })));
    let now = UnixTime::from_seconds(START).unwrap();
    let awaiting = verifier.examine_now(token.as_bytes(), now).unwrap();
    let requirement = Requirement::default();
    let terms = Terms {
        presented,
        ..Terms::from(&requirement)
    };
    let decision = awaiting.conclude(true, &terms, now, &mut Vec::new())?;
    decision.accepted().map(|_| ())
}

fn dpop(key: &str) -> Presented<'_> {
    Presented {
        dpop_key: Some(key),
        ..Presented::default()
    }
}

fn certificate(thumbprint: &str) -> Presented<'_> {
    Presented {
        certificate: Some(thumbprint),
        ..Presented::default()
    }
}

#[test]
fn rfc_9449_7_2_a_bound_token_is_no_bearer_token() {
    let bound = json!({ "jkt": KEY });
    assert_eq!(
        code(check(&token(json!({ "cnf": bound })))),
        ErrorCode::ProofMissing
    );
    for presented in [Presented::default(), certificate(CERTIFICATE)] {
        assert_eq!(
            code(present(&bound, presented, |_| {})),
            ErrorCode::ProofMissing
        );
    }
    assert!(present(&bound, dpop(KEY), |_| {}).is_ok());
    assert_eq!(
        code(present(&bound, dpop(CERTIFICATE), |_| {})),
        ErrorCode::ProofKeyMismatch
    );
}

#[test]
fn rfc_9449_7_1_a_proof_needs_a_token_that_is_bound() {
    let unbound = |presented, configure: fn(&mut VerifierConfig)| {
        present(&Value::Null, presented, configure).map_err(|error| error.code())
    };
    assert_eq!(unbound(Presented::default(), |_| {}), Ok(()));
    let refused = Err(ErrorCode::TokenUnbound);
    assert_eq!(unbound(dpop(KEY), |_| {}), refused);
    let require: fn(&mut VerifierConfig) = |config| config.dpop.is_required = true;
    assert_eq!(unbound(Presented::default(), require), refused);
}

#[test]
fn rfc_8705_3_the_certificate_is_that_of_the_token() {
    let bound = json!({ "x5t#S256": CERTIFICATE });
    for presented in [Presented::default(), certificate(KEY), certificate("")] {
        assert_eq!(
            code(present(&bound, presented, |_| {})),
            ErrorCode::CertificateMismatch
        );
    }
    assert!(present(&bound, certificate(CERTIFICATE), |_| {}).is_ok());
    // The connection of any client may have a certificate.
    assert!(present(&Value::Null, certificate(CERTIFICATE), |_| {}).is_ok());
}

#[test]
fn rfc_7800_3_1_a_token_that_is_bound_to_both_needs_both() {
    let bound = json!({ "jkt": KEY, "x5t#S256": CERTIFICATE });
    let both = Presented {
        dpop_key: Some(KEY),
        certificate: Some(CERTIFICATE),
    };
    assert!(present(&bound, both, |_| {}).is_ok());
    assert_eq!(
        code(present(&bound, dpop(KEY), |_| {})),
        ErrorCode::CertificateMismatch
    );
    assert_eq!(
        code(present(&bound, certificate(CERTIFICATE), |_| {})),
        ErrorCode::ProofMissing
    );
}

#[test]
fn rfc_7800_3_1_a_key_that_nothing_proves_is_refused() {
    for cnf in [
        json!({}),
        json!({ "jwk": { "kty": "EC" } }),
        json!({ "jwe": "e30" }),
        json!({ "kid": "1" }),
        json!({ "jku": "https://keys.example", "kid": "1" }),
        json!({ "jkt": KEY, "jwk": {} }),
        json!({ "x5t#S256": CERTIFICATE, "kid": "1" }),
        json!({ "osc": {} }),
    ] {
        let both = Presented {
            dpop_key: Some(KEY),
            certificate: Some(CERTIFICATE),
        };
        for presented in [Presented::default(), both] {
            assert_eq!(
                code(present(&cnf, presented, |_| {})),
                ErrorCode::BindingUnsupported,
                "{cnf}"
            );
        }
    }
}

#[test]
fn rfc_7800_3_1_a_malformed_confirmation_is_no_bearer_token() {
    for cnf in [
        json!(1),
        json!("jkt"),
        json!([]),
        json!({ "jkt": 1 }),
        json!({ "jkt": null }),
        json!({ "jkt": [KEY] }),
        json!({ "jkt": KEY, "x5t#S256": null }),
        json!({ "x5t#S256": {} }),
    ] {
        for presented in [Presented::default(), dpop(KEY)] {
            assert_eq!(
                code(present(&cnf, presented, |_| {})),
                ErrorCode::TokenClaimInvalid,
                "{cnf}"
            );
        }
    }
}
