//! Metadata that is not the provider's, or not good: OpenID Connect Discovery 1.0 section 4.3.

use countersign::ErrorCode;
use countersign::page::ClientConfig;
use serde_json::{Value, json};

use crate::host::{Host, client_of, code, config, new_client, signed_in};
use crate::provider::{Reply, metadata, patch};

/// A sign-in that meets this discovery fails with this code, an earlier session is untouched, and
/// the next sign-in works.
fn fails(reply: Reply, expected: ErrorCode) {
    let (mut host, _) = signed_in();
    let stored = host.stored().cloned();
    let reloaded = new_client();
    host.run(reloaded.restore()).unwrap();
    let navigations = host.navigations.len();

    host.provider.discovery = Some(reply);
    assert_eq!(code(host.leave(&reloaded)), expected);
    assert_eq!(host.stored(), stored.as_ref());
    assert_eq!(host.navigations.len(), navigations, "the page was not left");
    assert!(host.get_token(&reloaded).is_ok());

    host.provider.heal();
    host.sign_in(&reloaded).expect("a new sign-in works");
}

fn with(change: Value) -> Reply {
    let mut document = metadata();
    patch(&mut document, &change);
    Reply::Json(200, document)
}

#[test]
fn discovery_4_3_another_issuer_is_refused() {
    for issuer in [
        "https://evil.example",
        "https://as.example/tenant",
        "https://AS.example",
    ] {
        fails(
            with(json!({ "issuer": issuer })),
            ErrorCode::MetadataIssuerMismatch,
        );
    }
}

#[test]
fn discovery_4_3_a_custom_domain_names_the_issuer_that_the_page_expects() {
    let issuer = "https://login.example/tenant/v2.0/";
    let client = |issuer: &str| {
        client_of(ClientConfig {
            issuer: Some(issuer.into()),
            ..config()
        })
    };
    let mut host = Host::new();
    host.provider.discovery = Some(with(json!({ "issuer": issuer })));
    host.provider.claims = json!({ "iss": issuer });
    host.sign_in(&client(issuer)).unwrap();
    let reloaded = client(issuer);
    host.run(reloaded.restore()).unwrap();
    assert!(reloaded.account().is_some());

    let other = client("https://login.example/other");
    assert_eq!(code(host.leave(&other)), ErrorCode::MetadataIssuerMismatch);
}

#[test]
fn discovery_3_what_is_required_must_be_there() {
    for name in ["issuer", "authorization_endpoint", "token_endpoint"] {
        fails(with(json!({ name: null })), ErrorCode::MetadataInvalid);
    }
    for name in ["issuer", "token_endpoint"] {
        fails(with(json!({ name: 1 })), ErrorCode::MetadataInvalid);
    }
}

#[test]
fn members_that_nobody_needs_may_be_malformed() {
    for (name, value) in [
        ("end_session_endpoint", json!("")),
        ("end_session_endpoint", json!(7)),
        ("jwks_uri", json!("http://as.example/keys")),
        ("authorization_response_iss_parameter_supported", json!(1)),
    ] {
        let (mut host, client) = (Host::new(), new_client());
        host.provider.metadata[name] = value;
        assert!(host.sign_in(&client).is_ok(), "{name}");
        let navigations = host.navigations.len();
        host.run(client.sign_out(false)).unwrap();
        let leaves = usize::from(!name.starts_with("end"));
        assert_eq!(host.navigations.len(), navigations + leaves);
    }
}

#[test]
fn what_is_not_an_object_is_refused() {
    for body in [
        "",
        "<!doctype html>",
        "[]",
        "null",
        "{\"issuer\":",
        "\u{feff}{}",
    ] {
        fails(Reply::Text(200, body.into()), ErrorCode::MetadataInvalid);
    }
}

#[test]
fn rfc_6749_3_1_and_3_2_endpoints_are_reached_over_tls() {
    for name in ["authorization_endpoint", "token_endpoint"] {
        for url in [
            "http://as.example/x",
            "javascript:alert(1)",
            "//as.example/x",
            "",
        ] {
            fails(with(json!({ name: url })), ErrorCode::MetadataInvalid);
        }
    }
}

#[test]
fn a_response_that_is_no_metadata_has_its_code() {
    fails(Reply::Text(404, "{}".into()), ErrorCode::UnexpectedResponse);
    for status in [408, 429, 500, 503] {
        let busy = Reply::Text(status, "<html>".into());
        fails(busy, ErrorCode::ProviderUnavailable);
    }
    fails(Reply::Nothing, ErrorCode::NetworkError);
}
