//! What a failed renewal costs: nothing, or what the provider has taken back.

use countersign::page::GetTokenOptions;
use countersign::{ErrorCode, Event};
use serde_json::json;

use crate::host::{Host, Progress, code, new_client, signed_in};
use crate::provider::{Reply, START};
use crate::refresh::{forced, token, token_and_next};

#[test]
fn rfc_6749_5_2_invalid_grant_ends_the_refresh_token_and_says_so_once() {
    let (mut host, client) = signed_in();
    host.now = START + 3600.0;
    host.provider
        .replies
        .push_back(Reply::Json(400, json!({ "error": "invalid_grant" })));
    assert_eq!(
        code(host.get_token(&client)),
        ErrorCode::InteractionRequired
    );
    let requests = host.requests.len();
    for _ in 0..3 {
        host.now += 3600.0;
        let again = code(host.get_token(&client));
        assert_eq!(again, ErrorCode::InteractionRequired);
        host.wake(&client);
    }
    assert_eq!(
        host.requests.len(),
        requests,
        "the dead token is not sent again"
    );
    assert_eq!(host.count(|event| matches!(event, Event::ReauthDue(_))), 1);
    assert_eq!(client.reauth_due_at().unwrap().seconds(), START + 3600.0);
    assert_eq!(host.wake_at, None);
    assert!(!host.stored().unwrap().contains("refresh-2"));
    assert_eq!(
        client.account().unwrap().subject,
        "alice",
        "who it was stays known"
    );
}

/// Responses after which the provider may well give a token the next time.
fn passing() -> Vec<Reply> {
    let html = |status| Reply::Text(status, "<html>".into());
    let error = |status, error: &str| Reply::Json(status, json!({ "error": error }));
    vec![
        Reply::Nothing,
        html(503),
        html(500),
        html(408),
        html(403),
        html(200),
        Reply::Text(200, r#"{"access_token":"cut"#.into()),
        error(429, "slow_down"),
        error(400, "temporarily_unavailable"),
        error(400, "server_error"),
        Reply::Json(200, json!({ "token_type": "Bearer" })),
    ]
}

#[test]
fn a_failure_that_passes_keeps_a_token_that_is_still_good() {
    for reply in passing() {
        let (mut host, client) = signed_in();
        host.now = START + 3301.0;
        host.provider.replies.push_back(reply.clone());
        let next = token_and_next(&mut host, &client);
        assert_eq!(next, ("access-2".into(), "access-2".into()), "{reply:?}");
        assert!(host.events.is_empty());

        host.now = host.wake_at.expect("the next attempt is planned");
        assert!((START + 3304.0..START + 3308.0).contains(&host.now));
        host.wake(&client);
        assert_eq!(token(&mut host, &client), "access-3");
    }
}

#[test]
fn a_good_token_is_handed_out_whatever_happens_to_its_renewal() {
    let refusal = |status, error: &str| Reply::Json(status, json!({ "error": error }));
    let mut replies = passing();
    replies.extend([
        Reply::Text(404, String::new()),
        refusal(400, "invalid_grant"),
        refusal(400, "interaction_required"),
        refusal(401, "invalid_client"),
        Reply::Json(
            200,
            json!({ "access_token": "unusable", "token_type": "mac" }),
        ),
        Reply::Json(
            200,
            json!({ "access_token": "unusable", "token_type": "Bearer", "expires_in": 0 }),
        ),
    ]);
    for reply in replies {
        let (mut host, client) = signed_in();
        host.now = START + 3301.0;
        // A missing endpoint is looked for once more.
        let replies = &mut host.provider.replies;
        replies.extend([reply.clone(), reply.clone()]);
        let next = token_and_next(&mut host, &client);
        assert_eq!(next, ("access-2".into(), "access-2".into()), "{reply:?}");
    }
    let (mut host, client) = (Host::new(), new_client());
    host.provider.response = json!({ "refresh_token": null });
    host.sign_in(&client).unwrap();
    host.now = START + 3590.0;
    let next = token_and_next(&mut host, &client);
    assert_eq!(next, ("access-2".into(), "access-2".into()));
}

#[test]
fn a_failure_that_passes_is_told_once_when_the_token_has_expired() {
    for (reply, expected) in [
        (Reply::Nothing, ErrorCode::NetworkError),
        (
            Reply::Text(503, String::new()),
            ErrorCode::ProviderUnavailable,
        ),
    ] {
        let (mut host, client) = signed_in();
        token(&mut host, &client);
        host.now = START + 3600.0;
        host.provider.discovery = Some(reply.clone());
        for _ in 0..5 {
            host.provider.replies.push_back(reply.clone());
            host.wake(&client);
            host.now = host.wake_at.expect("the next attempt is planned");
        }
        assert_eq!(host.count(|event| matches!(event, Event::Error(_))), 1);
        host.provider.replies.push_back(reply.clone());
        assert_eq!(code(host.get_token(&client)), expected);
        host.provider.discovery = None;
        host.now += 10.0;
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

    for (claims, expected) in [
        (json!({ "sub": "mallory" }), ErrorCode::SubjectMismatch),
        (
            json!({ "iss": "https://evil.example" }),
            ErrorCode::TokenIssuerMismatch,
        ),
    ] {
        let (mut host, client) = signed_in();
        host.now += 1.0;
        host.provider.refreshes_id_token = true;
        host.provider.claims = claims;
        assert_eq!(code(host.run(client.get_token(forced()))), expected);
        // Whose session it is cannot be said any more.
        assert!(client.account().is_none() && host.stored().is_none());
        assert_eq!(format!("{:?}", host.events), "[SignedOut]");
        assert_eq!(code(host.get_token(&client)), ErrorCode::SignInRequired);
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
    token(&mut host, &client);
    host.now = START + 3300.0;
    host.wake(&client);
    assert_eq!((host.count(due), host.wake_at), (0, Some(START + 6600.0)));

    // The renewal after this one would be too late.
    token(&mut host, &client);
    host.now = START + 6600.0;
    host.wake(&client);
    token(&mut host, &client);
    host.wake(&client);
    let at = host.events.iter().find_map(|event| match event {
        Event::ReauthDue(at) => Some(at.seconds()),
        _ => None,
    });
    assert_eq!(at, Some(START + 7200.0));
    assert_eq!((host.count(due), host.wake_at), (1, None));
    assert_eq!(client.reauth_due_at().unwrap().seconds(), START + 7200.0);

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
    host.wake(&client);
    assert_eq!(token(&mut host, &client), "access-3");
}

#[test]
fn a_refused_claims_challenge_concerns_nobody_who_does_not_ask_for_the_claims() {
    let (mut host, client) = (Host::new(), new_client());
    host.provider.response = json!({ "refresh_token_expires_in": 86_400 });
    host.sign_in(&client).unwrap();
    token(&mut host, &client);
    let refusal = json!({ "error": "interaction_required" });
    let refused = || Reply::Json(400, refusal.clone());
    let with_claims = |claims: &str| GetTokenOptions {
        claims: Some(claims.into()),
        ..GetTokenOptions::default()
    };
    host.provider.replies.push_back(refused());
    let first = code(host.run(client.get_token(with_claims("1"))));
    assert_eq!(first, ErrorCode::InteractionRequired);
    let due = |event: &Event| matches!(event, Event::ReauthDue(_));
    assert_eq!(host.count(due), 0, "the session can be renewed");

    host.now += 1.0;
    host.run(client.get_token(forced())).unwrap();
    host.provider.replies.push_back(refused());
    let requests = host.requests.len();
    let second = code(host.run(client.get_token(with_claims("2"))));
    assert_eq!(second, ErrorCode::InteractionRequired);
    assert_eq!(host.requests.len(), requests + 1, "these are other claims");
    let again = code(host.run(client.get_token(with_claims("2"))));
    assert_eq!(again, ErrorCode::InteractionRequired);
    assert_eq!(
        host.requests.len(),
        requests + 1,
        "one failure for all callers"
    );

    host.now = START + 3400.0;
    host.wake(&client);
    assert_eq!(
        token(&mut host, &client),
        "access-4",
        "renewed in the background"
    );
}

#[test]
fn the_refusal_of_an_old_refresh_token_does_not_end_the_new_one() {
    let (mut host, first) = signed_in();
    let second = new_client();
    host.run(second.restore()).unwrap();
    host.now = START + 3600.0;
    let mut overtaken = host.begin(first.get_token(GetTokenOptions::default()));
    assert!(matches!(host.go_on(&mut overtaken), Progress::Sent));
    // The page slept, and its lock was taken over: both send the refresh token.
    host.free_locks();
    let mut next = host.begin(second.get_token(GetTokenOptions::default()));
    assert!(matches!(host.go_on(&mut next), Progress::Sent));
    let token = host.finish(&mut overtaken).unwrap();
    assert_eq!(token.token().expose(), "access-3");

    let refused = Reply::Json(400, json!({ "error": "invalid_grant" }));
    host.provider.replies.push_back(refused);
    let token = host.finish(&mut next).unwrap();
    assert_eq!(token.token().expose(), "access-3", "the other page's");
    assert!(host.stored().unwrap().contains("refresh-3"));
    host.now += 3600.0;
    let token = host.get_token(&second).unwrap();
    assert_eq!(token.token().expose(), "access-4");
}
