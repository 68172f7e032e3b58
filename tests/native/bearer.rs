//! Calls to an API: RFC 6750.

use countersign::page::{ApiResponse, GetTokenOptions};
use countersign::{ErrorCode, UnixTime};

use crate::host::{Host, code, signed_in};
use crate::provider::START;

#[test]
fn rfc_6750_5_2_a_token_travels_over_tls_only() {
    let (mut host, client) = signed_in();
    let options = GetTokenOptions::default;
    for url in [
        "https://api.example/x",
        "http://localhost:8787/",
        "http://127.0.0.1:1/x",
    ] {
        let flow = client.get_token_for(url.into(), options());
        assert!(host.run(flow).is_ok(), "{url}");
    }
    for url in [
        "http://api.example/x",
        "http://localhost.evil.example/",
        "ftp://x/",
        "/x",
        "",
    ] {
        let flow = client.get_token_for(url.into(), options());
        assert_eq!(code(host.run(flow)), ErrorCode::InsecureUrl, "{url}");
    }
}

#[test]
fn rfc_6750_5_2_an_insecure_url_is_named_without_its_query() {
    let (mut host, client) = signed_in();
    let url = "http://api.example/x?key=s3cr3t";
    let flow = client.get_token_for(url.into(), GetTokenOptions::default());
    let error = host.run(flow).err().unwrap();
    assert_eq!(error.detail(), Some("http://api.example"));
}

fn retry(status: u16, header: &str) -> Option<GetTokenOptions> {
    let options = GetTokenOptions {
        scope: Some("mail".into()),
        ..GetTokenOptions::default()
    };
    let at = |seconds| UnixTime::from_seconds(seconds).unwrap();
    let response = ApiResponse {
        status,
        www_authenticate: header.into(),
        token_obtained_at: at(START),
    };
    let now = response.retry(&options, at(START + 9.0));
    let later = response.retry(&options, at(START + 10.0));
    // What is a matter of the token's age is a test of its own.
    assert!(now.is_none() || later.is_some());
    later
}

#[test]
fn a_token_that_was_just_obtained_is_not_renewed_again() {
    let (mut host, client) = signed_in();
    let token = host.get_token(&client).unwrap();
    let response = |error: &str| ApiResponse {
        status: 401,
        www_authenticate: format!("Bearer error={error}, claims=\"e30\""),
        token_obtained_at: token.lifetime().obtained_at,
    };
    let options = GetTokenOptions::default();
    let retry = |error, host: &Host| response(error).retry(&options, host.time());
    assert!(retry("invalid_token", &host).is_none());
    assert!(retry("insufficient_claims", &host).is_some());
    host.now += 10.0;
    assert!(retry("invalid_token", &host).is_some());
    // By a clock that was set back its age is not known.
    host.now -= 20.0;
    assert!(retry("invalid_token", &host).is_some());
}

#[test]
fn rfc_6750_3_1_invalid_token_asks_for_a_new_one() {
    let options = retry(401, r#"Bearer realm="x", error="invalid_token""#).unwrap();
    assert!(options.force_refresh);
    assert_eq!(
        options.scope.as_deref(),
        Some("mail"),
        "for the same target"
    );
    assert_eq!(options.claims, None);
    assert!(retry(401, r#"Basic realm="x", bearer error=invalid_token"#).is_some());
}

#[test]
fn entra_insufficient_claims_asks_for_one_with_the_claims() {
    let header = r#"Bearer error="insufficient_claims", claims="eyJhIjoxfQ==""#;
    let options = retry(401, header).unwrap();
    assert!(options.force_refresh);
    assert_eq!(options.claims.as_deref(), Some(r#"{"a":1}"#));
}

#[test]
fn rfc_6750_3_1_what_a_new_token_does_not_help_is_delivered() {
    for (status, header) in [
        (200, ""),
        (200, r#"Bearer error="invalid_token""#),
        (403, r#"Bearer error="insufficient_scope""#),
        (401, ""),
        (401, "Bearer"),
        (401, r#"Bearer error="insufficient_scope""#),
        (401, r#"Bearer error="insufficient_claims""#),
        (401, r#"Bearer error="insufficient_claims", claims="%""#),
        (401, r#"Digest error="invalid_token""#),
        (401, r#"Bearer error="invalid_token"#),
    ] {
        assert!(retry(status, header).is_none(), "{status} {header}");
    }
}
