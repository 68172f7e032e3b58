//! ID tokens: OpenID Connect Core 1.0 sections 3.1.3.7 and 12.2.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::holds;
use super::input::{Alteration, Claims, ISSUER, NOW, compact, from_base64url};
use crate::core::error::AuthError;
use crate::core::oauth::id_token::{IdToken, IdTokenExpectations};
use crate::core::provider::issuer::TrustedIssuer;
use crate::core::secret::Secret;
use crate::core::time::UnixTime;
use crate::edge::json::parse_json;

/// What is not checked here, because the token came over TLS.
const SIGNATURE: &str = "signature";

fn check(token: &str, nonce: Option<&str>, max_age: Option<u64>) -> Result<IdToken, AuthError> {
    let expected = IdTokenExpectations {
        issuer: &TrustedIssuer::new(ISSUER).unwrap(),
        client_id: "spa",
        trusted_audiences: "",
        nonce,
        max_age,
        former: None,
        clock_tolerance: 60.0,
    };
    let now = UnixTime::from_seconds(NOW).unwrap();
    IdToken::check(&Secret::new(token), &expected, parse_json, now)
}

#[test]
fn openid_core_3_1_3_7_a_token_is_accepted_if_every_claim_is_right() {
    let claims = Claims::with([
        (
            "iss",
            json!([ISSUER]),
            json!(["https://as.example/", [ISSUER], null]),
        ),
        (
            "aud",
            json!(["spa", ["spa"]]),
            json!(["api", ["spa", "api"], [], 1, null]),
        ),
        ("azp", json!([null, "spa"]), json!(["api", 1, ""])),
        ("sub", json!(["alice", "bob"]), json!(["", 7, null])),
        ("iat", json!([NOW, NOW + 0.5]), json!(["now", null, {}])),
        (
            "exp",
            json!([NOW + 600.0, NOW - 59.0, 1e300]),
            json!([NOW - 61.0, -1, "9999999999", null]),
        ),
        (
            "nbf",
            json!([null, NOW + 59.0, 0]),
            json!([NOW + 61.0, "0"]),
        ),
        ("nonce", json!(["n"]), json!(["m", "", "N", null, ["n"]])),
        (
            "auth_time",
            json!([NOW - 100.0, NOW - 159.0]),
            json!([NOW - 161.0, "0", null]),
        ),
    ]);
    holds((claims, any::<bool>()), |(claims, is_refreshed)| {
        let token = compact(&[r#"{"alg":"RS256"}"#, &claims.payload, SIGNATURE]);
        // A refreshed token is not asked for what the authorization request asked for.
        let (checked, is_good) = if is_refreshed {
            let of_the_request = |name| ["nonce", "auth_time"].contains(&name);
            (
                check(&token, None, None),
                claims.wrong.is_none_or(of_the_request),
            )
        } else {
            (check(&token, Some("n"), Some(100)), claims.wrong.is_none())
        };
        match checked {
            Ok(read) => {
                prop_assert!(is_good, "{:?}", claims.wrong);
                prop_assert_eq!(&read.issuer, ISSUER);
                prop_assert!(["alice", "bob"].contains(&read.subject.as_str()));
                prop_assert_eq!(&read.claims, &claims.payload);
                prop_assert_eq!(read.token.expose(), token);
            }
            Err(error) => prop_assert!(!is_good, "{error}"),
        }
        Ok(())
    });
}

#[test]
fn an_altered_token_is_refused_or_read_as_it_stands() {
    let times = (NOW, NOW + 600.0);
    let payload =
        json!({ "iss": ISSUER, "aud": "spa", "sub": "alice", "iat": times.0, "exp": times.1 });
    let good = compact(&[r#"{"alg":"RS256"}"#, &payload.to_string(), SIGNATURE]);
    assert!(check(&good, None, None).is_ok());
    let alterations = vec(Alteration::with("[A-Za-z0-9_-]{0,2}|."), 1..3);
    let altered = alterations.prop_map(move |alterations| {
        let alter = |token: String, alteration: &Alteration| alteration.of(&token);
        alterations.iter().fold(good.clone(), alter)
    });
    holds(prop_oneof![9 => altered, 1 => any::<String>()], |token| {
        if let Ok(read) = check(&token, None, None) {
            let payload = from_base64url(token.split('.').nth(1).unwrap());
            prop_assert_eq!(payload.as_deref(), Some(read.claims.as_bytes()));
            let claims: Value = serde_json::from_str(&read.claims).unwrap();
            prop_assert_eq!(&claims["iss"], ISSUER);
            prop_assert_eq!(&claims["aud"], "spa");
            prop_assert_eq!(&claims["sub"], read.subject.as_str());
            // By this clock, or by the issuer's.
            let [issued, expires] = ["iat", "exp"].map(|name| claims[name].as_f64().unwrap());
            prop_assert!(expires > issued.min(NOW) - 60.0);
        }
        Ok(())
    });
}
