//! Sign-out: OpenID Connect RP-Initiated Logout 1.0 section 2.

use countersign::page::Client;
use countersign::{AuthError, ErrorCode, Shared};

use crate::host::{Host, Progress, Run, code, new_client, parameters, signed_in};
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

/// Goes on with a flow for so many steps.
fn steps<T>(host: &mut Host, run: &mut Run<T>, count: usize) -> Option<Result<T, AuthError>> {
    for _ in 0..count {
        if let Progress::Ended(result) = host.go_on(run) {
            return Some(result);
        }
    }
    None
}

#[test]
fn a_sign_out_ends_a_sign_in_that_is_being_completed_whatever_comes_first() {
    // The sign-in pauses after so many steps, the sign-out after so many, and both go on.
    for (before, between) in (0..14).flat_map(|before| (0..8).map(move |other| (before, other))) {
        let (mut host, client) = (Host::new(), new_client());
        let url = host.leave(&client).unwrap();
        host.is_slow = true;
        let mut sign_in = host.begin(client.handle_redirect(url));
        let mut sign_out = host.begin(client.sign_out(true));
        let signed_in = steps(&mut host, &mut sign_in, before);
        let signed_out = steps(&mut host, &mut sign_out, between);
        if signed_in.is_none() {
            let _ = host.finish(&mut sign_in);
        }
        if signed_out.is_none() {
            host.finish(&mut sign_out).unwrap();
        }
        assert!(host.stored().is_none(), "{before} and {between} steps");
        assert_eq!(code(host.get_token(&client)), ErrorCode::SignInRequired);
    }
}

#[test]
fn a_sign_in_from_before_a_sign_out_does_not_replace_the_next_one() {
    let (mut host, client) = (Host::new(), new_client());
    let url = host.leave(&client).unwrap();
    let nonce = parameters(host.navigations.last().unwrap())["nonce"].clone();
    let mut slow = host.begin(client.handle_redirect(url));
    assert!(matches!(host.go_on(&mut slow), Progress::Sent));
    host.run(client.sign_out(true)).unwrap();
    host.provider.claims = serde_json::json!({ "sub": "bob" });
    host.sign_in(&client).unwrap();
    host.provider.claims = serde_json::json!({ "sub": "alice", "nonce": nonce });
    assert_eq!(code(host.finish(&mut slow)), ErrorCode::SignInCancelled);
    assert_eq!(client.account().unwrap().subject, "bob");
}
