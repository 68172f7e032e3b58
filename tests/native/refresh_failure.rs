//! What a renewal that fails costs: nothing, or what the provider has taken back.

use countersign::ErrorCode;
use countersign::core::event::Event;
use serde_json::json;

use crate::host::{Host, code, new_client, signed_in};
use crate::provider::{Reply, START};
use crate::refresh::{forced, token};

#[test]
fn rfc_6749_5_2_invalid_grant_ends_the_refresh_token_and_says_so_once() {
    let (mut host, client) = signed_in();
    host.now = START + 3301.0;
    host.provider
        .replies
        .push_back(Reply::Json(400, json!({ "error": "invalid_grant" })));
    assert_eq!(
        code(host.get_token(&client)),
        ErrorCode::InteractionRequired
    );
    let requests = host.requests.len();
    assert_eq!(
        code(host.get_token(&client)),
        ErrorCode::InteractionRequired
    );
    host.run(client.wake()).unwrap();
    assert_eq!(
        host.requests.len(),
        requests,
        "the dead token is not sent again"
    );
    assert_eq!(host.count(|event| matches!(event, Event::ReauthDue(_))), 1);
    assert_eq!(host.wake_at, None);
    assert!(!host.stored().unwrap().contains("refresh-2"));
    assert_eq!(
        client.account().unwrap().subject,
        "alice",
        "who it was stays known"
    );
}

#[test]
fn a_failure_that_passes_keeps_a_token_that_is_still_good() {
    let busy = Reply::Text(503, "<html>".into());
    for reply in [
        Reply::Nothing,
        busy,
        Reply::Json(429, json!({ "error": "slow_down" })),
    ] {
        let (mut host, client) = signed_in();
        let stored = host.stored().cloned();
        host.now = START + 3301.0;
        host.provider.replies.push_back(reply);
        assert_eq!(token(&mut host, &client), "access-2");
        assert_eq!(
            host.wake_at,
            Some(host.now + 15.0),
            "the next attempt is planned"
        );
        assert_eq!(host.stored(), stored.as_ref(), "nothing is forgotten");
        assert!(host.events.is_empty());

        host.now += 15.0;
        host.run(client.wake()).unwrap();
        assert_eq!(token(&mut host, &client), "access-3");
    }
}

#[test]
fn a_failure_that_passes_is_told_when_the_token_has_ended() {
    for (reply, expected) in [
        (Reply::Nothing, ErrorCode::NetworkError),
        (
            Reply::Text(503, String::new()),
            ErrorCode::ProviderUnavailable,
        ),
    ] {
        let (mut host, client) = signed_in();
        host.now = START + 3600.0;
        host.provider.replies.extend([reply.clone(), reply]);
        assert_eq!(code(host.get_token(&client)), expected);
        host.run(client.wake()).unwrap();
        assert_eq!(host.count(|event| matches!(event, Event::Error(_))), 1);
        assert_eq!(host.wake_at, Some(host.now + 15.0));
        assert_eq!(
            token(&mut host, &client),
            "access-3",
            "the refresh token is still there"
        );
    }
}

#[test]
fn a_forced_refresh_that_failed_is_told() {
    let (mut host, client) = signed_in();
    host.now = START + 3301.0;
    host.provider.replies.push_back(Reply::Nothing);
    assert_eq!(
        code(host.run(client.get_token(forced()))),
        ErrorCode::NetworkError
    );
}

#[test]
fn openid_core_12_2_a_refreshed_id_token_is_about_the_same_user() {
    let (mut host, client) = signed_in();
    host.provider.refreshes_id_token = true;
    host.now += 1.0;
    host.provider.claims = json!({ "name": "Alice" });
    host.run(client.get_token(forced())).unwrap();
    assert!(client.account().unwrap().claims.contains("Alice"));

    let stored = host.stored().cloned();
    for (claims, expected) in [
        (json!({ "sub": "mallory" }), ErrorCode::SubjectMismatch),
        (
            json!({ "iss": "https://evil.example" }),
            ErrorCode::TokenIssuerMismatch,
        ),
        (
            json!({ "aud": "another" }),
            ErrorCode::TokenAudienceMismatch,
        ),
    ] {
        host.now += 1.0;
        host.provider.claims = claims;
        assert_eq!(code(host.run(client.get_token(forced()))), expected);
        assert_eq!(host.stored(), stored.as_ref());
        assert_eq!(client.account().unwrap().subject, "alice");
    }
}

#[test]
fn a_session_without_refresh_token_lasts_as_long_as_its_token() {
    let (mut host, client) = (Host::new(), new_client());
    host.provider.response = json!({ "refresh_token": null });
    host.sign_in(&client).unwrap();
    assert_eq!(host.wake_at, None);
    assert_eq!(token(&mut host, &client), "access-2");
    host.now = START + 3600.0;
    assert_eq!(
        code(host.get_token(&client)),
        ErrorCode::InteractionRequired
    );
}

#[test]
fn the_end_of_the_refresh_token_is_told_once_and_ahead() {
    let (mut host, client) = (Host::new(), new_client());
    let due = |event: &Event| matches!(event, Event::ReauthDue(_));
    host.provider.response = json!({ "refresh_token_expires_in": 7200 });
    host.sign_in(&client).unwrap();
    host.provider.heal();
    host.now = START + 3300.0;
    host.run(client.wake()).unwrap();
    assert_eq!((host.count(due), host.wake_at), (0, Some(START + 6600.0)));

    // The renewal after this one would be too late.
    host.now = START + 6600.0;
    host.run(client.wake()).unwrap();
    host.run(client.wake()).unwrap();
    let at = host.events.iter().find_map(|event| match event {
        Event::ReauthDue(at) => Some(at.seconds()),
        _ => None,
    });
    assert_eq!(at, Some(START + 7200.0));
    assert_eq!((host.count(due), host.wake_at), (1, None));

    // A page that is loaded again is told again.
    host.events.clear();
    host.run(new_client().restore()).unwrap();
    assert_eq!(host.count(due), 1);
}

#[test]
fn a_clock_that_is_wrong_by_a_day_costs_no_refresh_token() {
    let (mut host, client) = (Host::new(), new_client());
    host.provider.response = json!({ "refresh_token_expires_in": 7200 });
    host.sign_in(&client).unwrap();
    host.now = START + 86_400.0;
    host.run(client.wake()).unwrap();
    assert_eq!(token(&mut host, &client), "access-3");
}
