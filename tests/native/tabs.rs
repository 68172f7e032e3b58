//! Several callers and several pages at once, and a store that does not play along.

use countersign::page::GetTokenOptions;
use countersign::{Command, ErrorCode, Event, Input, RecordKey, Step, UnixTime};
use serde_json::json;

use crate::host::{Host, Progress, Run, code, new_client, signed_in};
use crate::provider::{Reply, START};
use crate::refresh::forced;

/// Steps the flows in turn until all have ended.
fn interleave<T>(
    host: &mut Host,
    runs: &mut Vec<Run<T>>,
) -> Vec<Result<T, countersign::AuthError>> {
    let mut results = Vec::new();
    while !runs.is_empty() {
        let mut waiting = Vec::new();
        for mut run in runs.drain(..) {
            match host.go_on(&mut run) {
                Progress::Ended(result) => results.push(result),
                _ => waiting.push(run),
            }
        }
        *runs = waiting;
    }
    results
}

#[test]
fn ten_calls_at_once_make_one_request() {
    for force_refresh in [false, true] {
        let (mut host, client) = signed_in();
        host.now = START + 3600.0;
        let requests = host.requests.len();
        let options = GetTokenOptions {
            force_refresh,
            ..GetTokenOptions::default()
        };
        let mut runs: Vec<_> = (0..10)
            .map(|_| host.begin(client.get_token(options.clone())))
            .collect();
        let tokens = interleave(&mut host, &mut runs);
        assert_eq!(tokens.len(), 10);
        for token in tokens {
            assert_eq!(token.unwrap().token().expose(), "access-3");
        }
        assert_eq!(host.requests.len(), requests + 1);
        assert_eq!(
            host.count(|event| matches!(event, Event::TokenRefreshed)),
            1
        );
    }
}

#[test]
fn of_two_tabs_with_one_store_the_second_reads_the_first_one_s_token() {
    let (mut host, first) = signed_in();
    let second = new_client();
    host.run(second.restore()).unwrap();
    host.now = START + 3600.0;
    let requests = host.requests.len();
    let mut runs = vec![
        host.begin(first.get_token(GetTokenOptions::default())),
        host.begin(second.get_token(GetTokenOptions::default())),
    ];
    for token in interleave(&mut host, &mut runs) {
        assert_eq!(token.unwrap().token().expose(), "access-3");
    }
    assert_eq!(host.requests.len(), requests + 1);

    host.now += 3600.0;
    host.get_token(&second).unwrap();
    assert_eq!(
        host.last_form()["refresh_token"],
        "refresh-3",
        "the rotated one"
    );
    host.now += 3600.0;
    host.get_token(&first).unwrap();
    assert_eq!(host.last_form()["refresh_token"], "refresh-4");
}

#[test]
fn a_call_that_wants_claims_does_not_take_a_token_without_them() {
    let (mut host, client) = signed_in();
    host.now = START + 3600.0;
    let claims = GetTokenOptions {
        claims: Some("{}".into()),
        ..GetTokenOptions::default()
    };
    let mut runs = vec![
        host.begin(client.get_token(GetTokenOptions::default())),
        host.begin(client.get_token(claims)),
    ];
    interleave(&mut host, &mut runs);
    assert_eq!(host.last_form()["claims"], "{}");
}

#[test]
fn a_sign_out_during_a_refresh_stays_one() {
    for reply in [
        None,
        Some(Reply::Json(400, json!({ "error": "invalid_grant" }))),
    ] {
        let (mut host, client) = signed_in();
        host.now = START + 3600.0;
        let mut refresh = host.begin(client.get_token(GetTokenOptions::default()));
        assert!(matches!(host.go_on(&mut refresh), Progress::Sent));
        host.run(client.sign_out(true)).unwrap();
        host.provider.replies.extend(reply);
        assert_eq!(code(host.finish(&mut refresh)), ErrorCode::SignInRequired);
        assert!(client.account().is_none());
        assert!(host.stored().is_none());
        assert_eq!(host.wake_at, None);
    }
}

#[test]
fn a_sign_in_during_a_refresh_stays_the_active_session() {
    let (mut host, client) = signed_in();
    host.now = START + 3600.0;
    let mut refresh = host.begin(client.get_token(GetTokenOptions::default()));
    assert!(matches!(host.go_on(&mut refresh), Progress::Sent));
    host.provider.claims = json!({ "sub": "bob" });
    host.sign_in(&client).unwrap();
    host.provider.claims = json!({});
    // The caller meant the active account.
    assert_eq!(code(host.finish(&mut refresh)), ErrorCode::SessionReplaced);
    assert_eq!(client.account().unwrap().subject, "bob");
    // Alice's new refresh token is not lost.
    let alice = client.other_accounts()[0].id();
    let requests = host.requests.len();
    let hers = GetTokenOptions {
        account: Some(alice),
        ..GetTokenOptions::default()
    };
    host.run(client.get_token(hers)).unwrap();
    assert_eq!(host.requests.len(), requests);
}

#[test]
fn a_call_that_waits_for_the_lock_hears_of_a_sign_out() {
    let (mut host, client) = signed_in();
    host.now = START + 3600.0;
    let mut first = host.begin(client.get_token(GetTokenOptions::default()));
    let mut second = host.begin(client.get_token(GetTokenOptions::default()));
    assert!(matches!(host.go_on(&mut first), Progress::Sent));
    assert!(matches!(host.go_on(&mut second), Progress::Locked));
    host.run(client.sign_out(true)).unwrap();
    let requests = host.requests.len();
    assert_eq!(code(host.finish(&mut first)), ErrorCode::SignInRequired);
    assert_eq!(code(host.finish(&mut second)), ErrorCode::SignInRequired);
    assert_eq!(host.requests.len(), requests);
}

#[test]
fn a_store_that_refuses_to_write_loses_nothing_in_memory() {
    let (mut host, client) = (Host::new(), new_client());
    let address = host.leave(&client).unwrap();
    let transactions = host.records[&RecordKey::Transactions].clone();

    // What was started cannot be marked as answered: the code is not sent.
    host.is_full = true;
    let requests = host.requests.len();
    let failed = host.run(client.handle_redirect(address.clone()));
    assert_eq!(code(failed), ErrorCode::StorageUnavailable);
    assert_eq!(host.requests.len(), requests);
    assert_eq!(host.records[&RecordKey::Transactions], transactions);

    host.is_full = false;
    host.run(client.handle_redirect(address)).unwrap().unwrap();

    host.is_full = true;
    for serial in 3..6 {
        host.now += 3600.0;
        let token = host.get_token(&client).unwrap();
        assert_eq!(token.token().expose(), format!("access-{serial}"));
        let sent = host.last_form()["refresh_token"].clone();
        assert_eq!(sent, format!("refresh-{}", serial - 1), "the rotated one");
    }
    let errors = host.count(|event| matches!(event, Event::Error(_)));
    assert_eq!(errors, 1, "the page is told once");

    host.is_full = false;
    host.now += 3600.0;
    host.get_token(&client).unwrap();
    assert!(
        host.stored().unwrap().contains("refresh-6"),
        "stored again as soon as it goes"
    );
}

#[test]
fn a_sign_in_is_not_started_where_its_state_cannot_be_kept() {
    let (mut host, client) = (Host::new(), new_client());
    host.is_full = true;
    assert_eq!(code(host.leave(&client)), ErrorCode::StorageUnavailable);
    assert!(host.navigations.is_empty());
}

#[test]
fn nobody_sends_a_refresh_token_whose_lock_may_have_been_taken_over() {
    let (mut host, first) = signed_in();
    let second = new_client();
    host.run(second.restore()).unwrap();
    // The metadata is old, and the page sleeps while it is fetched.
    host.now = START + 100_000.0;
    let mut asleep = host.begin(first.get_token(GetTokenOptions::default()));
    assert!(matches!(host.go_on(&mut asleep), Progress::Sent));
    host.now += 61.0;
    host.free_locks();
    assert_eq!(
        host.get_token(&second).unwrap().token().expose(),
        "access-3"
    );
    let requests = host.requests.len();
    let token = host.finish(&mut asleep).unwrap();
    assert_eq!(token.token().expose(), "access-3");
    assert_eq!(
        host.requests.len(),
        requests,
        "the token of the other page did"
    );
}

#[test]
fn a_page_that_slept_before_it_read_what_it_waited_for_takes_the_lock_again() {
    let (host, client) = signed_in();
    let record = || Input::record(host.stored().cloned());
    let mut flow = client.get_token(forced());
    let mut step = |slept, input| {
        let time = UnixTime::from_seconds(START + slept).unwrap();
        match flow.resume(time, input) {
            Step::Command(command) => command,
            Step::Ended(_) => panic!("the flow has ended"),
        }
    };
    assert!(matches!(step(0.0, Input::Start), Command::Read(_)));
    assert!(matches!(step(0.0, record()), Command::Lock(_)));
    assert!(matches!(step(0.0, Input::Done), Command::Read(_)));
    // What was read is as old as the sleep.
    assert!(matches!(step(61.0, record()), Command::Lock(_)));
    assert!(matches!(step(61.0, Input::Done), Command::Read(_)));
    assert!(matches!(step(61.0, record()), Command::Send(_)));
}

#[test]
fn a_call_that_starts_over_stays_its_user_s() {
    let (mut host, first) = signed_in();
    host.now = START + 100_000.0;
    let mut asleep = host.begin(first.get_token(GetTokenOptions::default()));
    assert!(matches!(host.go_on(&mut asleep), Progress::Sent));
    host.now += 61.0;
    host.free_locks();
    host.provider.claims = json!({ "sub": "bob" });
    host.sign_in(&new_client()).unwrap();
    let requests = host.requests.len();
    assert_eq!(code(host.finish(&mut asleep)), ErrorCode::SessionReplaced);
    assert_eq!(host.requests.len(), requests);
}

#[test]
fn a_lock_is_released_within_a_minute_however_slow_the_provider_is() {
    let (mut host, client) = signed_in();
    let scopes = [None, Some("mail"), Some("files")];
    let options = |scope: Option<&str>| GetTokenOptions {
        scope: scope.map(String::from),
        ..GetTokenOptions::default()
    };
    for scope in scopes {
        host.run(client.get_token(options(scope))).unwrap();
    }
    // A host gives a request up after half a minute.
    host.provider.latency = 29.5;
    host.now = START + 3400.0;
    host.wake(&client);
    let requests = host.requests.len();
    for scope in scopes {
        host.run(client.get_token(options(scope))).unwrap();
    }
    assert_eq!(host.requests.len(), requests, "all were renewed");

    // The token endpoint has moved.
    host.provider.latency = 24.5;
    host.now += 4_000.0;
    host.provider
        .replies
        .push_back(Reply::Text(404, String::new()));
    host.provider.metadata["token_endpoint"] = "https://as.example/new".into();
    assert!(host.get_token(&client).is_ok());
    // The metadata is old.
    host.now += 100_000.0;
    assert!(host.get_token(&client).is_ok());
    assert!(host.longest_hold <= 60.0, "{} s", host.longest_hold);
}

#[test]
fn a_token_endpoint_that_has_moved_is_found_again() {
    let (mut host, client) = signed_in();
    host.now = START + 3600.0;
    host.provider
        .replies
        .push_back(Reply::Text(404, String::new()));
    host.provider.metadata["token_endpoint"] = "https://as.example/new".into();
    assert_eq!(
        host.get_token(&client).unwrap().token().expose(),
        "access-3"
    );
    let url = |host: &Host| host.requests.last().unwrap().url.clone();
    assert_eq!(url(&host), "https://as.example/new");
    host.now += 3600.0;
    host.run(new_client().get_token(GetTokenOptions::default()))
        .unwrap();
    assert_eq!(url(&host), "https://as.example/new", "it is remembered");
}

#[test]
fn metadata_that_cannot_be_fetched_again_keeps_nobody_from_a_token() {
    for latency in [0.0, 30.0] {
        let (mut host, client) = signed_in();
        host.now = START + 100_000.0;
        host.provider.discovery = Some(Reply::Nothing);
        host.provider.latency = latency;
        assert_eq!(
            host.get_token(&client).unwrap().token().expose(),
            "access-3"
        );
    }
}
