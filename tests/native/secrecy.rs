//! No message, no `Debug` form, no event and no log entry has a secret in it. Every host checks
//! that in the end; here the check itself is checked, over all flows.

use countersign::ErrorCode;
use countersign::page::GetTokenOptions;
use serde_json::json;

use crate::host::{Host, new_client};
use crate::provider::Reply;

fn all_flows(host: &mut Host) {
    let client = new_client();
    host.run(client.restore()).unwrap();
    host.provider.claims = json!({ "nonce": "another" });
    assert!(host.sign_in(&client).is_err());
    host.provider.heal();
    host.sign_in(&client).unwrap();
    host.run(new_client().restore()).unwrap();
    host.get_token(&client).unwrap();

    host.provider.refreshes_id_token = true;
    let forced = GetTokenOptions {
        force_refresh: true,
        ..GetTokenOptions::default()
    };
    host.now += 1.0;
    host.run(client.get_token(forced.clone())).unwrap();
    let other = GetTokenOptions {
        scope: Some("mail".into()),
        ..GetTokenOptions::default()
    };
    host.run(client.get_token(other)).unwrap();
    let url = "https://api.example/".into();
    host.run(client.get_token_for(url, GetTokenOptions::default()))
        .unwrap();

    host.now += 3600.0;
    host.is_full = true;
    host.wake(&client);
    host.is_full = false;
    for reply in [
        Reply::Nothing,
        Reply::Text(200, "<html>".into()),
        Reply::Json(200, json!({ "access_token": "unasked-1" })),
        Reply::Json(
            200,
            json!({ "access_token": "unasked-2", "token_type": "x" }),
        ),
        Reply::Json(400, json!({ "error": "invalid_grant" })),
    ] {
        host.now += 3600.0;
        host.provider.replies.push_back(reply);
        assert!(host.run(client.get_token(forced.clone())).is_err());
    }
    host.sign_in(&client).unwrap();
    host.run(client.sign_out(false)).unwrap();
}

#[test]
fn no_flow_tells_a_secret() {
    let mut host = Host::new();
    all_flows(&mut host);
    let (known, told) = host.secrets();
    assert!(known > 20, "{known} secrets were at hand");
    assert_eq!(told, None);
}

#[test]
fn what_a_server_says_is_told_and_what_it_sent_is_not() {
    let (mut host, client) = (Host::new(), new_client());
    let refusal = json!({ "error": "invalid_request", "error_description": "see the manual" });
    host.provider.replies.push_back(Reply::Json(400, refusal));
    let error = host.sign_in(&client).err().unwrap();
    assert_eq!(error.code(), ErrorCode::TokenRequestRefused);
    assert!(error.to_string().contains("invalid_request"));
    assert!(
        !format!("{error} {error:?}").contains("manual"),
        "a description may repeat anything"
    );
}

#[test]
fn a_result_hides_its_token() {
    let (mut host, client) = (Host::new(), new_client());
    let signed_in = host.sign_in(&client).unwrap();
    let shown = format!(
        "{:?} {:?}",
        signed_in,
        host.get_token(&client).unwrap().token()
    );
    assert!(!shown.contains("access-"), "{shown}");
}
