//! The page's build in real browsers: the adapter with the platform's storage, parser, locks,
//! random numbers and history, driven by the JavaScript that the package ships.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic in a test is its verdict"
)]

mod page;

use countersign::browser::PageClient;
use js_sys::Date;
use wasm_bindgen::prelude::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use crate::page::{
    Page, advance, callback, decode, fill_storage, options, stored, text, wakes_up, window,
};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn a_session_in_the_tab_s_storage_outlives_a_reload() {
    let first = Page::new("session");
    let result = first.sign_in().await;
    assert_eq!(
        text(&decode(&text(&result, "account")), "subject"),
        "al\u{ef}ce"
    );
    assert!(stored().is_some());

    let reloaded = Page::beside("session");
    assert!(reloaded.account().is_none());
    reloaded.call("restore", "{}").await.unwrap();
    let account = reloaded.account().unwrap();
    assert_eq!(text(&account, "issuer"), "https://as.example");
    assert_eq!(reloaded.token("{}").await, "access-1");
    assert_eq!(reloaded.page.requests().length(), 0);

    reloaded.call("signOut", r#"{"local":true}"#).await.unwrap();
    assert!(stored().is_none());
    assert!(reloaded.account().is_none());
}

#[wasm_bindgen_test]
async fn a_session_in_memory_is_the_page_s_and_not_the_storage_s() {
    let first = Page::new("memory");
    first.sign_in().await;
    assert!(stored().is_none());
    assert_eq!(first.token("{}").await, "access-1");
    assert_eq!(first.token(r#"{"forceRefresh":true}"#).await, "access-2");
    // Two modules of a page share it.
    let second = Page::beside("memory");
    second.call("restore", "{}").await.unwrap();
    assert_eq!(second.token("{}").await, "access-2");
}

#[wasm_bindgen_test]
async fn the_url_is_clean_after_a_response_and_the_history_keeps_its_state() {
    let page = Page::new("session");
    let history = window().history().unwrap();
    let before = window().location().href().unwrap();
    let state = JsValue::from_str("the page's own");
    let response_url = page.leave("{}").await;
    history
        .replace_state_with_url(&state, "", Some(&response_url))
        .unwrap();
    let length = history.length().unwrap();

    let json = format!(r#"{{"url":"{response_url}"}}"#);
    page.call("handleRedirect", &json).await.unwrap();
    assert_eq!(window().location().href().unwrap(), callback());
    assert_eq!(history.state().unwrap(), state);
    assert_eq!(history.length().unwrap(), length);
    let again = page.call("handleRedirect", &json).await.unwrap();
    assert!(!text(&again, "account").is_empty(), "the same sign-in");
    history
        .replace_state_with_url(&JsValue::NULL, "", Some(&before))
        .unwrap();
}

#[wasm_bindgen_test]
async fn what_crosses_is_what_was_given() {
    let page = Page::new("session");
    let app_state = r#"{\"a\":\"&=%+# \u00fc\u20ac\ud83d\ude00\"}"#;
    let response_url = page
        .leave(&format!(r#"{{"appState":"{app_state}"}}"#))
        .await;
    let json = format!(r#"{{"url":"{response_url}"}}"#);
    let result = page.call("handleRedirect", &json).await.unwrap();
    assert_eq!(
        text(&result, "appState"),
        "{\"a\":\"&=%+# \u{fc}\u{20ac}\u{1f600}\"}"
    );

    let sent = page.page.requests();
    let request = sent.get(sent.length() - 1);
    assert_eq!(text(&request, "method"), "POST");
    assert_eq!(text(&request, "redirect"), "error");
    assert_eq!(text(&request, "credentials"), "omit");
    let form = decode(&text(&request, "body"));
    assert_eq!(text(&form, "redirect_uri"), callback());
    assert_eq!(text(&form, "code"), "c0de");
    assert_eq!(text(&form, "code_verifier").len(), 43);

    page.call("getToken", r#"{"claims":"{\"a\":\"&\"}"}"#)
        .await
        .unwrap();
    let form = decode(&text(&page.page.requests().pop(), "body"));
    assert_eq!(text(&form, "claims"), "{\"a\":\"&\"}");
}

#[wasm_bindgen_test]
async fn random_numbers_are_fresh() {
    let page = Page::new("session");
    let states = [page.leave("{}").await, page.leave("{}").await];
    assert_ne!(states[0], states[1]);
}

#[wasm_bindgen_test]
async fn events_log_and_the_time_of_the_next_renewal_reach_the_page() {
    let page = Page::new("session");
    page.sign_in().await;
    assert!(page.page.events().includes(&"signedin".into(), 0));
    assert!(page.page.log().includes(&"token_request".into(), 0));
    let wake_at = page.page.wake_times().pop().as_f64().unwrap();
    let ahead = wake_at - Date::now() / 1000.0;
    assert!((3200.0..=3300.0).contains(&ahead), "{ahead}");
    page.call("signOut", r#"{"local":true}"#).await.unwrap();
    assert!(page.page.wake_times().pop().is_undefined());
    assert!(page.page.events().includes(&"signedout".into(), 0));
}

#[wasm_bindgen_test]
async fn a_timer_and_the_network_wake_the_client() {
    assert_eq!(wakes_up().await.unwrap(), JsValue::TRUE);
}

#[wasm_bindgen_test]
async fn two_clients_of_one_tab_make_one_request_under_the_platform_s_lock() {
    let first = Page::new("session");
    first.sign_in().await;
    let second = Page::beside("session");
    second.call("restore", "{}").await.unwrap();
    let requests = first.page.requests().length();
    let flow = |page: &Page| page.flow("getToken", r#"{"forceRefresh":true}"#);
    // Both are started before either is awaited.
    let tokens = [
        first.page.start(flow(&first)),
        second.page.start(flow(&second)),
    ];
    for token in tokens {
        let token = JsFuture::from(token).await.unwrap();
        assert_eq!(text(&token, "accessToken"), "access-2");
    }
    assert_eq!(first.page.requests().length(), requests + 1);
    assert_eq!(second.page.requests().length(), 0);
}

#[wasm_bindgen_test]
async fn a_request_that_fails_is_an_error_with_its_code_and_the_page_goes_on() {
    let page = Page::new("session");
    page.page.fail_to_connect();
    assert_eq!(page.refusal("signIn", "{}").await, "network_error");
    page.sign_in().await;
    page.page.fail_to_connect();
    assert_eq!(
        page.refusal("getToken", r#"{"forceRefresh":true}"#).await,
        "network_error"
    );
    assert_eq!(page.token("{}").await, "access-1");
    advance(10.0);
    assert_eq!(
        page.token(r#"{"forceRefresh":true}"#).await,
        "access-2",
        "the lock was released"
    );
}

#[wasm_bindgen_test]
async fn json_is_read_by_the_platform_and_held_to_its_types() {
    let page = Page::new("session");
    let token = r#""access_token":"a","token_type":"Bearer""#;
    for (body, expected) in [
        (String::new(), "token_response_invalid"),
        ("<html>".into(), "token_response_invalid"),
        ("null".into(), "token_response_invalid"),
        ("[]".into(), "token_response_invalid"),
        ("1".into(), "token_response_invalid"),
        ("{}".into(), "token_response_invalid"),
        (
            r#"{"access_token":null,"token_type":"Bearer"}"#.into(),
            "token_response_invalid",
        ),
        (
            r#"{"access_token":["a"],"token_type":"Bearer"}"#.into(),
            "token_response_invalid",
        ),
        (
            r#"{"access_token":"a","token_type":null}"#.into(),
            "token_type_missing",
        ),
        (
            format!(r#"{{{token},"expires_in":[3600]}}"#),
            "expires_in_invalid",
        ),
        (
            format!(r#"{{{token},"expires_in":-1}}"#),
            "expires_in_invalid",
        ),
        (
            format!(r#"{{{token},"expires_in":1e999}}"#),
            "expires_in_invalid",
        ),
        (
            format!(r#"{{{token},"expires_in":true}}"#),
            "expires_in_invalid",
        ),
        (
            format!(r#"{{{token},"expires_in":"x"}}"#),
            "expires_in_invalid",
        ),
        (
            format!(r#"{{{token},"id_token":{{}}}}"#),
            "id_token_missing",
        ),
        (
            format!(r#"{{{token},"id_token":"a.b"}}"#),
            "token_malformed",
        ),
        (
            format!(r#"{{{token},"__proto__":1,"id_token":"e30.e30."}}"#),
            "token_json_invalid",
        ),
    ] {
        let url = page.leave("{}").await;
        page.page.fail(&body);
        let json = format!(r#"{{"url":"{url}"}}"#);
        let code = page.refusal("handleRedirect", &json).await;
        assert_eq!(code, expected, "{body}");
    }
    page.sign_in().await;
    page.page
        .fail(&format!(r#"{{{token},"expires_in":"600","scope":null}}"#));
    assert_eq!(page.token(r#"{"forceRefresh":true}"#).await, "a");
}

#[wasm_bindgen_test]
async fn a_storage_that_refuses_is_an_error_before_the_page_is_left() {
    let page = Page::new("session");
    let empty = fill_storage();
    let refusal = page.refusal("signIn", "{}").await;
    empty.call0(&JsValue::UNDEFINED).unwrap();
    assert_eq!(refusal, "storage_unavailable");
}

#[wasm_bindgen_test]
async fn a_token_is_kept_in_memory_where_the_storage_refuses_it() {
    let page = Page::new("session");
    page.sign_in().await;
    let empty = fill_storage();
    let tokens = [
        page.token(r#"{"forceRefresh":true}"#).await,
        page.token("{}").await,
    ];
    empty.call0(&JsValue::UNDEFINED).unwrap();
    assert_eq!(tokens, ["access-2", "access-2"]);
    assert!(page.page.events().includes(&"error".into(), 0));
    page.token(r#"{"forceRefresh":true}"#).await;
    let form = decode(&text(&page.page.requests().pop(), "body"));
    assert_eq!(text(&form, "refresh_token"), "refresh-2");
}

#[wasm_bindgen_test]
async fn wrong_options_are_refused_by_name() {
    for (json, name) in [
        ("{}", "client_id"),
        (
            r#"{"clientId":"x","authority":"http://as.example"}"#,
            "authority",
        ),
        (r#"{"clientID":"x"}"#, "client_i_d"),
        (
            r#"{"clientId":"x","authority":"https://as.example","redirectUri":"https://app.example/","clockTolerance":3600}"#,
            "clock_tolerance",
        ),
    ] {
        let error = PageClient::new(&options(json)).err().unwrap();
        let error = decode(&error.as_string().unwrap());
        assert_eq!(text(&error, "code"), "0");
        assert!(text(&error, "detail").starts_with(name));
    }
    let page = Page::new("session");
    for (call, json) in [
        ("getToken", r#"{"scopes":"x"}"#),
        ("signIn", r#"{"promt":"none"}"#),
        ("signOut", r#"{"loca":true}"#),
        ("handleRedirect", r#"{"href":"x"}"#),
    ] {
        assert_eq!(page.refusal(call, json).await, "invalid_option");
    }
}

#[wasm_bindgen_test]
async fn an_api_s_challenge_is_answered() {
    let page = Page::new("session");
    let header = r#"Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\""#;
    let json = format!(r#"{{"status":401,"wwwAuthenticate":"{header}","obtainedAt":1}}"#);
    let retry = page.call("apiResponse", &json).await.unwrap();
    assert_eq!(text(&retry, "claims"), r#"{"a":1}"#);
    assert_eq!(text(&retry, "forceRefresh"), "true");
    for json in [
        r#"{"status":401,"wwwAuthenticate":"Bearer"}"#,
        r#"{"status":200}"#,
    ] {
        let retry = page.call("apiResponse", json).await.unwrap();
        let force = js_sys::Reflect::get(&retry, &"forceRefresh".into()).unwrap();
        assert!(force.is_undefined());
    }
}

#[wasm_bindgen_test]
async fn a_cached_token_is_found_without_a_flow() {
    let page = Page::new("session");
    let cached = |target: &str| page.client.cached_token(target);
    assert_eq!(cached("\n"), -1);
    page.sign_in().await;
    assert_eq!(cached("\n"), 0);
    assert_eq!(cached("profile openid\n"), 0);
    assert_eq!(cached("mail\n"), -1);
    advance(3400.0);
    assert_eq!(cached("\n"), -1, "it is due");
    advance(-3400.0);
    let state = decode(&page.client.observe(None));
    assert!(stored().unwrap().starts_with(&text(&state, "revision")));
}
