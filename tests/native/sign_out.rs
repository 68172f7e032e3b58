//! Sign-out: OpenID Connect RP-Initiated Logout 1.0 section 2.

use countersign::page::Client;
use countersign::{ErrorCode, Shared};

use crate::host::{Host, code, new_client, parameters, signed_in};
use crate::provider::CLIENT;

fn assert_gone(host: &mut Host, client: &Shared<Client>) {
    assert!(client.account().is_none());
    assert!(host.stored().is_none());
    assert_eq!(host.wake_at, None);
    assert_eq!(format!("{:?}", host.events), "[SignedOut]");
    assert_eq!(code(host.get_token(client)), ErrorCode::SignInRequired);
}

#[test]
fn the_logout_request_has_exactly_these_parameters() {
    let (mut host, client) = signed_in();
    host.run(client.sign_out(false)).unwrap();
    let url = host.navigations.last().unwrap();
    assert!(url.starts_with("https://as.example/logout?"));
    let mut sent = parameters(url);
    let hint = sent.remove("id_token_hint").unwrap();
    assert_eq!(hint.split('.').count(), 3);
    assert_eq!(sent.remove("client_id").unwrap(), CLIENT);
    assert_eq!(
        sent.remove("post_logout_redirect_uri").unwrap(),
        "https://app.example/bye"
    );
    assert!(sent.is_empty(), "{sent:?}");
    assert_gone(&mut host, &client);
}

#[test]
fn rp_initiated_logout_2_a_hint_that_is_too_long_for_a_url_is_left_out() {
    for (length, has_hint) in [(2_000, true), (40_000, false)] {
        let (mut host, client) = (Host::new(), new_client());
        host.provider.claims = serde_json::json!({ "groups": "x".repeat(length) });
        host.sign_in(&client).unwrap();
        host.run(client.sign_out(false)).unwrap();
        let url = host.navigations.last().unwrap();
        assert_eq!(url.contains("id_token_hint"), has_hint, "{length}");
        assert!(url.len() < 8_000 && url.contains("client_id=spa"));
    }
}

#[test]
fn a_local_sign_out_stays_on_the_page() {
    let (mut host, client) = signed_in();
    let navigations = host.navigations.len();
    host.run(client.sign_out(true)).unwrap();
    assert_eq!(host.navigations.len(), navigations);
    assert_gone(&mut host, &client);
}

#[test]
fn without_an_end_session_endpoint_the_session_ends_here() {
    let (mut host, client) = (Host::new(), new_client());
    let metadata = host.provider.metadata.as_object_mut().unwrap();
    metadata.remove("end_session_endpoint");
    host.sign_in(&client).unwrap();
    host.events.clear();
    let navigations = host.navigations.len();
    host.run(client.sign_out(false)).unwrap();
    assert_eq!(host.navigations.len(), navigations);
    assert_gone(&mut host, &client);
}

#[test]
fn signing_nobody_out_does_nothing() {
    let (mut host, client) = (Host::new(), new_client());
    host.run(client.sign_out(false)).unwrap();
    assert!(host.requests.is_empty() && host.navigations.is_empty());
    assert!(host.events.is_empty());
}

#[test]
fn after_a_sign_out_another_user_signs_in() {
    let (mut host, client) = signed_in();
    host.run(client.sign_out(true)).unwrap();
    host.provider.claims = serde_json::json!({ "sub": "bob" });
    assert_eq!(host.sign_in(&client).unwrap().account.subject, "bob");
}
