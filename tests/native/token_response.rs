//! Bad responses of the token endpoint: RFC 6749 section 5.

use countersign::ErrorCode;
use serde_json::{Value, json};

use crate::authorization_response::sign_in_fails;
use crate::host::{Host, new_client};
use crate::provider::{Reply, START};

fn fails_with_reply(reply: Reply, expected: ErrorCode) {
    sign_in_fails(|host, _| host.provider.replies.push_back(reply), expected);
}

fn fails_with_members(members: Value, expected: ErrorCode) {
    sign_in_fails(|host, _| host.provider.response = members, expected);
}

#[test]
fn rfc_6749_5_1_the_response_is_a_json_object() {
    for body in [
        "",
        "access_token=x&token_type=Bearer",
        "<html>",
        "[]",
        "null",
        "{",
    ] {
        fails_with_reply(
            Reply::Text(200, body.into()),
            ErrorCode::TokenResponseInvalid,
        );
    }
}

#[test]
fn rfc_6749_5_1_a_member_that_stands_twice_is_refused() {
    let body = r#"{"access_token":"a","token_type":"Bearer","access_token":"b"}"#;
    fails_with_reply(
        Reply::Text(200, body.into()),
        ErrorCode::TokenResponseInvalid,
    );
}

#[test]
fn rfc_6749_5_1_access_token_is_required() {
    for access_token in [Value::Null, "".into(), 1.into(), json!([]), json!({})] {
        let expected = ErrorCode::TokenResponseInvalid;
        fails_with_members(json!({ "access_token": access_token }), expected);
    }
}

#[test]
fn rfc_6749_a_12_an_access_token_has_no_space_and_no_character_that_a_header_cannot_carry() {
    for access_token in ["a b", "a\r\nx: y", "a\u{7f}", "t\u{f6}ken", "\u{20ac}"] {
        let expected = ErrorCode::TokenResponseInvalid;
        fails_with_members(json!({ "access_token": access_token }), expected);
    }
}

#[test]
fn rfc_6749_5_1_token_type_is_required() {
    fails_with_members(json!({ "token_type": null }), ErrorCode::TokenTypeMissing);
    fails_with_members(json!({ "token_type": 1 }), ErrorCode::TokenTypeMissing);
    fails_with_members(json!({ "token_type": "" }), ErrorCode::TokenTypeMissing);
}

#[test]
fn rfc_6749_7_1_a_token_type_that_is_not_understood_is_refused() {
    for token_type in ["mac", "DPoP", "Bearer "] {
        let expected = ErrorCode::TokenTypeUnsupported;
        fails_with_members(json!({ "token_type": token_type }), expected);
    }
}

#[test]
fn rfc_6749_5_1_token_type_has_no_case() {
    let (mut host, client) = (Host::new(), new_client());
    host.provider.response = json!({ "token_type": "bEARER" });
    assert!(host.sign_in(&client).is_ok());
}

#[test]
fn rfc_6749_5_1_expires_in_is_a_positive_number() {
    for expires_in in [
        json!(0),
        json!(-1),
        json!(-0.5),
        json!("NaN"),
        json!("-1"),
        json!("1e3"),
        json!("Infinity"),
        json!(""),
        json!(true),
        json!([3600]),
    ] {
        let expected = ErrorCode::ExpiresInInvalid;
        fails_with_members(json!({ "expires_in": expires_in }), expected);
    }
}

#[test]
fn members_that_nothing_depends_on_may_be_malformed() {
    for (name, values) in [
        ("refresh_in", [json!(-1), json!(0), json!("x")]),
        ("refresh_token_expires_in", [json!(0), json!([]), json!(-1)]),
        ("scope", [json!(["openid", "mail"]), json!(""), json!(7)]),
        ("refresh_token", [json!(""), json!(1), json!(null)]),
    ] {
        for value in values {
            let (mut host, client) = (Host::new(), new_client());
            host.provider.response = json!({ name: value });
            assert!(host.sign_in(&client).is_ok(), "{name}: {value}");
            assert!(host.get_token(&client).is_ok());
        }
    }
}

#[test]
fn a_number_that_is_too_large_for_a_number_is_refused() {
    let body = r#"{"access_token":"a","token_type":"Bearer","expires_in":1e999}"#;
    fails_with_reply(
        Reply::Text(200, body.into()),
        // No JSON number, or none that is finite: which one is the parser's to say.
        ErrorCode::ExpiresInInvalid,
    );
}

#[test]
fn a_huge_expires_in_is_a_long_life() {
    let (mut host, client) = (Host::new(), new_client());
    host.provider.response = json!({ "expires_in": 1e300 });
    host.sign_in(&client).unwrap();
    host.now = START + 1e9;
    assert_eq!(
        host.get_token(&client).unwrap().token().expose(),
        "access-2"
    );
    assert!(host.wake_at.unwrap().is_finite());
}

#[test]
fn entra_v1_writes_numbers_as_strings() {
    let (mut host, client) = (Host::new(), new_client());
    host.provider.response = json!({ "expires_in": "600" });
    host.sign_in(&client).unwrap();
    let token = host.get_token(&client).unwrap();
    assert_eq!(token.lifetime().expires_at.seconds(), START + 600.0);
}

#[test]
fn rfc_6749_5_1_without_expires_in_a_short_life_is_assumed() {
    let (mut host, client) = (Host::new(), new_client());
    host.provider.response = json!({ "expires_in": null });
    host.sign_in(&client).unwrap();
    let token = host.get_token(&client).unwrap();
    assert_eq!(token.lifetime().expires_at.seconds(), START + 300.0);
}

#[test]
fn openid_core_3_1_3_3_an_id_token_is_required() {
    fails_with_members(json!({ "id_token": null }), ErrorCode::IdTokenMissing);
}

#[test]
fn a_provider_that_cannot_respond_now_has_its_code() {
    for status in [500, 502, 503, 429] {
        let html = Reply::Text(status, "<html>busy".into());
        fails_with_reply(html, ErrorCode::ProviderUnavailable);
        let error = json!({ "error": "temporarily_unavailable" });
        fails_with_reply(Reply::Json(status, error), ErrorCode::ProviderUnavailable);
    }
    fails_with_reply(Reply::Nothing, ErrorCode::NetworkError);
}

#[test]
fn an_error_without_the_protocol_s_members_has_its_code() {
    for (status, body) in [
        (400, "<html>"),
        (404, ""),
        (403, "[]"),
        (401, "{}"),
        (204, ""),
    ] {
        let expected = ErrorCode::UnexpectedResponse;
        fails_with_reply(Reply::Text(status, body.into()), expected);
    }
}

#[test]
fn rfc_6749_5_2_an_error_response_is_data_with_the_server_s_members() {
    let refusal = json!({ "error": "invalid_grant", "error_description": "too late" });
    fails_with_reply(Reply::Json(400, refusal), ErrorCode::InteractionRequired);
    let refusal = json!({ "error": "invalid_client" });
    fails_with_reply(
        Reply::Json(401, refusal.clone()),
        ErrorCode::TokenRequestRefused,
    );
    // Some servers refuse with the status 200.
    fails_with_reply(Reply::Json(200, refusal), ErrorCode::TokenRequestRefused);

    let (mut host, client) = (Host::new(), new_client());
    host.provider.replies.push_back(Reply::Json(
        400,
        json!({
            "error": "invalid_grant",
            "error_codes": [50076, 7],
            "suberror": "basic_action",
            "claims": "{\"access_token\":{}}",
            "correlation_id": "c",
        }),
    ));
    let error = host.sign_in(&client).err().unwrap();
    assert_eq!(error.code(), ErrorCode::InteractionRequired);
    let server = error.server().unwrap();
    assert_eq!(server.status, Some(400));
    assert_eq!(server.error_codes, [50076, 7]);
    assert_eq!(server.suberror.as_deref(), Some("basic_action"));
    assert_eq!(server.claims.as_deref(), Some("{\"access_token\":{}}"));
    assert_eq!(server.correlation_id.as_deref(), Some("c"));
}

#[test]
fn rfc_6750_2_1_the_token_type_is_spelled_as_the_header_has_it() {
    for token_type in ["Bearer", "bearer", "BEARER"] {
        let (mut host, client) = (Host::new(), new_client());
        host.provider.response = json!({ "token_type": token_type });
        host.sign_in(&client).unwrap();
        assert_eq!(host.get_token(&client).unwrap().token_type(), "Bearer");
    }
}
