//! The whole sign-in, from the call to the stored token.

use std::collections::HashMap;

use countersign::page::{Client, ClientConfig, SignInOptions, Target};
use countersign::{ErrorCode, edge};
use serde_json::json;

use crate::host::{Host, client_of, code, config, new_client, parameters, signed_in};
use crate::provider::{CLIENT, ISSUER, REDIRECT, START, metadata};

fn form(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    let owned = pairs
        .iter()
        .map(|(name, value)| (String::from(*name), String::from(*value)));
    owned.collect()
}

#[test]
fn discovery_4_1_the_metadata_is_asked_for_once() {
    let (mut host, client) = (Host::new(), new_client());
    host.leave(&client).unwrap();
    host.leave(&client).unwrap();
    assert_eq!(host.requests.len(), 1);
    let request = &host.requests[0];
    assert_eq!(
        request.url,
        "https://as.example/.well-known/openid-configuration"
    );
    assert!(request.body.is_none());
}

#[test]
fn rfc_6749_4_1_1_the_authorization_request_has_exactly_these_parameters() {
    let (mut host, client) = (Host::new(), new_client());
    host.leave(&client).unwrap();
    let url = host.navigations.last().unwrap();
    assert!(url.starts_with("https://as.example/authorize?"));
    let mut sent = parameters(url);
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(sent.remove(name).unwrap().len(), 43, "{name} has 256 bits");
    }
    assert_eq!(
        sent,
        form(&[
            ("client_id", CLIENT),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("scope", "openid profile offline_access"),
            ("code_challenge_method", "S256"),
        ])
    );
}

#[test]
fn openid_core_3_1_2_1_the_page_s_parameters_go_along() {
    let (mut host, client) = (Host::new(), new_client());
    let options = SignInOptions {
        scope: Some("openid mail".into()),
        resource: Some("https://api.example".into()),
        parameters: vec![
            ("prompt".into(), "login".into()),
            ("ui_locales".into(), "de fr".into()),
        ],
        max_age: Some(60),
        app_state: Some("mine".into()),
        return_to: None,
    };
    host.run(client.sign_in(options)).unwrap();
    let sent = parameters(host.navigations.last().unwrap());
    for (name, value) in [
        ("scope", "openid mail"),
        ("resource", "https://api.example"),
        ("prompt", "login"),
        ("ui_locales", "de fr"),
        ("max_age", "60"),
    ] {
        assert_eq!(sent[name], value);
    }
    assert!(
        !sent.values().any(|value| value == "mine"),
        "appState stays here"
    );
}

#[test]
fn openid_core_11_offline_access_is_asked_for_where_it_is_offered() {
    for (supported, expected) in [
        (
            json!(["openid", "offline_access"]),
            "openid profile offline_access",
        ),
        (json!(["openid", "email"]), "openid profile"),
        (json!("offline"), "openid profile"),
        (json!(null), "openid profile"),
    ] {
        let mut host = Host::new();
        host.provider.metadata["scopes_supported"] = supported;
        let client = client_of(ClientConfig {
            target: Target::new(None, None),
            ..config()
        });
        host.leave(&client).unwrap();
        let sent = parameters(host.navigations.last().unwrap());
        assert_eq!(sent["scope"], expected);
    }
}

#[test]
fn openid_core_3_1_2_1_a_silent_sign_in_says_who_the_user_is() {
    let (mut host, client) = signed_in();
    let mut hint = |parameters_of_page: &[(&str, &str)]| {
        let parameters_of_page = parameters_of_page.iter();
        let options = SignInOptions {
            parameters: parameters_of_page
                .map(|(n, v)| ((*n).into(), (*v).into()))
                .collect(),
            ..SignInOptions::default()
        };
        host.run(client.sign_in(options)).unwrap();
        let sent = parameters(host.navigations.last().unwrap());
        sent.get("id_token_hint").cloned()
    };
    assert_eq!(hint(&[]), None);
    assert_eq!(hint(&[("prompt", "login")]), None);
    assert_eq!(hint(&[("prompt", "none"), ("login_hint", "bob")]), None);
    assert_eq!(
        hint(&[("id_token_hint", "own"), ("prompt", "none")]),
        Some("own".into())
    );
    let token = hint(&[("prompt", "none")]).unwrap();
    assert_eq!(token.split('.').count(), 3);

    let mut host = Host::new();
    let options = SignInOptions {
        parameters: vec![("prompt".into(), "none".into())],
        ..SignInOptions::default()
    };
    host.run(new_client().sign_in(options)).unwrap();
    assert!(
        !host.navigations[0].contains("id_token_hint"),
        "nobody is signed in"
    );
}

#[test]
fn rfc_6749_3_1_the_protocol_s_own_parameters_are_not_the_page_s_to_set() {
    for name in [
        "state",
        "nonce",
        "redirect_uri",
        "code_challenge",
        "client_id",
        "response_type",
    ] {
        let (mut host, client) = (Host::new(), new_client());
        let options = SignInOptions {
            parameters: vec![(name.into(), "x".into())],
            ..SignInOptions::default()
        };
        let failed = host.run(client.sign_in(options)).err().unwrap();
        assert_eq!(failed.code(), ErrorCode::InvalidOption);
        assert!(failed.detail().unwrap().ends_with(name));
        assert_eq!(host.commands, 0, "before anything is asked for");
    }
}

#[test]
fn rfc_9700_2_1_1_every_sign_in_has_fresh_values() {
    let (mut host, client) = (Host::new(), new_client());
    host.leave(&client).unwrap();
    host.leave(&client).unwrap();
    let sent: Vec<_> = host.navigations.iter().map(|url| parameters(url)).collect();
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(sent[0][name], sent[1][name], "{name}");
    }
    assert_ne!(sent[0]["state"], sent[0]["nonce"]);
}

#[test]
fn rfc_6749_4_1_3_and_rfc_7636_4_5_the_token_request_has_exactly_this_form() {
    let (mut host, client) = (Host::new(), new_client());
    let url = host.leave(&client).unwrap();
    let challenge = parameters(host.navigations.last().unwrap())["code_challenge"].clone();
    host.run(client.handle_redirect(url)).unwrap();

    assert_eq!(
        host.requests.last().unwrap().url,
        "https://as.example/token"
    );
    let mut sent = host.last_form();
    let verifier = sent.remove("code_verifier").unwrap();
    assert_eq!(
        sent,
        form(&[
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT),
            ("code", "code-1"),
            ("redirect_uri", REDIRECT),
        ])
    );
    use rsa::sha2::{Digest, Sha256};
    assert_eq!(
        crate::provider::base64url(Sha256::digest(verifier)),
        challenge
    );
}

#[test]
fn a_sign_in_ends_with_the_account_the_session_and_the_page_s_state() {
    let (mut host, client) = (Host::new(), new_client());
    let options = SignInOptions {
        app_state: Some("{\"at\":1}".into()),
        ..SignInOptions::default()
    };
    host.run(client.sign_in(options)).unwrap();
    let request = host.navigations.last().unwrap().clone();
    let response = host.provider.authorize(&request);
    // The fragment instead of the query.
    let result = host.run(client.handle_redirect(format!("{REDIRECT}#{response}")));
    let sign_in = result.unwrap().unwrap();
    assert_eq!(sign_in.account.issuer, ISSUER);
    assert_eq!(sign_in.account.subject, "alice");
    assert!(sign_in.account.claims.contains("\"sub\":\"alice\""));
    assert_eq!(sign_in.app_state.as_deref(), Some("{\"at\":1}"));
    assert_eq!(host.addresses, [REDIRECT]);
    assert!(host.stored().is_some());
    assert_eq!(format!("{:?}", host.events), "[SignedIn]");
    assert_eq!(
        host.log,
        [
            "discovery_request",
            "authorization_request",
            "authorization_response",
            "token_request",
            "token_response"
        ]
    );
    assert_eq!(host.wake_at, Some(START + 3300.0));
}

#[test]
fn a_fresh_token_is_handed_out_without_a_request() {
    let (mut host, client) = signed_in();
    let before = host.requests.len();
    let token = host.get_token(&client).unwrap();
    assert_eq!(token.token().expose(), "access-2");
    assert_eq!(token.token_type(), "Bearer");
    assert_eq!(token.scope(), "openid profile offline_access");
    assert_eq!(token.lifetime().expires_at.seconds(), START + 3600.0);
    assert_eq!(host.requests.len(), before);
}

#[test]
fn a_reload_takes_up_the_stored_session() {
    let (mut host, _) = signed_in();
    let requests = host.requests.len();
    let reloaded = new_client();
    assert!(reloaded.account().is_none());
    host.wake_at = None;
    host.run(reloaded.restore()).unwrap();
    assert_eq!(reloaded.account().unwrap().subject, "alice");
    assert_eq!(
        host.get_token(&reloaded).unwrap().token().expose(),
        "access-2"
    );
    assert_eq!(host.requests.len(), requests);
    assert_eq!(host.wake_at, Some(START + 3300.0));
}

#[test]
fn a_record_that_cannot_be_read_is_dropped_without_an_error() {
    let (mut host, _) = signed_in();
    let good = host.stored().unwrap().clone();
    let changed = [
        String::new(),
        "{}".into(),
        good.replace("revision=1", "revision=x"),
        good.replace("family=", "family=&was="),
        good.replace("id_token=", "idtoken="),
        good.replace("token%3Daccess", "tokens%3Daccess"),
        good.replace("layout", "")
            .replacen("revision=", "layout=1&revision=", 1),
        good.chars().take(60).collect(),
    ];
    for record in changed {
        host.records
            .insert(countersign::RecordKey::Session, record.clone());
        let client = new_client();
        host.run(client.restore()).unwrap();
        assert!(client.account().is_none(), "{record}");
        assert!(host.stored().is_none());
    }
}

#[test]
fn the_session_of_another_authority_is_not_taken_up() {
    let (mut host, _) = signed_in();
    let other = ClientConfig {
        authority: "https://other.example".into(),
        ..config()
    };
    let client = client_of(other);
    host.run(client.restore()).unwrap();
    assert!(client.account().is_none());
}

#[test]
fn given_metadata_spares_the_request() {
    let given = ClientConfig {
        metadata: Some(metadata().to_string()),
        ..config()
    };
    let client = client_of(given);
    let mut host = Host::new();
    host.leave(&client).unwrap();
    assert!(host.requests.is_empty());
}

#[test]
fn openid_core_3_1_3_7_13_max_age_is_enforced_when_the_response_comes() {
    for (auth_time, good) in [
        (Some(START - 30.0), true),
        (Some(START - 600.0), false),
        (None, false),
    ] {
        let (mut host, client) = (Host::new(), new_client());
        let options = SignInOptions {
            max_age: Some(60),
            ..SignInOptions::default()
        };
        host.run(client.sign_in(options)).unwrap();
        let request = host.navigations.last().unwrap().clone();
        let response = host.provider.authorize(&request);
        host.provider.claims = json!({ "auth_time": auth_time });
        let result = host.run(client.handle_redirect(format!("{REDIRECT}?{response}")));
        match good {
            true => assert!(result.is_ok()),
            false => assert_eq!(code(result), ErrorCode::TokenClaimInvalid),
        }
    }
}

#[test]
fn a_wrong_configuration_is_refused_by_the_option_s_name() {
    let refused = |change: fn(&mut ClientConfig), name| {
        let mut config = config();
        change(&mut config);
        let error = Client::new(config, edge::platform()).err().unwrap();
        assert_eq!(error.code(), ErrorCode::InvalidOption);
        assert!(error.detail().unwrap().starts_with(name), "{error}");
    };
    refused(
        |config| config.authority = "http://as.example".into(),
        "authority",
    );
    refused(|config| config.client_id = String::new(), "client_id");
    refused(
        |config| config.redirect_uri = "/callback".into(),
        "redirect_uri",
    );
    refused(
        |config| config.redirect_uri = format!("{REDIRECT}#x"),
        "redirect_uri",
    );
    refused(
        |config| config.target = Target::new(Some("profile"), None),
        "scope",
    );
    refused(
        |config| config.clock_tolerance = f64::NAN,
        "clock_tolerance",
    );
    refused(|config| config.clock_tolerance = 601.0, "clock_tolerance");
}
