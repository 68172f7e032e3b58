//! The exchange between a flow and its host: what a host does wrong is an error, never a panic.

use countersign::page::{GetTokenOptions, SignInOptions};
use countersign::{Command, ErrorCode, Input, Step, UnixTime};

use crate::host::{code, new_client, signed_in};
use crate::provider::START;

fn now() -> UnixTime {
    UnixTime::from_seconds(START).unwrap()
}

#[test]
fn a_flow_that_has_ended_stays_so() {
    let (host, client) = signed_in();
    let mut flow = client.get_token(GetTokenOptions::default());
    let Step::Command(Command::Read(key)) = flow.resume(now(), Input::Start) else {
        panic!("the session is read first");
    };
    let record = host.records.get(&key).cloned();
    assert!(matches!(
        flow.resume(now(), Input::record(record)),
        Step::Ended(Ok(_))
    ));
    for input in [Input::Start, Input::Done] {
        let Step::Ended(again) = flow.resume(now(), input) else {
            panic!("nothing more is asked for");
        };
        assert_eq!(code(again), ErrorCode::Internal);
    }
}

#[test]
fn a_response_to_another_command_ends_the_flow() {
    for wrong in [
        Input::Start,
        Input::Done,
        Input::Bytes(vec![]),
        Input::Record(None),
    ] {
        let mut flow = new_client().sign_in(SignInOptions::default());
        assert!(matches!(flow.resume(now(), Input::Start), Step::Command(_)));
        let Step::Ended(result) = flow.resume(now(), wrong) else {
            panic!("the metadata was asked for");
        };
        assert_eq!(code(result), ErrorCode::Internal);
    }
}

#[test]
fn a_flow_that_is_dropped_was_cancelled() {
    let (mut host, client) = signed_in();
    host.now = START + 3600.0;
    let mut cancelled = host.begin(client.get_token(GetTokenOptions::default()));
    host.go_on(&mut cancelled);
    host.cancel(cancelled);
    assert_eq!(
        host.get_token(&client).unwrap().token().expose(),
        "access-3"
    );
}
