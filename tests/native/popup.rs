//! A sign-in in a window of its own, and what is decided about the URL that the window comes back with.

use countersign::page::{Client, ClientConfig, SignInOptions, SignOutOptions};
use countersign::{AuthError, ErrorCode, RecordKey, Shared};
use serde_json::json;

use crate::host::{Host, Progress, client_of, code, config, new_client, parameters};
use crate::provider::REDIRECT;

const CALLBACK: &str = "https://app.example/callback.html";

fn popup_client() -> Shared<Client> {
    client_of(ClientConfig {
        popup_redirect_uri: Some(CALLBACK.into()),
        ..config()
    })
}

fn subject(host: &mut Host, client: &Shared<Client>) -> Result<String, AuthError> {
    let sign_in = host.run(client.sign_in_popup(SignInOptions::default()))?;
    Ok(sign_in.account.subject)
}

#[test]
fn a_popup_has_its_own_redirect_uri_or_that_of_the_client() {
    for (client, redirect_uri) in [(popup_client(), CALLBACK), (new_client(), REDIRECT)] {
        let mut host = Host::new();
        assert_eq!(subject(&mut host, &client).unwrap(), "alice");
        assert!(host.navigations.is_empty(), "the page stays");
        assert_eq!(parameters(&host.popups[0])["redirect_uri"], redirect_uri);
        assert_eq!(host.last_form()["redirect_uri"], redirect_uri);
        assert!(host.get_token(&client).is_ok());
    }
}

#[test]
fn a_popup_keeps_nothing_in_the_store_but_its_session() {
    let (mut host, client) = (Host::new(), popup_client());
    host.leave(&client).unwrap();
    let before = host.records[&RecordKey::Transactions].clone();
    subject(&mut host, &client).unwrap();
    assert_eq!(host.records[&RecordKey::Transactions], before);
}

#[test]
fn a_page_whose_storage_is_denied_signs_in_by_popup() {
    let (mut host, client) = (Host::new(), popup_client());
    host.is_denied = true;
    assert_eq!(subject(&mut host, &client).unwrap(), "alice");
    assert!(host.get_token(&client).is_ok());
}

#[test]
fn rfc_6749_10_12_a_url_without_the_state_of_this_sign_in_is_refused() {
    for url in [
        "https://app.example/callback.html?code=code-of-popup&state=other",
        "https://app.example/callback.html?code=code-of-popup",
        "https://evil.example/callback.html?code=code-of-popup&state=STATE",
        "https://app.example/elsewhere?code=code-of-popup&state=STATE",
        "not a URL",
    ] {
        let (mut host, client) = (Host::new(), popup_client());
        host.popup_url = Some(url);
        assert_eq!(
            code(subject(&mut host, &client)),
            ErrorCode::ResponseInvalid,
            "{url}"
        );
        assert_eq!(host.requests.len(), 1, "no code is sent: {url}");
    }
    let (mut host, client) = (Host::new(), popup_client());
    host.popup_url = Some("https://app.example/callback.html?code=code-of-popup&state=STATE");
    assert!(
        subject(&mut host, &client).is_ok(),
        "the test's own URL is good"
    );
}

#[test]
fn rfc_9207_2_4_a_response_of_another_issuer_is_refused() {
    let (mut host, client) = (Host::new(), popup_client());
    host.popup_url = Some(
        "https://app.example/callback.html?code=code-of-popup&state=STATE&iss=https%3A%2F%2Fevil.example",
    );
    let refused = code(subject(&mut host, &client));
    assert_eq!(refused, ErrorCode::ResponseIssuerMismatch);
}

#[test]
fn a_failed_popup_leaves_the_earlier_session_as_it_was() {
    let (mut host, client) = (Host::new(), popup_client());
    subject(&mut host, &client).unwrap();
    host.provider.claims = json!({ "nonce": "another" });
    assert_eq!(code(subject(&mut host, &client)), ErrorCode::NonceMismatch);
    assert_eq!(client.account().unwrap().subject, "alice");
    assert!(host.get_token(&client).is_ok());
}

#[test]
fn a_sign_out_ends_a_popup_whatever_comes_first() {
    // The first two steps read who is signed in: a sign-out before is no sign-out of this sign-in.
    for before in 2..14 {
        let (mut host, client) = (Host::new(), popup_client());
        host.is_slow = true;
        let mut popup = host.begin(client.sign_in_popup(SignInOptions::default()));
        let mut steps = (0..before).map(|_| host.go_on(&mut popup));
        let has_ended = steps.any(|step| matches!(step, Progress::Ended(_)));
        host.run(client.sign_out(true)).unwrap();
        if !has_ended {
            let refused = code(host.finish(&mut popup));
            assert_eq!(refused, ErrorCode::SignInCancelled, "{before} steps");
        }
        assert!(client.account().is_none(), "{before} steps");
        assert!(host.stored().is_none(), "{before} steps");
    }
}

#[test]
fn rp_initiated_logout_2_a_sign_out_in_a_popup_has_a_state_and_a_way_back() {
    let (mut host, client) = (Host::new(), new_client());
    host.sign_in(&client).unwrap();
    let navigations = host.navigations.len();
    let options = SignOutOptions {
        in_popup: true,
        ..SignOutOptions::default()
    };
    host.run(client.sign_out_with(options.clone())).unwrap();
    let sent = parameters(&host.popups[0]);
    assert_eq!(sent["post_logout_redirect_uri"], "https://app.example/bye");
    assert_eq!(sent["state"].len(), 43, "256 bits");
    assert_eq!(host.navigations.len(), navigations, "the page stays");
    assert!(client.account().is_none());

    let client = client_of(ClientConfig {
        post_logout_redirect_uri: None,
        ..config()
    });
    host.sign_in(&client).unwrap();
    let refused = code(host.run(client.sign_out_with(options)));
    assert_eq!(refused, ErrorCode::InvalidOption);
    assert!(client.account().is_some(), "nobody is signed out half");
}
