//! A native app: RFC 8252 and RFC 8628, on a virtual clock.

use countersign::native::{
    Account, GetTokenOptions, NativeClient, NativeClientConfig, RedirectUri, SignInOptions,
    SignOutOptions, Target,
};
use countersign::{AuthError, ErrorCode, ResponseHeaders, Shared, edge};
use serde_json::{Value, json};

use crate::host::{Host, code, parameters};
use crate::provider::{CLIENT, ISSUER, Reply, START, metadata, patch};

/// Seconds that a device code lives.
const LIFE: f64 = 900.0;

fn client() -> Shared<NativeClient> {
    let mut config = NativeClientConfig::new(ISSUER, CLIENT);
    config.target = Target::new(Some("openid"), None);
    NativeClient::new(config, edge::platform()).unwrap()
}

fn host() -> Host {
    let mut host = Host::new();
    let further = json!({
        "device_authorization_endpoint": "https://as.example/device",
        "revocation_endpoint": "https://as.example/revoke",
        "userinfo_endpoint": "https://as.example/userinfo",
    });
    patch(&mut host.provider.metadata, &further);
    host
}

fn sign_in(host: &mut Host, client: &Shared<NativeClient>) -> Result<Account, AuthError> {
    let loopback = RedirectUri::Loopback(8400);
    host.run(client.sign_in(loopback, SignInOptions::default()))
}

fn authorization(members: Value) -> Reply {
    let mut body = json!({
        "device_code": "d3vice",
        "user_code": "ABCD",
        "verification_uri": "https://as.example/enter",
        "expires_in": LIFE,
    });
    patch(&mut body, &members);
    Reply::Json(200, body)
}

fn refusal(error: &str) -> Reply {
    Reply::Json(400, json!({ "error": error }))
}

/// A sign-in on another device, with these responses to the polls before the tokens.
fn device(host: &mut Host, members: Value, polls: Vec<Reply>) -> Result<Account, AuthError> {
    host.provider.replies.push_back(authorization(members));
    host.provider.replies.extend(polls);
    host.run(client().sign_in_with_device_code(SignInOptions::default()))
}

#[test]
fn rfc_8252_7_3_the_redirect_uri_is_the_loopback_address_and_entra_s_is_its_name() {
    let mut host = host();
    sign_in(&mut host, &client()).unwrap();
    let sent = parameters(&host.navigations[0]);
    assert_eq!(sent["redirect_uri"], "http://127.0.0.1:8400/");
    assert_eq!(sent["code_challenge_method"], "S256");
    assert_eq!(host.last_form()["redirect_uri"], "http://127.0.0.1:8400/");

    let mut host = Host::new();
    let tenant = "https://login.example/11111111-2222-3333-4444-555555555555";
    host.provider.metadata = metadata();
    let entra = json!({
        "issuer": format!("{tenant}/v2.0"),
        "token_endpoint": format!("{tenant}/oauth2/v2.0/token"),
    });
    patch(&mut host.provider.metadata, &entra);
    host.provider.claims = json!({ "iss": format!("{tenant}/v2.0") });
    let config = NativeClientConfig::new(format!("{tenant}/v2.0"), CLIENT);
    let client = NativeClient::new(config, edge::platform()).unwrap();
    sign_in(&mut host, &client).unwrap();
    let sent = parameters(&host.navigations[0]);
    assert_eq!(sent["redirect_uri"], "http://localhost:8400");
}

#[test]
fn rfc_6749_10_12_what_has_not_the_state_of_the_sign_in_is_passed_over() {
    let mut host = host();
    host.strays = [
        "",
        "code=stolen&state=forged",
        "error=access_denied&state=forged",
        "code=stolen",
    ]
    .into();
    let account = sign_in(&mut host, &client()).unwrap();
    assert_eq!(account.subject, "alice");
    assert_eq!(host.last_form()["code"], "code-1");

    // Somebody who goes on and on ends the sign-in, and gets nothing else.
    let mut host = self::host();
    host.strays = vec!["code=stolen&state=forged"; 1000].into();
    assert_eq!(
        code(sign_in(&mut host, &client())),
        ErrorCode::ResponseInvalid
    );
    assert_eq!(host.requests.len(), 1, "the metadata");
}

#[test]
fn oauth_2_0_multiple_response_types_2_1_a_response_that_no_listener_sees_is_not_asked_for() {
    let mut host = host();
    let options = SignInOptions {
        parameters: vec![("response_mode".into(), "fragment".into())],
        ..SignInOptions::default()
    };
    let refused = host.run(client().sign_in(RedirectUri::Loopback(1), options));
    assert_eq!(code(refused), ErrorCode::InvalidOption);
    assert!(host.requests.is_empty());
}

#[test]
fn rfc_8628_3_1_and_3_4_the_requests_have_exactly_these_parameters() {
    let mut host = host();
    let account = device(&mut host, json!({}), vec![]).unwrap();
    assert_eq!(account.subject, "alice");
    let forms: Vec<_> = host.requests[1..]
        .iter()
        .map(|request| parameters(request.body.as_deref().unwrap()))
        .collect();
    let expected = [
        json!({ "scope": "openid", "client_id": CLIENT }),
        json!({
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            "device_code": "d3vice",
            "client_id": CLIENT,
        }),
    ];
    assert_eq!(serde_json::to_value(&forms).unwrap(), json!(expected));
    assert_eq!(host.requests[1].url, "https://as.example/device");

    let shown = &host.device_codes[0];
    assert_eq!(shown.user_code, "ABCD");
    assert_eq!(shown.verification_uri, "https://as.example/enter");
    assert_eq!(shown.expires_at.seconds(), START + LIFE);
}

#[test]
fn rfc_8628_3_2_five_seconds_are_the_default_interval() {
    for (members, interval) in [
        (json!({}), 5.0),
        (json!({ "interval": 2 }), 2.0),
        // Entra v1.0 writes numbers as strings.
        (json!({ "interval": "3", "expires_in": "900" }), 3.0),
        (json!({ "interval": 0 }), 5.0),
        (json!({ "interval": 86_400 }), 60.0),
    ] {
        let mut host = host();
        device(
            &mut host,
            members,
            vec![refusal("authorization_pending"); 2],
        )
        .unwrap();
        assert_eq!(host.waits, [interval; 3]);
    }
}

#[test]
fn rfc_8628_3_5_slow_down_lengthens_this_interval_and_all_later_ones() {
    let mut host = host();
    let polls = ["slow_down", "authorization_pending", "slow_down"].map(refusal);
    device(&mut host, json!({}), polls.into()).unwrap();
    assert_eq!(host.waits, [5.0, 10.0, 10.0, 15.0]);
}

#[test]
fn rfc_8628_3_5_a_request_without_a_response_doubles_the_interval() {
    let mut host = host();
    device(&mut host, json!({}), vec![Reply::Nothing; 5]).unwrap();
    assert_eq!(host.waits, [5.0, 10.0, 20.0, 40.0, 60.0, 60.0]);
}

#[test]
fn rfc_9110_10_2_3_a_busy_provider_is_asked_when_it_wants_to_be() {
    for status in [429, 503] {
        let mut host = host();
        host.provider.headers = ResponseHeaders {
            retry_after: Some(30.0),
            ..ResponseHeaders::default()
        };
        let busy = Reply::Text(status, "<html>".into());
        device(&mut host, json!({}), vec![busy.clone(), busy]).unwrap();
        assert_eq!(host.waits, [5.0, 30.0, 30.0]);
    }
}

#[test]
fn rfc_8628_3_5_a_code_that_expired_is_not_asked_about_whatever_the_provider_says() {
    let mut host = host();
    let pending = vec![refusal("authorization_pending"); 1000];
    let refused = device(&mut host, json!({ "expires_in": 60 }), pending);
    assert_eq!(code(refused), ErrorCode::DeviceCodeExpired);
    // The discovery, the authorization, and a poll every five seconds.
    assert_eq!(host.requests.len(), 2 + 11);

    // A life that nobody would wait for.
    let mut host = self::host();
    let pending = vec![refusal("authorization_pending"); 1000];
    let refused = device(
        &mut host,
        json!({ "expires_in": 1e9, "interval": 60 }),
        pending,
    );
    assert_eq!(code(refused), ErrorCode::DeviceCodeExpired);
    assert!(host.now <= START + 3600.0);
}

#[test]
fn rfc_8628_3_5_what_ends_the_sign_in_is_typed() {
    for (error, expected) in [
        ("access_denied", ErrorCode::SignInDeclined),
        ("authorization_declined", ErrorCode::SignInDeclined),
        ("expired_token", ErrorCode::DeviceCodeExpired),
        ("code_expired", ErrorCode::DeviceCodeExpired),
        ("bad_verification_code", ErrorCode::TokenRequestRefused),
        ("invalid_client", ErrorCode::TokenRequestRefused),
        ("unauthorized_client", ErrorCode::TokenRequestRefused),
    ] {
        let mut host = host();
        let polls = vec![refusal("authorization_pending"), refusal(error)];
        let refused = device(&mut host, json!({}), polls).unwrap_err();
        assert_eq!(refused.code(), expected, "{error}");
        assert_eq!(refused.server().unwrap().error, error);
        assert!(host.stored().is_none());
    }
}

#[test]
fn rfc_8628_3_5_a_poll_that_gets_no_json_is_not_a_success() {
    for status in [200, 302, 404] {
        let mut host = host();
        let html = Reply::Text(status, "<html>".into());
        assert!(device(&mut host, json!({}), vec![html]).is_err());
        assert!(host.stored().is_none());
    }
}

#[test]
fn a_token_that_is_due_is_renewed_before_the_caller_has_it() {
    let (mut host, client) = (host(), client());
    sign_in(&mut host, &client).unwrap();
    let token = |host: &mut Host| {
        let token = host.run(client.get_token(GetTokenOptions::default()));
        token.unwrap().token().expose().to_owned()
    };
    let first = token(&mut host);
    host.now += 3400.0;
    host.provider.replies.push_back(Reply::Nothing);
    assert_eq!(token(&mut host), first);
    host.now += 60.0;
    assert_ne!(token(&mut host), first);
    let renewals = host.log.iter().filter(|step| **step == "refresh_request");
    assert_eq!(renewals.count(), 2, "the failure and the success");
}

#[test]
fn openid_connect_core_5_3_2_user_info_is_of_the_signed_in_user() {
    let (mut host, client) = (host(), client());
    sign_in(&mut host, &client).unwrap();
    let mut ask = |body| {
        host.provider.replies.push_back(Reply::Json(200, body));
        host.run(client.user_info(GetTokenOptions::default()))
    };
    let info = ask(json!({ "sub": "alice", "name": "Alice" })).unwrap();
    assert!(info.claims.contains("Alice"));
    for other in [json!({ "sub": "bob" }), json!({}), json!({ "sub": 1 })] {
        assert_eq!(code(ask(other)), ErrorCode::UserInfoMismatch);
    }
    let sent = host.requests.last().unwrap();
    assert_eq!(sent.url, "https://as.example/userinfo");
    assert!(
        sent.headers.iter().any(|(name, value)| {
            *name == "authorization" && value.starts_with("Bearer access")
        })
    );
}

#[test]
fn rfc_7009_2_1_a_sign_out_revokes_the_refresh_token_after_it_is_forgotten() {
    let (mut host, client) = (host(), client());
    sign_in(&mut host, &client).unwrap();
    host.provider.replies.push_back(Reply::Nothing);
    host.run(client.sign_out(SignOutOptions::default()))
        .unwrap();
    assert!(host.stored().is_none() && client.account().is_none());
    let sent = host.last_form();
    assert_eq!(sent["token_type_hint"], "refresh_token");
    assert!(sent["token"].starts_with("refresh"));
    assert_eq!(sent["client_id"], CLIENT);
    assert_eq!(
        host.navigations.len(),
        1,
        "the browser stays where it is: {:?}",
        host.log
    );

    let (mut host, client) = (self::host(), self::client());
    sign_in(&mut host, &client).unwrap();
    let before = host.requests.len();
    let mut local = SignOutOptions::default();
    local.local = true;
    host.run(client.sign_out(local)).unwrap();
    assert_eq!(host.requests.len(), before);
}
