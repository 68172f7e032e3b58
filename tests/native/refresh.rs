//! When tokens are renewed, and how: RFC 6749 section 6.

use countersign::Event;
use countersign::page::{ApiResponse, Client, ClientConfig, GetTokenOptions, Target};
use countersign::{ErrorCode, Shared};
use serde_json::json;

use crate::host::{Host, Progress, client_of, code, config, new_client, signed_in};
use crate::provider::{CLIENT, Reply, START};

pub(crate) fn forced() -> GetTokenOptions {
    GetTokenOptions {
        force_refresh: true,
        ..GetTokenOptions::default()
    }
}

pub(crate) fn token(host: &mut Host, client: &Shared<Client>) -> String {
    host.get_token(client).unwrap().token().expose().into()
}

/// The token, and the one that is handed out once the client has done what it was woken for.
pub(crate) fn token_and_next(host: &mut Host, client: &Shared<Client>) -> (String, String) {
    let first = token(host, client);
    host.wake(client);
    (first, token(host, client))
}

fn tokens(first: &str, next: &str) -> (String, String) {
    (first.into(), next.into())
}

#[test]
fn the_refresh_request_has_exactly_this_form_without_scope() {
    let (mut host, client) = signed_in();
    host.now = START + 3600.0;
    assert_eq!(token(&mut host, &client), "access-3");
    let mut sent = host.last_form();
    assert_eq!(sent.remove("grant_type").unwrap(), "refresh_token");
    assert_eq!(sent.remove("client_id").unwrap(), CLIENT);
    assert_eq!(sent.remove("refresh_token").unwrap(), "refresh-2");
    assert!(sent.is_empty(), "{sent:?}");
    assert_eq!(
        host.count(|event| matches!(event, Event::TokenRefreshed)),
        1
    );
}

#[test]
fn a_token_is_renewed_five_minutes_before_its_end() {
    let (mut host, client) = signed_in();
    host.now = START + 3299.0;
    let next = token_and_next(&mut host, &client);
    assert_eq!(next, tokens("access-2", "access-2"));
    assert_eq!(host.wake_at, Some(START + 3300.0));
    host.now = START + 3300.0;
    let next = token_and_next(&mut host, &client);
    assert_eq!(next, tokens("access-2", "access-3"));
    assert_eq!(host.wake_at, Some(START + 3300.0 + 3300.0));
}

#[test]
fn a_token_that_is_due_is_handed_out_at_once_and_renewed_in_the_background() {
    let (mut host, client) = signed_in();
    host.now = START + 3500.0;
    let requests = host.requests.len();
    assert_eq!(token(&mut host, &client), "access-2");
    assert_eq!(
        host.requests.len(),
        requests,
        "nobody waits for the provider"
    );
    assert_eq!(host.wake_at, Some(host.now), "the renewal is due now");
}

#[test]
fn what_nobody_uses_is_not_renewed() {
    let (mut host, client) = signed_in();
    let mail = GetTokenOptions {
        scope: Some("mail".into()),
        ..GetTokenOptions::default()
    };
    host.run(client.get_token(mail)).unwrap();
    let requests = host.requests.len();
    for hour in 1..5 {
        host.now = START + 3500.0 * f64::from(hour);
        host.wake(&client);
    }
    // Once after its last use, since that use may not have been the last.
    assert_eq!(host.requests.len(), requests + 1);
    assert_eq!(host.last_form()["scope"], "mail");
    assert_eq!(host.wake_at, None);

    // A token that is asked for again is renewed again.
    token(&mut host, &client);
    assert!(!host.last_form().contains_key("scope"));
    assert!(host.wake_at.is_some());
}

#[test]
fn a_short_lived_token_is_renewed_when_a_fifth_of_its_life_is_left() {
    let (mut host, client) = (Host::new(), new_client());
    host.provider.response = json!({ "expires_in": 100 });
    host.sign_in(&client).unwrap();
    assert_eq!(host.wake_at, Some(START + 80.0));
    host.now = START + 79.0;
    let next = token_and_next(&mut host, &client);
    assert_eq!(next, tokens("access-2", "access-2"));
    host.now = START + 80.0;
    let next = token_and_next(&mut host, &client);
    assert_eq!(next, tokens("access-2", "access-3"));
}

#[test]
fn refresh_in_is_heeded() {
    let (mut host, client) = (Host::new(), new_client());
    host.provider.response = json!({ "refresh_in": 1000 });
    host.sign_in(&client).unwrap();
    assert_eq!(host.wake_at, Some(START + 1000.0));
    host.now = START + 1000.0;
    let next = token_and_next(&mut host, &client);
    assert_eq!(next, tokens("access-2", "access-3"));
}

#[test]
fn refresh_in_cannot_make_a_life_longer() {
    let (mut host, client) = (Host::new(), new_client());
    host.provider.response = json!({ "refresh_in": 100_000 });
    host.sign_in(&client).unwrap();
    host.now = START + 3600.0;
    assert_eq!(token(&mut host, &client), "access-3");
}

#[test]
fn a_life_is_counted_from_the_request_and_not_from_a_slow_answer() {
    let (mut host, client) = (Host::new(), new_client());
    let address = host.leave(&client).unwrap();
    host.provider.latency = 100.0;
    host.run(client.handle_redirect(address)).unwrap();
    let lifetime = host.get_token(&client).unwrap().lifetime();
    assert_eq!(lifetime.obtained_at.seconds(), START);
    assert_eq!(lifetime.expires_at.seconds(), START + 3600.0);

    host.now = START + 4000.0;
    let lifetime = host.get_token(&client).unwrap().lifetime();
    assert_eq!(lifetime.obtained_at.seconds(), START + 4000.0);
    assert_eq!(lifetime.expires_at.seconds(), START + 7600.0);
}

#[test]
fn a_machine_that_slept_for_a_day_renews_at_once() {
    let (mut host, client) = signed_in();
    token(&mut host, &client);
    host.now = START + 86_399.0;
    host.wake(&client);
    assert_eq!(host.requests.len(), 3);
    assert_eq!(token(&mut host, &client), "access-3");
    assert_eq!(host.wake_at, Some(START + 86_399.0 + 3300.0));
}

#[test]
fn a_clock_that_is_set_back_a_day_makes_a_token_due() {
    let (mut host, client) = signed_in();
    host.now = START - 80_000.0;
    let next = token_and_next(&mut host, &client);
    assert_eq!(next, tokens("access-2", "access-3"));
    assert_eq!(host.wake_at, Some(START - 80_000.0 + 3300.0));
    assert_eq!(token(&mut host, &client), "access-3");
}

#[test]
fn a_token_of_a_tab_whose_clock_is_a_little_ahead_is_fresh() {
    let (mut host, client) = signed_in();
    host.now = START - 4.0;
    let next = token_and_next(&mut host, &client);
    assert_eq!(next, tokens("access-2", "access-2"));
    assert_eq!(
        host.requests.len(),
        2,
        "the metadata and the code's exchange"
    );

    let response = ApiResponse {
        status: 401,
        www_authenticate: r#"Bearer error="invalid_token""#.into(),
        token_obtained_at: host.time().plus(4.0),
    };
    let retry = response.retry(&GetTokenOptions::default(), host.time());
    assert!(retry.is_none(), "it was just obtained");
}

#[test]
fn a_clock_that_is_set_back_without_a_network_keeps_the_token() {
    let (mut host, client) = signed_in();
    host.now = START - 86_400.0;
    host.provider.discovery = Some(Reply::Nothing);
    host.provider.replies.push_back(Reply::Nothing);
    let next = token_and_next(&mut host, &client);
    assert_eq!(next, tokens("access-2", "access-2"));
}

#[test]
fn waking_early_does_nothing() {
    let (mut host, client) = signed_in();
    let before = (host.requests.len(), host.wake_at);
    host.wake(&client);
    assert_eq!((host.requests.len(), host.wake_at), before);
    assert!(host.events.is_empty());
}

#[test]
fn waking_nobody_does_nothing() {
    let (mut host, client) = (Host::new(), new_client());
    host.wake(&client);
    assert!(host.requests.is_empty());
    assert_eq!(code(host.get_token(&client)), ErrorCode::SignInRequired);
}

#[test]
fn force_refresh_asks_though_the_token_is_good() {
    let (mut host, client) = signed_in();
    host.now += 1.0;
    let forced = host.run(client.get_token(forced())).unwrap();
    assert_eq!(forced.token().expose(), "access-3");
    assert_eq!(token(&mut host, &client), "access-3");
}

#[test]
fn rfc_6749_6_a_new_refresh_token_replaces_the_old_one() {
    let (mut host, client) = signed_in();
    for serial in 3..6 {
        host.now += 1.0;
        host.run(client.get_token(forced())).unwrap();
        assert_eq!(
            host.last_form()["refresh_token"],
            format!("refresh-{}", serial - 1)
        );
    }
    assert!(!host.stored().unwrap().contains("refresh-2"));
}

#[test]
fn rfc_6749_6_without_a_new_refresh_token_the_old_one_stays() {
    let (mut host, client) = signed_in();
    host.provider.response = json!({ "refresh_token": null });
    for _ in 0..3 {
        host.now += 1.0;
        host.run(client.get_token(forced())).unwrap();
        assert_eq!(host.last_form()["refresh_token"], "refresh-2");
    }
}

#[test]
fn rfc_6749_6_another_scope_or_resource_gets_its_own_token() {
    let (mut host, client) = signed_in();
    let mail = |resource: Option<&str>| GetTokenOptions {
        scope: Some("mail openid".into()),
        resource: resource.map(String::from),
        ..GetTokenOptions::default()
    };
    let first = host.run(client.get_token(mail(None))).unwrap();
    assert_eq!(host.last_form()["scope"], "mail openid");
    assert!(!host.last_form().contains_key("resource"));
    let second = host
        .run(client.get_token(mail(Some("https://api.example"))))
        .unwrap();
    assert_eq!(host.last_form()["resource"], "https://api.example");
    assert_ne!(first.token().expose(), second.token().expose());

    let requests = host.requests.len();
    assert_eq!(token(&mut host, &client), "access-2");
    let again = host.run(client.get_token(mail(None))).unwrap();
    assert_eq!(again.token().expose(), first.token().expose());
    // RFC 6749 section 3.3: the order of the words means nothing.
    let turned = GetTokenOptions {
        scope: Some("openid mail".into()),
        ..mail(None)
    };
    let turned = host.run(client.get_token(turned)).unwrap();
    assert_eq!(turned.token().expose(), first.token().expose());
    assert_eq!(host.requests.len(), requests, "all from the cache");

    host.now = START + 3400.0;
    host.wake(&client);
    assert_eq!(host.requests.len(), requests + 3, "each is renewed");
}

#[test]
fn rfc_6749_6_the_sign_in_s_own_scope_is_left_out() {
    let resource = Some(String::from("https://api.example"));
    let configured = ClientConfig {
        target: Target::new(Some("openid profile offline_access"), resource.as_deref()),
        ..config()
    };
    let (mut host, client) = (Host::new(), client_of(configured));
    host.sign_in(&client).unwrap();
    assert_eq!(host.last_form()["resource"], "https://api.example");
    host.now += 1.0;
    let same = GetTokenOptions {
        scope: Some("offline_access profile openid".into()),
        resource,
        ..forced()
    };
    host.run(client.get_token(same)).unwrap();
    assert!(!host.last_form().contains_key("scope"));
}

#[test]
fn a_claims_challenge_is_sent_though_the_token_is_good() {
    let (mut host, client) = signed_in();
    let options = GetTokenOptions {
        claims: Some("{\"a\":1}".into()),
        ..Default::default()
    };
    host.now += 1.0;
    let token = host.run(client.get_token(options)).unwrap();
    assert_eq!(token.token().expose(), "access-3");
    assert_eq!(host.last_form()["claims"], "{\"a\":1}");
}

#[test]
fn a_forced_refresh_takes_no_earlier_token_because_the_clock_was_set_back() {
    let (mut host, client) = signed_in();
    host.now -= 1800.0;
    let forced = host.run(client.get_token(forced())).unwrap();
    assert_eq!(forced.token().expose(), "access-3");
}

#[test]
fn a_token_that_has_expired_on_its_way_is_not_handed_out() {
    let (mut host, client) = signed_in();
    host.now = START + 3600.0;
    let mut run = host.begin(client.get_token(GetTokenOptions::default()));
    assert!(matches!(host.go_on(&mut run), Progress::Sent));
    // The page slept meanwhile.
    host.now += 3600.0;
    let token = host.finish(&mut run).unwrap();
    assert_eq!(token.token().expose(), "access-4");
    assert_eq!(host.last_form()["refresh_token"], "refresh-3");

    host.now += 3600.0;
    let requests = host.requests.len();
    host.provider.latency = 20.0;
    host.provider.response = json!({ "expires_in": 10 });
    assert_eq!(code(host.get_token(&client)), ErrorCode::TokenExpired);
    assert_eq!(host.requests.len(), requests + 4, "it gives up");
}
