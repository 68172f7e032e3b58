//! Token responses: RFC 6749 sections 5.1 and 5.2.

use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::holds;
use super::input::{Alteration, one_of};
use crate::core::error::{AuthError, ErrorCode};
use crate::core::http::HttpResponse;
use crate::core::oauth::token_response::TokenResponse;
use crate::core::secret::Secret;
use crate::edge::json::parse_json;

fn process(status: u16, body: &str) -> Result<TokenResponse, AuthError> {
    TokenResponse::process(&HttpResponse::new(status, body), parse_json)
}

fn statuses() -> impl Strategy<Value = u16> {
    prop_oneof![4 => Just(200_u16), 1 => select(&[0, 201, 204, 400, 401, 429, 500, 503][..])]
}

/// Members that are as they must be, malformed or absent.
fn members() -> impl Strategy<Value = Map<String, Value>> {
    let member = |name: &'static str, probability, values: &Value| {
        let value = weighted(probability, one_of(values.clone()));
        value.prop_map(move |value| (name, value))
    };
    let texts = json!(["a", "b", "", "\u{e9}", 1, null, ["a"]]);
    let types = json!(["Bearer", "bEARER", "Bearer ", "DPoP", "", 1, null]);
    let numbers = json!([
        1,
        3600,
        0.5,
        1e300,
        "600",
        0,
        -1,
        "-1",
        "",
        "1e3",
        null,
        [1]
    ]);
    let members = [
        member("access_token", 0.8, &texts),
        member("token_type", 0.8, &types),
        member("refresh_token", 0.8, &texts),
        member("id_token", 0.8, &texts),
        member("scope", 0.8, &texts),
        member("expires_in", 0.8, &numbers),
        member("refresh_in", 0.8, &numbers),
        member("refresh_token_expires_in", 0.8, &numbers),
        member("error", 0.2, &json!(["invalid_grant", "x", "", 1, null])),
    ];
    members.prop_map(|members| {
        let present = members.into_iter();
        let present = present.filter_map(|(name, value)| Some((String::from(name), value?)));
        present.collect()
    })
}

/// A text that is not empty.
fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    let text = members.get(name)?.as_str()?;
    (!text.is_empty()).then_some(text)
}

/// A positive number, or digits that say one.
fn seconds(members: &Map<String, Value>, name: &str) -> Option<f64> {
    let seconds = match members.get(name)? {
        Value::String(digits) => digits.parse::<u64>().ok()? as f64,
        number => number.as_f64()?,
    };
    (seconds > 0.0).then_some(seconds)
}

fn exposed(secret: &Option<Secret>) -> Option<&str> {
    secret.as_ref().map(Secret::expose)
}

#[test]
fn rfc_6749_5_1_a_response_is_read_as_it_was_sent() {
    holds((statuses(), members()), |(status, members)| {
        let text = |name| text(&members, name);
        let seconds = |name| seconds(&members, name);
        let read = match process(status, &Value::from(members.clone()).to_string()) {
            Ok(read) => read,
            Err(error) => {
                // Section 5.2, and servers that refuse with the status 200.
                let is_refused = text("access_token").is_none() && text("error").is_some();
                prop_assert!(status != 200 || is_refused);
                if let Some(server) = error.server() {
                    prop_assert_eq!(Some(server.error.as_str()), text("error"));
                    prop_assert_eq!(server.status, Some(status));
                }
                return Ok(());
            }
        };
        prop_assert_eq!(status, 200);
        prop_assert_eq!(exposed(&read.access_token), text("access_token"));
        prop_assert_eq!(exposed(&read.refresh_token), text("refresh_token"));
        prop_assert_eq!(exposed(&read.id_token), text("id_token"));
        prop_assert_eq!(read.scope.as_deref(), text("scope"));
        prop_assert_eq!(read.refresh_in, seconds("refresh_in"));
        let refresh_token_lifetime = seconds("refresh_token_expires_in");
        prop_assert_eq!(read.refresh_token_expires_in, refresh_token_lifetime);
        let is_absent = members.get("expires_in").is_none_or(Value::is_null);
        match &read.expires_in {
            Ok(None) => prop_assert!(is_absent),
            Ok(lifetime) => prop_assert_eq!(*lifetime, seconds("expires_in")),
            Err(error) => {
                prop_assert_eq!(error.code(), ErrorCode::ExpiresInInvalid);
                prop_assert!(!is_absent && seconds("expires_in").is_none());
            }
        }
        // Section 7.1: a token of a type that is not understood is not used.
        let is_bearer = text("token_type").is_some_and(|name| name.to_lowercase() == "bearer");
        let bearer = read.bearer_token().ok().map(Secret::expose);
        let is_usable = |token: &&str| is_bearer && token.chars().all(|c| c.is_ascii_graphic());
        prop_assert_eq!(bearer, text("access_token").filter(is_usable));
        Ok(())
    });
}

#[test]
fn no_response_breaks_the_reading() {
    let altered = (members(), Alteration::with("[{}\",:\\\\1e\0]{0,2}"))
        .prop_map(|(members, alteration)| alteration.of(&Value::from(members).to_string()));
    let bodies = prop_oneof![4 => altered, 1 => any::<String>()];
    holds((statuses(), bodies), |(status, body)| {
        if let Ok(read) = process(status, &body) {
            prop_assert_eq!(status, 200);
            let bearer = read.bearer_token().ok().map(Secret::expose);
            prop_assert_ne!(bearer, Some(""));
            if let Ok(Some(seconds)) = read.expires_in {
                prop_assert!(seconds > 0.0 && seconds.is_finite());
            }
        }
        Ok(())
    });
}
