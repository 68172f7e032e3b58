//! How long keys are good, and who waits for them: on the virtual clock, with a provider that hangs,
//! fails and comes back.

use std::sync::OnceLock;

use countersign::verifier::{
    Algorithm, AwaitingSignature, Challenge, Examination, Requirement, Scheme, Terms, Verifier,
};
use countersign::{
    AuthError, Command, ErrorCode, Flow, HttpRequest, HttpResponse, Input, ResponseHeaders, Shared,
    Step, UnixTime,
};
use serde_json::{Value, json};

use crate::host::code;
use crate::provider::{START, base64url, metadata, patch};
use crate::verification::{claims, config, jwks, keys, new_verifier};

struct Edge {
    verifier: Shared<Verifier>,
    now: f64,
    /// What the keys' URL responds; nothing arrives if the provider is down.
    keys: Option<(u16, Value)>,
    headers: ResponseHeaders,
    requests: Vec<HttpRequest>,
    /// Renewals in the background: whether they run, or wait for a response that does not come.
    hangs: bool,
    hanging: Vec<Flow<()>>,
}

/// How a flow goes on.
enum Progress {
    Ended(Result<(), AuthError>),
    Sends(HttpRequest),
    Waits(f64),
}

impl Edge {
    fn new() -> Self {
        Self {
            verifier: new_verifier(config(None)),
            now: START,
            keys: Some((200, jwks())),
            headers: ResponseHeaders::default(),
            requests: Vec::new(),
            hangs: false,
            hanging: Vec::new(),
        }
    }

    /// With keys at hand that were fetched at the start.
    fn warm() -> Self {
        let mut edge = Self::new();
        edge.verify(&good()).unwrap();
        edge.requests.clear();
        edge
    }

    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(self.now).unwrap()
    }

    /// How often the keys and the metadata were requested.
    fn requested(&self) -> (usize, usize) {
        let is_keys = |request: &&HttpRequest| request.url.ends_with("/jwks");
        let keys = self.requests.iter().filter(is_keys).count();
        (keys, self.requests.len() - keys)
    }

    fn examine_now(&self, token: &str) -> Result<(), AuthError> {
        let awaiting = self.verifier.examine_now(token.as_bytes(), self.now())?;
        self.conclude(&awaiting)
    }

    /// Decides; the signature is right.
    fn conclude(&self, awaiting: &AwaitingSignature<'_>) -> Result<(), AuthError> {
        let requirement = Requirement::default();
        let decision = awaiting.conclude(
            true,
            &Terms::from(&requirement),
            self.now(),
            &mut Vec::new(),
        )?;
        decision.accepted().map(|_| ())
    }

    /// Verifies a token as the edge's adapter does; its signature is right.
    fn verify(&mut self, token: &str) -> Result<(), AuthError> {
        let verifier = Shared::clone(&self.verifier);
        for _ in 0..3 {
            match verifier.examine(token.as_bytes(), self.now())? {
                Examination::Keys(_) => self.fetch()?,
                Examination::Signature(awaiting) => {
                    if awaiting.renewal_is_due() {
                        self.renew();
                    }
                    return self.conclude(&awaiting);
                }
            }
        }
        self.examine_now(token)
    }

    /// The same for a token whose key is at hand: nothing is waited for.
    fn verify_at_once(&mut self, token: &str) {
        let verifier = Shared::clone(&self.verifier);
        match verifier.examine(token.as_bytes(), self.now()).unwrap() {
            Examination::Keys(_) => panic!("it would wait"),
            Examination::Signature(awaiting) => {
                if awaiting.renewal_is_due() {
                    self.renew();
                }
                self.conclude(&awaiting).unwrap();
            }
        }
    }

    fn renew(&mut self) {
        if !self.hangs {
            self.fetch().unwrap();
            return;
        }
        let mut flow = self.verifier.fetch_keys(0);
        match self.resume(&mut flow, Input::Start) {
            Progress::Sends(_) => self.hanging.push(flow),
            _ => panic!("a renewal that is due sends a request"),
        }
    }

    fn resume(&mut self, flow: &mut Flow<()>, input: Input) -> Progress {
        match flow.resume(self.now(), input) {
            Step::Ended(result) => Progress::Ended(result),
            Step::Command(Command::Send(request)) => {
                self.requests.push(request.clone());
                Progress::Sends(request)
            }
            Step::Command(Command::Wait(until)) => Progress::Waits(until.seconds()),
            Step::Command(command) => panic!("{command:?}"),
        }
    }

    fn respond(&self, request: &HttpRequest) -> Input {
        let body = match request.url.ends_with("/jwks") {
            false => Some((200, metadata())),
            true => self.keys.clone(),
        };
        let Some((status, body)) = body else {
            return Input::Failed(ErrorCode::NetworkError.into());
        };
        let mut response = HttpResponse::new(status, body.to_string());
        response.headers = self.headers.clone();
        Input::response(response)
    }

    fn fetch(&mut self) -> Result<(), AuthError> {
        let mut flow = self.verifier.fetch_keys(0);
        let mut input = Input::Start;
        loop {
            input = match self.resume(&mut flow, input) {
                Progress::Ended(result) => return result,
                Progress::Sends(request) => self.respond(&request),
                Progress::Waits(until) => {
                    self.now = until;
                    Input::Done
                }
            };
        }
    }

    /// What the API responds to this refusal.
    fn challenge(&self, refused: Result<(), AuthError>) -> Challenge {
        let error = refused.unwrap_err();
        let requirement = Requirement::default();
        self.verifier
            .challenge(&error, &requirement, Scheme::Bearer, self.now())
    }

    /// Asserts that the token is not decided about, and that it is said when to come again.
    fn is_undecided(&mut self, token: &str) -> u32 {
        let refused = self.verify(token);
        assert_eq!(code(refused.clone()), ErrorCode::KeysUnavailable);
        let challenge = self.challenge(refused);
        assert_eq!(challenge.status, 503);
        assert_eq!(challenge.www_authenticate, "Bearer");
        challenge.retry_after.unwrap()
    }
}

/// A token that lives for ten days, by the key of this name. Its signature is not looked at here.
fn of_key(kid: &str) -> String {
    static CLAIMS: OnceLock<String> = OnceLock::new();
    let rest = CLAIMS.get_or_init(|| {
        let claims = claims(json!({ "exp": START + 864_000.0 })).to_string();
        format!("{}.{}", base64url(claims), base64url([1; 64]))
    });
    let header = json!({ "alg": "ES256", "kid": kid }).to_string();
    format!("{}.{rest}", base64url(header))
}

fn good() -> String {
    of_key("p256")
}

fn rotated() -> Value {
    let mut key = keys().jwk(Algorithm::Es256);
    key["kid"] = "new".into();
    json!({ "keys": [key] })
}

#[test]
fn keys_are_fetched_by_discovery_and_renewed_after_ten_minutes() {
    let mut edge = Edge::new();
    edge.verify(&good()).unwrap();
    assert_eq!(edge.requested(), (1, 1));
    edge.now = START + 599.0;
    edge.verify_at_once(&good());
    assert_eq!(edge.requested(), (1, 1));
    edge.now = START + 600.0;
    edge.verify_at_once(&good());
    assert_eq!(edge.requested(), (2, 1), "the metadata is good for a day");
    edge.now += 86_400.0;
    edge.verify(&good()).unwrap();
    assert_eq!(edge.requested(), (3, 2));
}

#[test]
fn rfc_5861_3_a_provider_that_hangs_makes_nobody_wait_whose_key_is_at_hand() {
    let mut edge = Edge::warm();
    edge.hangs = true;
    for age in [600.0, 601.0, 605.0, 620.0] {
        edge.now = START + age;
        edge.verify_at_once(&good());
        assert_eq!(edge.requests.len(), 1, "one request at a time");
    }
    // That request was given up together with the call that made it.
    edge.now = START + 621.0;
    edge.verify_at_once(&good());
    assert_eq!(edge.requests.len(), 2);
}

#[test]
fn rfc_5861_4_a_provider_that_is_down_for_an_hour_refuses_no_token_whose_key_is_at_hand() {
    let mut edge = Edge::warm();
    edge.keys = None;
    for second in 600..4_200 {
        edge.now = START + f64::from(second);
        edge.verify_at_once(&good());
    }
    let (keys, metadata) = edge.requested();
    assert!((110..=130).contains(&keys), "each half minute: {keys}");
    assert_eq!(metadata, 0);
    // It comes back with new keys.
    edge.keys = Some((200, rotated()));
    edge.now = START + 4_231.0;
    edge.verify(&of_key("new")).unwrap();
    assert_eq!(code(edge.verify(&good())), ErrorCode::KeyUnknown);
}

#[test]
fn keys_are_used_for_a_day_and_not_longer() {
    let mut edge = Edge::warm();
    edge.keys = None;
    edge.now = START + 86_399.0;
    edge.verify_at_once(&good());
    edge.now = START + 86_440.0;
    let error = edge.verify(&good()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::KeysUnavailable);
    assert_eq!(error.detail(), Some("network_error"), "the cause is told");
    assert_eq!(code(edge.examine_now(&good())), ErrorCode::KeysUnavailable);
    edge.keys = Some((200, jwks()));
    edge.now += 30.0;
    edge.verify(&good()).unwrap();
}

#[test]
fn a_failed_first_fetch_is_repeated_after_a_second_and_then_less_often() {
    let mut edge = Edge::new();
    edge.keys = None;
    let mut times = Vec::new();
    for tenth in 0..1_200 {
        edge.now = START + f64::from(tenth) / 10.0;
        let before = edge.requested().0;
        let retry_after = edge.is_undecided(&good());
        assert!((1..=30).contains(&retry_after));
        if edge.requested().0 > before {
            times.push(tenth / 10);
        }
    }
    assert_eq!(times, [0, 1, 3, 7, 15, 31, 61, 91]);
    edge.keys = Some((200, jwks()));
    edge.now = START + 121.0;
    edge.verify(&good()).unwrap();
}

#[test]
fn without_keys_a_fetch_under_way_is_waited_for_and_then_overtaken() {
    let mut edge = Edge::new();
    let mut hanging = edge.verifier.fetch_keys(0);
    assert!(matches!(
        edge.resume(&mut hanging, Input::Start),
        Progress::Sends(_)
    ));
    let (verifier, token) = (Shared::clone(&edge.verifier), good());
    let examined = verifier.examine(token.as_bytes(), edge.now());
    assert!(matches!(examined, Ok(Examination::Keys(0))));
    edge.fetch().unwrap();
    assert!(
        (2.0..2.1).contains(&(edge.now - START)),
        "{}",
        edge.now - START
    );
    edge.verify_at_once(&good());
    // What the first one comes to afterwards counts for nothing.
    assert!(matches!(
        edge.resume(&mut hanging, Input::Failed(ErrorCode::NetworkError.into())),
        Progress::Ended(Ok(()))
    ));
    edge.verify_at_once(&good());
    assert_eq!(edge.requests.len(), 3);
}

#[test]
fn a_provider_that_hangs_makes_nobody_wait_for_longer_than_two_fetches() {
    all_end_while_the_provider_hangs(false);
}

#[test]
fn requests_that_are_given_up_while_the_provider_hangs_hold_up_no_others() {
    all_end_while_the_provider_hangs(true);
}

fn all_end_while_the_provider_hangs(senders_give_up: bool) {
    let mut edge = Edge::new();
    let mut waiting: Vec<_> = (0..100).map(|_| edge.verifier.fetch_keys(0)).collect();
    let mut inputs: Vec<_> = waiting
        .iter()
        .map(|_| Some((START, Input::Start)))
        .collect();
    for step in 0..1_000 {
        edge.now = START + f64::from(step) * 0.025;
        for (flow, next) in waiting.iter_mut().zip(&mut inputs) {
            let Some((_, input)) = next.take_if(|(time, _)| *time <= edge.now) else {
                continue;
            };
            *next = match edge.resume(flow, input) {
                Progress::Ended(result) => {
                    assert_eq!(code(result), ErrorCode::KeysUnavailable);
                    None
                }
                Progress::Sends(_) if senders_give_up => None,
                // A request ends after ten seconds.
                Progress::Sends(_) => {
                    let failure = AuthError::from(ErrorCode::NetworkError);
                    Some((edge.now + 10.0, Input::Failed(failure)))
                }
                Progress::Waits(until) => Some((until, Input::Done)),
            };
        }
    }
    let left = inputs.iter().flatten().count();
    assert_eq!(left, 0, "wait after 25 seconds");
    assert!(edge.requests.len() <= 11, "{}", edge.requests.len());
}

#[test]
fn who_waits_for_a_fetch_under_way_sends_nothing() {
    let mut edge = Edge::new();
    let mut first = edge.verifier.fetch_keys(0);
    let Progress::Sends(metadata) = edge.resume(&mut first, Input::Start) else {
        panic!("the first one sends");
    };
    let mut others: Vec<_> = (0..10).map(|_| edge.verifier.fetch_keys(0)).collect();
    for other in &mut others {
        assert!(matches!(
            edge.resume(other, Input::Start),
            Progress::Waits(_)
        ));
    }
    let input = edge.respond(&metadata);
    let Progress::Sends(keys) = edge.resume(&mut first, input) else {
        panic!("and sends again");
    };
    let input = edge.respond(&keys);
    assert!(matches!(
        edge.resume(&mut first, input),
        Progress::Ended(Ok(()))
    ));
    for other in &mut others {
        assert!(matches!(
            edge.resume(other, Input::Done),
            Progress::Ended(Ok(()))
        ));
    }
    assert_eq!(edge.requests.len(), 2);
}

#[test]
fn a_rotated_key_is_found_at_once() {
    let mut edge = Edge::warm();
    edge.keys = Some((200, rotated()));
    edge.now = START + 1.0;
    edge.verify(&of_key("new")).unwrap();
    assert_eq!(edge.requested(), (1, 0));
}

#[test]
fn a_rotated_key_is_found_at_once_after_an_invented_one() {
    let mut edge = Edge::warm();
    assert_eq!(
        code(edge.verify(&of_key("invented"))),
        ErrorCode::KeyUnknown
    );
    edge.keys = Some((200, rotated()));
    edge.now = START + 1.0;
    edge.verify(&of_key("new")).unwrap();
}

#[test]
fn a_key_id_that_was_looked_for_is_not_looked_for_again_for_a_minute() {
    let mut edge = Edge::warm();
    for second in 0..60 {
        edge.now = START + f64::from(second);
        let refused = edge.verify(&of_key("invented"));
        assert_eq!(code(refused.clone()), ErrorCode::KeyUnknown);
        assert_eq!(edge.challenge(refused).status, 401);
    }
    assert_eq!(edge.requested(), (1, 0));
    // Then it may have been published meanwhile.
    let mut key = keys().jwk(Algorithm::Es256);
    key["kid"] = "invented".into();
    edge.keys = Some((200, json!({ "keys": [key] })));
    edge.now = START + 61.0;
    edge.verify(&of_key("invented")).unwrap();
}

#[test]
fn ten_thousand_invented_key_ids_cause_two_requests_a_minute() {
    let mut edge = Edge::warm();
    for number in 0..10_000 {
        edge.now = START + f64::from(number) * 0.05;
        let refused = edge.verify(&of_key(&format!("invented-{number}")));
        if code(refused.clone()) == ErrorCode::KeyUnknown {
            continue;
        }
        let challenge = edge.challenge(refused);
        assert_eq!(
            challenge.status, 503,
            "nobody knows whether it is published"
        );
        assert!((1..=60).contains(&challenge.retry_after.unwrap()));
        edge.verify_at_once(&good());
    }
    // 500 seconds.
    let (keys, metadata) = edge.requested();
    assert!((10..=18).contains(&keys), "{keys}");
    assert_eq!(metadata, 0);
}

#[test]
fn invented_key_ids_from_the_start_cause_two_requests_in_the_first_minute() {
    let mut edge = Edge::new();
    for number in 0..1_000 {
        edge.now = START + f64::from(number) * 0.059;
        assert!(edge.verify(&of_key(&format!("invented-{number}"))).is_err());
    }
    assert_eq!(edge.requested(), (1, 1));
    edge.verify_at_once(&good());
}

#[test]
fn rfc_9110_15_6_4_an_unknown_key_is_undecided_while_the_provider_is_down() {
    let mut edge = Edge::warm();
    edge.keys = None;
    edge.is_undecided(&of_key("new"));
    assert_eq!(edge.is_undecided(&of_key("new")), 1);
    assert_eq!(
        code(edge.examine_now(&of_key("new"))),
        ErrorCode::KeysUnavailable
    );
    edge.keys = Some((200, rotated()));
    edge.now = START + 60.0;
    edge.verify(&of_key("new")).unwrap();
}

#[test]
fn rfc_7517_5_a_set_without_a_usable_key_replaces_no_good_one() {
    let broken = json!({ "kty": "EC", "crv": "P-256", "kid": "p256" });
    for body in [
        json!({ "keys": [] }),
        json!({ "keys": [broken] }),
        json!({ "keys": {} }),
        json!({}),
        json!([]),
        json!("<html>"),
    ] {
        let mut edge = Edge::warm();
        edge.keys = Some((200, body.clone()));
        edge.now = START + 700.0;
        edge.verify_at_once(&good());
        edge.verify_at_once(&good());
        // Nor does it refuse a token when there is none.
        let mut edge = Edge::new();
        edge.keys = Some((200, body));
        assert_eq!(edge.is_undecided(&good()), 1);
        edge.keys = Some((200, jwks()));
        edge.now = START + 1.0;
        edge.verify(&good()).unwrap();
    }
}

#[test]
fn rfc_9111_5_2_2_1_max_age_is_followed_between_a_minute_and_an_hour() {
    for (header, fresh_for) in [
        ("max-age=300", 300.0),
        ("public, max-age=1200", 1_200.0),
        ("max-age=86400", 3_600.0),
        ("max-age=1", 60.0),
        ("no-store", 60.0),
        ("max-age=x", 60.0),
        ("public", 600.0),
    ] {
        let mut edge = Edge::new();
        edge.headers.cache_control = Some(header.into());
        edge.verify(&good()).unwrap();
        edge.now = START + fresh_for - 1.0;
        edge.verify_at_once(&good());
        assert_eq!(edge.requested().0, 1, "{header}");
        edge.now = START + fresh_for;
        edge.verify_at_once(&good());
        assert_eq!(edge.requested().0, 2, "{header}");
    }
}

#[test]
fn rfc_9111_4_2_the_time_in_a_cache_on_the_way_counts() {
    for (age, fresh_for) in [
        (0.0, 600.0),
        (400.0, 200.0),
        (590.0, 60.0),
        (7_200.0, 60.0),
        (-5.0, 600.0),
        (f64::INFINITY, 60.0),
    ] {
        let mut edge = Edge::new();
        edge.headers.age = Some(age);
        edge.verify(&good()).unwrap();
        edge.now = START + fresh_for - 1.0;
        edge.verify_at_once(&good());
        assert_eq!(edge.requested().0, 1, "{age}");
        edge.now = START + fresh_for;
        edge.verify_at_once(&good());
        assert_eq!(edge.requested().0, 2, "{age}");
    }
}

#[test]
fn rfc_9110_13_1_2_keys_that_did_not_change_are_not_sent_again() {
    let mut edge = Edge::new();
    edge.headers.etag = Some("\"one\"".into());
    edge.verify(&good()).unwrap();
    let asked = |edge: &Edge| {
        let last = edge.requests.last().unwrap();
        let mut headers = last.headers.iter();
        let header = headers.find(|(name, _)| *name == "if-none-match");
        header.map(|(_, value)| value.clone())
    };
    assert_eq!(asked(&edge), None);
    edge.keys = Some((304, json!("")));
    for round in 1..4 {
        edge.now = START + f64::from(round) * 600.0;
        edge.verify_at_once(&good());
        assert_eq!(edge.requested().0, 1 + round as usize);
        assert_eq!(asked(&edge).as_deref(), Some("\"one\""));
        edge.verify_at_once(&good());
    }
    // Nobody asked for this one.
    let mut edge = Edge::new();
    edge.keys = Some((304, json!("")));
    edge.is_undecided(&good());
}

#[test]
fn rfc_9110_10_2_3_a_provider_that_asks_for_a_pause_gets_it() {
    let mut edge = Edge::new();
    edge.keys = Some((429, json!({})));
    edge.headers.retry_after = Some(20.0);
    assert_eq!(edge.is_undecided(&good()), 20);
    edge.now = START + 19.0;
    assert_eq!(edge.is_undecided(&good()), 1);
    assert_eq!(edge.requested().0, 1);
    edge.keys = Some((200, jwks()));
    edge.now = START + 20.0;
    edge.verify(&good()).unwrap();
}

#[test]
fn keys_that_moved_are_found_by_the_metadata() {
    let mut edge = Edge::warm();
    edge.keys = Some((404, json!({})));
    edge.now = START + 600.0;
    edge.verify_at_once(&good());
    assert_eq!(edge.requested(), (1, 0));
    edge.keys = Some((200, jwks()));
    edge.now = START + 602.0;
    edge.verify_at_once(&good());
    assert_eq!(edge.requested(), (2, 1));
}

#[test]
fn a_key_that_was_replaced_under_its_name_is_waited_for_when_the_keys_are_old() {
    let mut edge = Edge::new();
    let mut other = keys().jwk(Algorithm::Es384);
    other["kid"] = "p256".into();
    edge.keys = Some((200, json!({ "keys": [other] })));
    assert_eq!(code(edge.verify(&good())), ErrorCode::KeyTypeMismatch);
    edge.keys = Some((200, jwks()));
    assert_eq!(code(edge.verify(&good())), ErrorCode::KeyTypeMismatch);
    edge.now = START + 600.0;
    edge.verify(&good()).unwrap();
}

#[test]
fn a_clock_that_is_set_back_fetches_again() {
    let mut edge = Edge::warm();
    edge.now = START - 3_600.0;
    edge.verify_at_once(&good());
    assert_eq!(edge.requested().0, 1);
    edge.now = START - 864_000.0;
    edge.keys = None;
    edge.is_undecided(&good());
}

#[test]
fn given_keys_are_never_fetched_and_never_age() {
    let mut edge = Edge::new();
    edge.verifier = new_verifier(config(Some(&jwks())));
    edge.now = START + 190_000.0;
    edge.verify_at_once(&good());
    assert_eq!(
        code(edge.verify(&of_key("invented"))),
        ErrorCode::KeyUnknown
    );
    assert_eq!(edge.requests.len(), 0);
}

#[test]
fn without_a_request_only_the_keys_at_hand_are_used() {
    let mut edge = Edge::new();
    assert_eq!(code(edge.examine_now(&good())), ErrorCode::KeysUnavailable);
    edge.fetch().unwrap();
    edge.now = START + 86_399.0;
    edge.examine_now(&good()).unwrap();
    edge.now = START + 86_400.0;
    assert_eq!(code(edge.examine_now(&good())), ErrorCode::KeysUnavailable);
}

#[test]
fn discovery_3_metadata_may_lack_what_a_verifier_does_not_need() {
    for change in [
        json!({ "token_endpoint": 1 }),
        json!({ "token_endpoint": null, "authorization_endpoint": "x" }),
        json!({ "end_session_endpoint": "http://as.example/logout" }),
    ] {
        let mut edge = Edge::new();
        let mut document = metadata();
        patch(&mut document, &change);
        let mut flow = edge.verifier.fetch_keys(0);
        let Progress::Sends(_) = edge.resume(&mut flow, Input::Start) else {
            panic!("it asks for the metadata");
        };
        let response = Input::response(HttpResponse::new(200, document.to_string()));
        let sent = edge.resume(&mut flow, response);
        assert!(
            matches!(sent, Progress::Sends(keys) if keys.url.ends_with("/jwks")),
            "{change}"
        );
    }
}
