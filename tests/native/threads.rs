//! Natively, clients and verifiers are shared by threads, and flows move between them.

use std::sync::Arc;
use std::thread;

use countersign::service::ConfidentialClient;
use countersign::verifier::{KeysFrom, Requirement, Verifier, VerifierConfig};
use countersign::{Command, ErrorCode, Flow, Input, UnixTime, edge, page};

fn send_and_sync<T: Send + Sync>() {}
fn send<T: Send>(value: T) -> T {
    value
}

struct Nothing;

impl edge::Host for Nothing {
    async fn carry_out(&self, _: Command) -> Input {
        Input::Failed(ErrorCode::NetworkError.into())
    }
}

/// This test compiles, or does not.
#[test]
fn a_server_may_hold_them_in_all_its_threads() {
    send_and_sync::<Verifier>();
    send_and_sync::<ConfidentialClient>();
    send_and_sync::<page::Client>();
    let verifier = edge::verifier(
        VerifierConfig::new("https://login.example", "https://api.example").unwrap(),
    );
    let flow: Flow<()> = send(verifier.unwrap().fetch_keys(0));
    // A server's executor moves the future of a request between its threads.
    drop(send(edge::drive(flow, &Nothing)));
}

#[test]
fn one_verifier_decides_in_many_threads_at_once() {
    let mut config = VerifierConfig::new("https://login.example", "https://api.example").unwrap();
    config.issuers[0].keys = KeysFrom::Jwks(r#"{"keys":[]}"#.into());
    let verifier = edge::verifier(config).unwrap();
    let threads = (0..8).map(|_| {
        let verifier = Arc::clone(&verifier);
        thread::spawn(move || {
            let requirement = Requirement::default();
            let verified = edge::verify_token(&verifier, "x", &requirement, UnixTime::EPOCH);
            assert_eq!(verified.unwrap_err().code(), ErrorCode::TokenMalformed);
        })
    });
    for thread in threads.collect::<Vec<_>>() {
        thread.join().unwrap();
    }
}
