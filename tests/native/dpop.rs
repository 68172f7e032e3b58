//! DPoP at a resource: RFC 9449.

use countersign::verifier::{
    Algorithm, ProofClaims, ProofRequest, VerifiedProof, Verifier, token_hash,
};
use countersign::{AuthError, ErrorCode, Secret, Shared, UnixTime, edge};
use serde_json::{Value, json};

use crate::host::code;
use crate::provider::{START, patch};
use crate::verification::{config, jwks, keys, new_verifier, signed};

const URL: &str = "https://api.example/notes";
const TOKEN: &str = "a.b.c";

fn at(seconds: f64) -> UnixTime {
    UnixTime::from_seconds(seconds).unwrap()
}

fn verifier() -> Shared<Verifier> {
    new_verifier(config(Some(&jwks())))
}

fn request() -> ProofRequest<'static> {
    ProofRequest {
        method: "GET",
        url: URL,
        token: TOKEN,
    }
}

fn claims() -> Value {
    json!({ "jti": "1", "htm": "GET", "htu": URL, "iat": START, "ath": token_hash(TOKEN) })
}

fn header(algorithm: Algorithm) -> Value {
    json!({ "typ": "dpop+jwt", "alg": algorithm.as_str(), "jwk": keys().jwk(algorithm) })
}

/// A proof with changes in its header and claims.
fn proof(in_header: Value, in_claims: Value) -> String {
    let (mut header, mut claims) = (header(Algorithm::Es256), claims());
    patch(&mut header, &in_header);
    patch(&mut claims, &in_claims);
    signed(Algorithm::Es256, &header.to_string(), &claims.to_string())
}

fn verify(
    verifier: &Verifier,
    proof: &str,
    request: ProofRequest<'_>,
    now: f64,
) -> Result<VerifiedProof, AuthError> {
    let awaiting = verifier.examine_proof(proof.as_bytes(), request, at(now))?;
    let (key, input) = (awaiting.key(), awaiting.signing_input());
    let signature = awaiting.signature();
    let is_right = edge::verify_signature(awaiting.algorithm(), key, input, signature)?;
    awaiting.conclude(is_right)
}

/// The change of a header whose key has changes.
fn jwk(change: Value) -> Value {
    let mut jwk = keys().jwk(Algorithm::Es256);
    patch(&mut jwk, &change);
    json!({ "jwk": jwk })
}

/// What is wrong with a proof.
fn fault(proof: &str) -> String {
    let error = verify(&verifier(), proof, request(), START).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ProofInvalid);
    error.detail().unwrap().into()
}

#[test]
fn rfc_9449_7_1_its_own_example_is_accepted() {
    let header = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
    let claims = "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9";
    let signature =
        "2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
    let request = ProofRequest {
        method: "GET",
        url: "https://resource.example.org/protectedresource",
        token: "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU",
    };
    let proof = format!("{header}.{claims}.{signature}");
    let verified = verify(&verifier(), &proof, request, 1_562_262_618.0).unwrap();
    // Section 6.1.
    assert_eq!(verified.key, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
}

#[test]
fn rfc_9449_4_2_a_proof_that_a_client_makes_is_accepted_by_each_algorithm() {
    for algorithm in Algorithm::asymmetric() {
        let claims = ProofClaims {
            id: "\"1\"".into(),
            method: "GET".into(),
            url: format!("{URL}?page=1#end"),
            issued_at: at(START),
            token_hash: Some(token_hash(TOKEN)),
            nonce: None,
        };
        let input = claims.signing_input(algorithm, &keys().jwk(algorithm).to_string());
        let signature = keys().sign(algorithm, input.as_bytes());
        let proof = format!("{input}.{}", crate::provider::base64url(signature));
        let verified = verify(&verifier(), &proof, request(), START);
        assert!(verified.is_ok(), "{algorithm:?} {verified:?}");
    }
}

#[test]
fn rfc_7638_3_1_its_own_example_has_this_thumbprint() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let jwk = json!({ "kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29" });
    let header = json!({ "typ": "dpop+jwt", "alg": "RS256", "jwk": jwk });
    let proof = signed(Algorithm::Rs256, &header.to_string(), &claims().to_string());
    let awaiting = verifier().examine_proof(proof.as_bytes(), request(), at(START));
    let verified = awaiting.unwrap().conclude(true).unwrap();
    assert_eq!(verified.key, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn rfc_9449_4_3_each_check_of_the_header() {
    let secret = json!({ "alg": "HS256", "jwk": { "kty": "oct", "k": "AQAB" } });
    for (change, expected) in [
        (json!({ "typ": "JWT" }), "typ"),
        (json!({ "typ": null }), "typ"),
        (json!({ "alg": "none" }), "alg"),
        (json!({ "alg": "HS256" }), "alg"),
        (json!({ "alg": null }), "alg"),
        (json!({ "alg": "RS256" }), "jwk"),
        (json!({ "jwk": null }), "jwk"),
        (json!({ "jwk": "key" }), "jwk"),
        (jwk(json!({ "x": "AA" })), "jwk"),
        (jwk(json!({ "use": "enc" })), "jwk"),
        (jwk(json!({ "alg": "ES384" })), "jwk"),
        (json!({ "crit": ["exp"] }), "crit"),
        (jwk(json!({ "d": "AQAB" })), "jwk"),
        (jwk(json!({ "k": "AQAB" })), "jwk"),
        (secret, "alg"),
    ] {
        assert_eq!(
            fault(&proof(change.clone(), json!({}))),
            expected,
            "{change}"
        );
    }
    for typ in ["dpop+jwt", "DPoP+JWT", "application/dpop+jwt"] {
        let proof = proof(json!({ "typ": typ }), json!({}));
        assert!(
            verify(&verifier(), &proof, request(), START).is_ok(),
            "{typ}"
        );
    }
}

#[test]
fn rfc_9449_4_3_each_check_of_the_claims() {
    for (change, expected) in [
        (json!({ "jti": null }), "jti"),
        (json!({ "jti": "" }), "jti"),
        (json!({ "jti": 1 }), "jti"),
        (json!({ "htm": "POST" }), "htm"),
        (json!({ "htm": "get" }), "htm"),
        (json!({ "htm": null }), "htm"),
        (json!({ "htu": "https://api.example/other" }), "htu"),
        (json!({ "htu": "http://api.example/notes" }), "htu"),
        (
            json!({ "htu": "https://api.example.evil.example/notes" }),
            "htu",
        ),
        (
            json!({ "htu": "https://api.example@evil.example/notes" }),
            "htu",
        ),
        (json!({ "htu": "/notes" }), "htu"),
        (json!({ "htu": null }), "htu"),
        (json!({ "iat": null }), "iat"),
        (json!({ "iat": "now" }), "iat"),
        (json!({ "ath": null }), "ath"),
        (json!({ "ath": token_hash("another") }), "ath"),
        (json!({ "nonce": 1 }), "nonce"),
    ] {
        assert_eq!(
            fault(&proof(json!({}), change.clone())),
            expected,
            "{change}"
        );
    }
    // Section 4.3, step 9: without query and fragment.
    for url in [
        "https://api.example/notes?page=1",
        "HTTPS://API.example:443/notes#x",
    ] {
        let proof = proof(json!({}), json!({ "htu": url }));
        assert!(
            verify(&verifier(), &proof, request(), START).is_ok(),
            "{url}"
        );
    }
}

#[test]
fn rfc_9449_4_3_a_proof_is_one_well_formed_jwt_with_a_right_signature() {
    let good = proof(json!({}), json!({}));
    assert!(verify(&verifier(), &good, request(), START).is_ok());
    for (text, expected) in [
        (format!("{good}, {good}"), "form"),
        (format!("{good}="), "form"),
        ("x".into(), "form"),
        (String::new(), "form"),
        (
            format!("{}.", good.rsplit_once('.').unwrap().0),
            "signature",
        ),
        (
            format!("{}AAAA", good.split_at(good.len() - 4).0),
            "signature",
        ),
        ("x".repeat(8 * 1024 + 1), "length"),
    ] {
        assert_eq!(fault(&text), expected, "{text}");
    }
    let twice = signed(
        Algorithm::Es256,
        &header(Algorithm::Es256).to_string(),
        &claims().to_string().replacen('{', "{\"htm\":\"GET\",", 1),
    );
    assert_eq!(fault(&twice), "form");
}

#[test]
fn rfc_9449_11_1_a_proof_is_good_for_a_short_time() {
    // The tolerance of these tests is five seconds.
    for (iat, is_good) in [
        (START - 65.0, false),
        (START - 64.0, true),
        (START + 5.0, true),
        (START + 6.0, false),
    ] {
        let verified = verify(
            &verifier(),
            &proof(json!({}), json!({ "iat": iat })),
            request(),
            START,
        );
        match verified {
            Ok(verified) => {
                assert!(is_good, "{iat}");
                assert_eq!(verified.expires_at, at(iat + 65.0));
            }
            Err(error) => {
                assert!(!is_good, "{iat}");
                assert_eq!(error.code(), ErrorCode::ProofExpired);
            }
        }
    }
}

#[test]
fn rfc_7519_4_1_4_a_proof_that_expires_by_itself_is_refused_then() {
    for (change, expected) in [
        (json!({ "exp": START - 5.0 }), Some(ErrorCode::ProofExpired)),
        (json!({ "exp": START + 10.0 }), None),
        (json!({ "nbf": START + 6.0 }), Some(ErrorCode::ProofExpired)),
        (json!({ "nbf": START }), None),
        (json!({ "exp": "soon" }), Some(ErrorCode::ProofInvalid)),
    ] {
        let verified = verify(
            &verifier(),
            &proof(json!({}), change.clone()),
            request(),
            START,
        );
        assert_eq!(
            verified.err().map(|error| error.code()),
            expected,
            "{change}"
        );
    }
}

#[test]
fn rfc_9449_11_1_a_proof_is_known_by_its_key_and_its_jti() {
    let id = |in_claims| {
        let proof = proof(json!({}), in_claims);
        verify(&verifier(), &proof, request(), START).unwrap().id
    };
    assert_eq!(id(json!({})), id(json!({ "iat": START - 1.0 })));
    assert_ne!(id(json!({})), id(json!({ "jti": "2" })));
    assert!(id(json!({ "jti": "x".repeat(2000) })).len() < 64);
}

#[test]
fn rfc_9449_9_a_proof_has_the_nonce_that_the_resource_gave() {
    let with_key = |key: &str| {
        let mut config = config(Some(&jwks()));
        config.dpop.nonce_key = Some(Secret::new(crate::provider::base64url(key.repeat(32))));
        new_verifier(config)
    };
    let (verifier, other) = (with_key("k"), with_key("o"));
    let ask = |nonce: Option<&str>, now: f64| {
        let proof = proof(json!({}), json!({ "nonce": nonce, "iat": now }));
        let verified = verify(&verifier, &proof, request(), now);
        verified.map(|verified| verified.next_nonce)
    };
    let nonce = verifier.dpop_nonce(at(START)).unwrap();
    assert_eq!(ask(Some(&nonce), START).unwrap(), None);
    // Section 8.2: the response has a new one, and the old one is good meanwhile.
    let later = START + 60.0;
    assert_eq!(
        ask(Some(&nonce), later).unwrap(),
        verifier.dpop_nonce(at(later))
    );
    assert_eq!(
        ask(Some(&nonce), START - 60.0).unwrap(),
        None,
        "of a clock that is ahead"
    );
    let refused = [
        (None, START),
        (Some(""), START),
        (Some("x"), START),
        (Some(nonce.split_at(1).1), START),
        (Some(&*nonce), START + 300.0),
        (Some(&*nonce), START - 120.0),
    ];
    for (given, now) in refused {
        assert_eq!(
            code(ask(given, now)),
            ErrorCode::ProofNonceRequired,
            "{given:?} {now}"
        );
    }
    let foreign = other.dpop_nonce(at(START)).unwrap();
    assert_eq!(
        code(ask(Some(&foreign), START)),
        ErrorCode::ProofNonceRequired
    );
}

#[test]
fn rfc_9449_wrong_options_are_refused() {
    let refused = |change: fn(&mut countersign::verifier::DpopPolicy)| {
        let mut config = config(Some(&jwks()));
        change(&mut config.dpop);
        assert_eq!(code(edge::verifier(config)), ErrorCode::InvalidOption);
    };
    refused(|dpop| dpop.algorithms.clear());
    refused(|dpop| dpop.algorithms.push(Algorithm::Hs256));
    refused(|dpop| dpop.max_age = 0.0);
    refused(|dpop| dpop.max_age = f64::NAN);
    refused(|dpop| dpop.max_age = 601.0);
    refused(|dpop| dpop.nonce_key = Some(Secret::new("c2hvcnQ")));
}
