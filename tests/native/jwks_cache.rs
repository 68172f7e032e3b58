//! How long keys are good: on the virtual clock, with a provider that fails.

use countersign::verifier::{DecodedParts, Examination, Requirement, Verifier};
use countersign::{AuthError, Command, ErrorCode, HttpResponse, Input, Shared, Step, UnixTime};
use serde_json::{Value, json};

use crate::host::code;
use crate::provider::{START, metadata};
use crate::verification::{config, jwks, new_verifier, signed, token};

struct Edge {
    verifier: Shared<Verifier>,
    now: f64,
    /// The response with the key set; `None` if the provider is down.
    keys: Option<Value>,
    requests: usize,
}

impl Edge {
    fn new() -> Self {
        Self {
            verifier: new_verifier(config(None)),
            now: START,
            keys: Some(jwks()),
            requests: 0,
        }
    }

    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(self.now).unwrap()
    }

    /// Verifies a token as the edge's adapter does; its signature is right.
    fn verify(&mut self, token: &str) -> Result<(), AuthError> {
        for _ in 0..2 {
            let mut decoded = DecodedParts::default();
            let now = self.now();
            let requirement = Requirement::default();
            match self
                .verifier
                .examine(token.as_bytes(), &requirement, now, &mut decoded)?
            {
                Examination::Signature(awaiting) => return awaiting.conclude(true).map(|_| ()),
                Examination::Keys => self.fetch()?,
            }
        }
        panic!("keys are fetched once for a token");
    }

    fn fetch(&mut self) -> Result<(), AuthError> {
        let mut flow = self.verifier.fetch_keys();
        let mut input = Input::Start;
        loop {
            match flow.resume(self.now(), input) {
                Step::Ended(result) => return result,
                Step::Command(Command::Send(request)) => {
                    self.requests += 1;
                    let body = match request.url.ends_with("/jwks") {
                        false => Some(metadata()),
                        true => self.keys.clone(),
                    };
                    input = match body {
                        None => Input::Failed(ErrorCode::NetworkError.into()),
                        Some(body) => {
                            let body = body.to_string();
                            Input::response(HttpResponse::new(200, body))
                        }
                    };
                }
                Step::Command(command) => panic!("{command:?}"),
            }
        }
    }
}

/// A token that lives for two days.
fn long_lived() -> String {
    token(json!({ "exp": START + 200_000.0 }))
}

/// A token with an invented `kid`.
fn of_unknown_key() -> String {
    use countersign::verifier::Algorithm;
    let claims = crate::verification::claims(json!({ "exp": START + 200_000.0 }));
    signed(
        Algorithm::Es256,
        r#"{"alg":"ES256","kid":"invented"}"#,
        &claims.to_string(),
    )
}

#[test]
fn keys_are_fetched_by_discovery_and_kept_ten_minutes() {
    let mut edge = Edge::new();
    for age in [0.0, 1.0, 599.0] {
        edge.now = START + age;
        edge.verify(&long_lived()).unwrap();
        assert_eq!(edge.requests, 2, "metadata and keys");
    }
    edge.now = START + 600.0;
    edge.verify(&long_lived()).unwrap();
    assert_eq!(edge.requests, 4);
}

#[test]
fn old_keys_are_used_while_the_provider_fails_until_a_day_has_passed() {
    let mut edge = Edge::new();
    edge.verify(&long_lived()).unwrap();
    edge.keys = None;
    for age in [600.0, 3600.0, 86_399.0] {
        edge.now = START + age;
        edge.verify(&long_lived()).unwrap();
    }
    assert_eq!(edge.requests, 8, "each time it was tried");
    edge.now = START + 86_400.0;
    let error = edge.verify(&long_lived()).err().unwrap();
    assert_eq!(error.code(), ErrorCode::KeysUnavailable);
    assert_eq!(error.detail(), Some("network_error"), "the cause is told");

    edge.keys = Some(jwks());
    edge.now += 30.0;
    edge.verify(&long_lived()).unwrap();
}

#[test]
fn an_invented_kid_makes_a_request_each_half_minute_at_most() {
    let mut edge = Edge::new();
    edge.verify(&long_lived()).unwrap();
    let requests = edge.requests;
    for _ in 0..100 {
        assert_eq!(code(edge.verify(&of_unknown_key())), ErrorCode::KeyUnknown);
    }
    assert_eq!(edge.requests, requests, "the keys are just fetched");
    edge.now = START + 30.0;
    for _ in 0..100 {
        assert_eq!(code(edge.verify(&of_unknown_key())), ErrorCode::KeyUnknown);
    }
    assert_eq!(edge.requests, requests + 2);
}

#[test]
fn a_rotated_key_is_found_at_once() {
    let mut edge = Edge::new();
    edge.keys = Some(json!({ "keys": [] }));
    assert_eq!(code(edge.verify(&long_lived())), ErrorCode::KeyUnknown);
    edge.keys = Some(jwks());
    edge.now = START + 31.0;
    edge.verify(&long_lived()).unwrap();
}

#[test]
fn a_provider_that_is_down_is_asked_each_half_minute_at_most() {
    let mut edge = Edge::new();
    edge.keys = None;
    for _ in 0..100 {
        assert_eq!(code(edge.verify(&long_lived())), ErrorCode::KeysUnavailable);
    }
    assert_eq!(edge.requests, 2);
    edge.keys = Some(jwks());
    edge.now = START + 30.0;
    edge.verify(&long_lived()).unwrap();
}

#[test]
fn a_set_that_is_not_one_leaves_the_old_keys_in_use() {
    let mut edge = Edge::new();
    edge.verify(&long_lived()).unwrap();
    edge.keys = Some(json!([]));
    edge.now = START + 700.0;
    edge.verify(&long_lived()).unwrap();
}

#[test]
fn a_clock_that_is_set_back_fetches_again() {
    let mut edge = Edge::new();
    edge.verify(&long_lived()).unwrap();
    edge.now = START - 86_400.0;
    edge.verify(&long_lived()).unwrap();
    assert_eq!(edge.requests, 4);
}

#[test]
fn given_keys_are_never_fetched_and_never_age() {
    let mut edge = Edge::new();
    edge.verifier = new_verifier(config(Some(&jwks())));
    edge.now = START + 190_000.0;
    edge.verify(&long_lived()).unwrap();
    assert_eq!(code(edge.verify(&of_unknown_key())), ErrorCode::KeyUnknown);
    assert_eq!(edge.requests, 0);
}

#[test]
fn without_a_request_only_the_keys_at_hand_are_used() {
    let mut edge = Edge::new();
    let now = |edge: &Edge, token: &str| {
        let mut decoded = DecodedParts::default();
        let requirement = Requirement::default();
        edge.verifier
            .examine_now(token.as_bytes(), &requirement, edge.now(), &mut decoded)
            .map(|_| ())
    };
    assert_eq!(code(now(&edge, &long_lived())), ErrorCode::KeysUnavailable);
    edge.fetch().unwrap();
    edge.now = START + 86_399.0;
    now(&edge, &long_lived()).unwrap();
    edge.now = START + 86_400.0;
    assert_eq!(code(now(&edge, &long_lived())), ErrorCode::KeysUnavailable);
}
