//! Bad responses at the redirect URI. Each has a code of its own, and none of them ends the
//! session.

use countersign::page::Client;
use countersign::{ErrorCode, Shared};
use serde_json::json;

use crate::host::{Host, Progress, code, new_client, signed_in};
use crate::provider::{ISSUER, REDIRECT};

/// A second sign-in with this fault ends with this code, the session of the first is untouched, the
/// URL is clean, and a third sign-in works.
pub(crate) fn sign_in_fails(spoil: impl FnOnce(&mut Host, &mut String), expected: ErrorCode) {
    let (mut host, client) = signed_in();
    sign_in_fails_with(&mut host, &client, spoil, expected);
}

fn sign_in_fails_with(
    host: &mut Host,
    client: &Shared<Client>,
    spoil: impl FnOnce(&mut Host, &mut String),
    expected: ErrorCode,
) {
    let stored = host.stored().cloned();
    let token = host.get_token(client).unwrap();
    let mut url = host.leave(client).unwrap();
    spoil(host, &mut url);
    host.addresses.clear();
    assert_eq!(code(host.run(client.handle_redirect(url))), expected);

    assert_eq!(
        host.stored(),
        stored.as_ref(),
        "the stored session is untouched"
    );
    assert_eq!(client.account().unwrap().subject, "alice");
    let requests = host.requests.len();
    let same = host.get_token(client).unwrap();
    assert_eq!(same.token().expose(), token.token().expose());
    assert_eq!(host.requests.len(), requests);
    assert_eq!(
        host.addresses,
        [REDIRECT],
        "the response is removed from the URL"
    );
    assert!(
        host.events.is_empty(),
        "nothing has happened to the session"
    );

    host.provider.heal();
    host.sign_in(client).expect("a new sign-in works");
}

/// While a sign-in is in progress this URL is not its response: it is left alone, and nothing
/// happens.
fn is_not_ours(spoil: impl FnOnce(&mut String)) {
    let (mut host, client) = signed_in();
    let mut url = host.leave(&client).unwrap();
    let good = url.clone();
    spoil(&mut url);
    host.addresses.clear();
    let before = (host.requests.len(), host.records.clone());
    let result = host.run(client.handle_redirect(url));
    assert!(result.unwrap().is_none());
    assert!(host.addresses.is_empty(), "the URL is left alone");
    assert_eq!((host.requests.len(), host.records.clone()), before);
    assert!(host.events.is_empty());
    assert!(host.run(client.handle_redirect(good)).unwrap().is_some());
}

#[test]
fn rfc_6749_10_12_a_state_that_was_not_sent_is_not_ours() {
    is_not_ours(|url| *url += "x");
}

#[test]
fn rfc_6749_4_1_2_a_response_without_state_is_not_ours() {
    is_not_ours(|url| *url = format!("{REDIRECT}?code=x"));
    is_not_ours(|url| *url = format!("{REDIRECT}?error=access_denied"));
}

#[test]
fn rfc_9700_4_7_1_a_state_is_used_once() {
    let (mut host, client) = signed_in();
    let url = host.leave(&client).unwrap();
    host.run(client.handle_redirect(url.clone())).unwrap();
    let requests = host.requests.len();
    // The same response again is the same sign-in, and the code is not sent again.
    let again = host.run(client.handle_redirect(url.clone())).unwrap();
    assert_eq!(again.unwrap().account.subject, "alice");
    assert_eq!(host.requests.len(), requests);
    assert_eq!(
        host.get_token(&client).unwrap().token().expose(),
        "access-4"
    );
    host.run(client.sign_out(true)).unwrap();
    let after = host.run(client.handle_redirect(url));
    assert_eq!(code(after), ErrorCode::StateReplayed);
    assert!(client.account().is_none());
    assert_eq!(host.requests.len(), requests);
}

#[test]
fn a_state_is_used_up_by_a_response_that_failed() {
    let (mut host, client) = signed_in();
    let url = host.leave(&client).unwrap();
    host.provider.claims = json!({ "nonce": "another" });
    let failed = host.run(client.handle_redirect(url.clone()));
    assert_eq!(code(failed), ErrorCode::NonceMismatch);
    let requests = host.requests.len();
    let again = host.run(client.handle_redirect(url));
    assert_eq!(code(again), ErrorCode::NonceMismatch, "the same result");
    assert_eq!(host.requests.len(), requests);
}

#[test]
fn a_state_is_used_up_by_a_page_that_died() {
    let (mut host, client) = signed_in();
    let url = host.leave(&client).unwrap();
    let mut dying = host.begin(client.handle_redirect(url.clone()));
    assert!(matches!(host.go_on(&mut dying), Progress::Sent));
    host.cancel(dying);
    let again = host.run(client.handle_redirect(url));
    assert_eq!(code(again), ErrorCode::StateReplayed);
}

#[test]
fn rfc_9700_4_7_1_a_state_of_another_tab_is_not_ours() {
    let (mut other, other_client) = (Host::new(), new_client());
    other.random = 100;
    let foreign = other.leave(&other_client).unwrap();
    is_not_ours(|url| *url = foreign);
}

#[test]
fn rfc_6749_4_1_2_a_state_older_than_an_hour_is_not_ours() {
    let (mut host, client) = (Host::new(), new_client());
    let response = host.leave(&client).unwrap();
    host.now += 3601.0;
    let late = host.run(client.handle_redirect(response));
    assert!(late.unwrap().is_none());
}

#[test]
fn several_sign_ins_of_one_tab_are_under_way() {
    let (mut host, client) = (Host::new(), new_client());
    let first = host.leave(&client).unwrap();
    let second = host.leave(&client).unwrap();
    // The provider here knows the nonce of the last request only.
    host.run(client.handle_redirect(second)).unwrap().unwrap();
    let result = host.run(client.handle_redirect(first));
    assert_eq!(code(result), ErrorCode::NonceMismatch);
}

#[test]
fn the_ninth_sign_in_forgets_the_first() {
    let (mut host, client) = (Host::new(), new_client());
    let mut leave = || {
        host.now += 60.0;
        host.leave(&client).unwrap()
    };
    let responses: Vec<_> = (0..9).map(|_| leave()).collect();
    let first = host.run(client.handle_redirect(responses[0].clone()));
    assert!(first.unwrap().is_none());
    assert!(
        host.run(client.handle_redirect(responses[8].clone()))
            .is_ok()
    );
}

#[test]
fn the_ninth_response_forgets_the_first() {
    let (mut host, client) = (Host::new(), new_client());
    let mut urls = Vec::new();
    for _ in 0..9 {
        let url = host.leave(&client).unwrap();
        host.run(client.handle_redirect(url.clone())).unwrap();
        urls.push(url);
    }
    let requests = host.requests.len();
    let first = host.run(client.handle_redirect(urls[0].clone()));
    assert!(first.unwrap().is_none());
    for url in &urls[1..8] {
        let replayed = host.run(client.handle_redirect(url.clone()));
        assert_eq!(code(replayed), ErrorCode::StateReplayed);
    }
    assert_eq!(host.requests.len(), requests);
}

#[test]
fn rfc_9207_2_4_another_issuer_is_refused() {
    for iss in [
        "https%3A%2F%2Fevil.example",
        "https%3A%2F%2Fas.example%2F",
        "",
    ] {
        let spoil = |_: &mut Host, url: &mut String| *url += &format!("&iss={iss}");
        sign_in_fails(spoil, ErrorCode::ResponseIssuerMismatch);
    }
}

#[test]
fn rfc_9207_2_4_another_issuer_s_error_is_not_believed() {
    let spoil = |_: &mut Host, url: &mut String| {
        *url = url.replace("code=", "error=access_denied&x=");
        *url += "&iss=https://evil.example";
    };
    sign_in_fails(spoil, ErrorCode::ResponseIssuerMismatch);
}

#[test]
fn rfc_9207_2_4_the_issuer_must_be_there_where_it_is_promised() {
    let promising = || {
        let (mut host, client) = (Host::new(), new_client());
        host.provider.metadata["authorization_response_iss_parameter_supported"] = true.into();
        let url = host.leave(&client).unwrap();
        (host, client, url)
    };
    let (mut host, client, url) = promising();
    let failed = host.run(client.handle_redirect(url));
    assert_eq!(code(failed), ErrorCode::ResponseIssuerMissing);

    let (mut host, client, url) = promising();
    let good = host.run(client.handle_redirect(format!("{url}&iss={ISSUER}")));
    assert!(good.is_ok());
}

#[test]
fn rfc_6749_4_1_2_1_an_error_response_is_data_with_the_server_s_members() {
    let (mut host, client) = signed_in();
    let url = host.leave(&client).unwrap();
    let response = "error=access_denied&error_description=No+way&error_uri=https://as.example/e&x=";
    let url = url.replace("code=", response);
    let error = host.run(client.handle_redirect(url)).err().unwrap();
    assert_eq!(error.code(), ErrorCode::AuthorizationRefused);
    let server = error.server().unwrap();
    assert_eq!(server.error, "access_denied");
    assert_eq!(server.error_description.as_deref(), Some("No way"));
    assert_eq!(server.error_uri.as_deref(), Some("https://as.example/e"));
    assert!(error.to_string().contains("access_denied"));
}

#[test]
fn error_responses_have_their_codes() {
    for (error, expected) in [
        ("access_denied", ErrorCode::AuthorizationRefused),
        ("server_error", ErrorCode::ProviderUnavailable),
        ("temporarily_unavailable", ErrorCode::ProviderUnavailable),
        // OpenID Connect Core section 3.1.2.6.
        ("login_required", ErrorCode::InteractionRequired),
        ("interaction_required", ErrorCode::InteractionRequired),
        ("consent_required", ErrorCode::InteractionRequired),
        ("account_selection_required", ErrorCode::InteractionRequired),
    ] {
        for separator in ["?", "#"] {
            let spoil = |_: &mut Host, url: &mut String| {
                *url = url.replace("code=", &format!("error={error}&x="));
                *url = url.replace('?', separator);
            };
            sign_in_fails(spoil, expected);
        }
    }
}

#[test]
fn rfc_6749_3_1_a_parameter_stands_once() {
    for twice in ["state", "code", "iss"] {
        let spoil = |_: &mut Host, url: &mut String| {
            *url += &format!("&iss={ISSUER}&{twice}=x");
            if twice != "iss" {
                *url = url.replace(&format!("&iss={ISSUER}"), "");
            } else {
                *url = url.replace("&iss=x", &format!("&iss={ISSUER}"));
            }
        };
        sign_in_fails(spoil, ErrorCode::ResponseInvalid);
    }
}

#[test]
fn rfc_6749_4_1_2_code_and_error_exclude_each_other() {
    let spoil = |_: &mut Host, url: &mut String| *url += "&error=access_denied";
    sign_in_fails(spoil, ErrorCode::ResponseInvalid);
}

#[test]
fn rfc_6749_4_1_2_a_response_has_a_code_or_an_error() {
    for separator in ['?', '#'] {
        let spoil = |_: &mut Host, url: &mut String| {
            let state = url
                .split(['?', '&'])
                .find(|part| part.starts_with("state="));
            *url = format!("{REDIRECT}{separator}{}", state.unwrap());
        };
        sign_in_fails(spoil, ErrorCode::ResponseInvalid);
    }
}

#[test]
fn a_response_in_the_fragment_has_the_same_faults() {
    is_not_ours(|url| *url = url.replace('?', "#") + "x");
    let spoil = |_: &mut Host, url: &mut String| *url = url.replace('?', "#") + "&code=y";
    sign_in_fails(spoil, ErrorCode::ResponseInvalid);
}

#[test]
fn a_page_load_without_a_response_is_left_alone() {
    let (mut host, client) = signed_in();
    host.addresses.clear();
    for url in [
        REDIRECT.into(),
        format!("{REDIRECT}?page=2#top"),
        // Nothing is awaited, and the parameter is the page's own.
        format!("{REDIRECT}?code=mine"),
        format!("{REDIRECT}/deeper?code=x&state=y"),
        "https://evil.example/callback?code=x&state=y".into(),
    ] {
        let result = host.run(client.handle_redirect(url));
        assert!(result.unwrap().is_none());
    }
    assert!(host.addresses.is_empty());
}

#[test]
fn no_url_breaks_the_parser() {
    let (mut host, client) = signed_in();
    host.leave(&client).unwrap();
    for tail in [
        "?code=%",
        "?code=%zz&state=%ff",
        "#code",
        "?&=&code==&state",
        "?code=\u{e9}#\u{0}",
    ] {
        let result = host.run(client.handle_redirect(format!("{REDIRECT}{tail}")));
        assert!(result.unwrap().is_none(), "{tail}");
    }
    let long = format!("{REDIRECT}?code=x&state={}", "a".repeat(1 << 20));
    assert!(host.run(client.handle_redirect(long)).unwrap().is_none());
}

#[test]
fn no_character_of_a_state_can_be_changed() {
    let (mut host, client) = signed_in();
    let response = host.leave(&client).unwrap();
    let state = response.find("state=").unwrap();
    let requests = host.requests.len();
    for place in state..response.len() {
        let mut changed = response.clone();
        changed.replace_range(place..=place, "~");
        let result = host.run(client.handle_redirect(changed));
        assert!(result.unwrap().is_none(), "at {place}");
    }
    assert_eq!(host.requests.len(), requests, "the code was not sent");
    assert!(host.run(client.handle_redirect(response)).is_ok());
}
