//! Several accounts of one client, one of them active.

use countersign::page::{
    AccessToken, Account, AccountId, Client, ClientConfig, GetTokenOptions, SignOutOptions,
};
use countersign::{AuthError, ErrorCode, Event, Shared};
use serde_json::json;

use crate::host::{Host, client_of, code, config, new_client};
use crate::provider::{Reply, START};

/// A host with a client that alice and then bob have signed in to.
fn both() -> (Host, Shared<Client>) {
    let (mut host, client) = (Host::new(), new_client());
    for subject in ["alice", "bob"] {
        sign_in(&mut host, &client, subject);
    }
    host.events.clear();
    (host, client)
}

fn sign_in(host: &mut Host, client: &Shared<Client>, subject: &str) {
    host.provider.claims = json!({ "sub": subject });
    host.sign_in(client).unwrap();
    // A refreshed ID token is about whom it was.
    host.provider.claims = json!({});
    host.provider.refreshes_id_token = false;
}

fn subjects(client: &Shared<Client>) -> (Option<String>, Vec<String>) {
    let active = client.account().map(|account| account.subject);
    let others = client.other_accounts();
    (
        active,
        others.into_iter().map(|other| other.subject).collect(),
    )
}

fn account(client: &Shared<Client>, subject: &str) -> AccountId {
    let all = client.account().into_iter().chain(client.other_accounts());
    let mut all = all.filter(|account| account.subject == subject);
    all.next().as_ref().map(Account::id).unwrap()
}

fn token_of(
    host: &mut Host,
    client: &Shared<Client>,
    subject: &str,
) -> Result<Shared<AccessToken>, AuthError> {
    let options = GetTokenOptions {
        account: Some(account(client, subject)),
        ..GetTokenOptions::default()
    };
    host.run(client.get_token(options))
}

fn text(token: Result<Shared<AccessToken>, AuthError>) -> String {
    token.unwrap().token().expose().into()
}

/// A sign-out of one account.
fn of(account: AccountId, local: bool) -> SignOutOptions {
    SignOutOptions {
        account: Some(account),
        local,
        ..SignOutOptions::default()
    }
}

#[test]
fn a_sign_in_of_another_user_adds_an_account_and_makes_it_active() {
    let (mut host, client) = both();
    assert_eq!(
        subjects(&client),
        (Some("bob".into()), vec!["alice".into()])
    );
    let (alice, bob) = (
        token_of(&mut host, &client, "alice"),
        host.get_token(&client),
    );
    assert_ne!(text(alice), text(bob));
    // As a page that is loaded again finds them.
    let again = new_client();
    host.run(again.restore()).unwrap();
    assert_eq!(subjects(&again), subjects(&client));
    let (one, other) = (
        token_of(&mut host, &again, "alice"),
        token_of(&mut host, &client, "alice"),
    );
    assert_eq!(text(one), text(other));
}

#[test]
fn a_user_who_signs_in_again_has_one_account_with_the_new_session() {
    let (mut host, client) = both();
    let former = text(token_of(&mut host, &client, "alice"));
    sign_in(&mut host, &client, "alice");
    assert_eq!(
        subjects(&client),
        (Some("alice".into()), vec!["bob".into()])
    );
    assert_ne!(text(host.get_token(&client)), former);
}

#[test]
fn rfc_6749_6_each_account_is_renewed_by_its_own_refresh_token() {
    let (mut host, client) = both();
    host.now = START + 3700.0;
    let mut sent = Vec::new();
    for subject in ["alice", "bob", "alice"] {
        token_of(&mut host, &client, subject).unwrap();
        sent.push(host.last_form()["refresh_token"].clone());
        host.now += 3700.0;
    }
    assert!(
        sent[0] != sent[1] && sent[0] != sent[2] && sent[1] != sent[2],
        "{sent:?}"
    );
    assert_eq!(sent[0], "refresh-2");
    assert_eq!(sent[1], "refresh-4");
}

#[test]
fn a_refusal_of_one_account_leaves_the_other() {
    let (mut host, client) = both();
    host.now = START + 3700.0;
    let refusal = Reply::Json(400, json!({ "error": "invalid_grant" }));
    host.provider.replies.push_back(refusal);
    assert_eq!(
        code(token_of(&mut host, &client, "alice")),
        ErrorCode::InteractionRequired
    );
    host.get_token(&client).unwrap();
    assert_eq!(
        subjects(&client),
        (Some("bob".into()), vec!["alice".into()])
    );
}

#[test]
fn the_tokens_of_all_accounts_that_are_in_use_are_renewed_in_the_background() {
    let (mut host, client) = both();
    token_of(&mut host, &client, "alice").unwrap();
    token_of(&mut host, &client, "bob").unwrap();
    let requests = host.requests.len();
    host.now = host.wake_at.unwrap();
    host.wake(&client);
    host.now = host.wake_at.unwrap().max(host.now);
    host.wake(&client);
    assert_eq!(host.requests.len(), requests + 2);
}

#[test]
fn a_sign_out_of_the_active_account_leaves_the_others_and_none_active() {
    let (mut host, client) = both();
    let bob = account(&client, "bob");
    host.run(client.sign_out_with(of(bob.clone(), true)))
        .unwrap();
    assert_eq!(subjects(&client), (None, vec!["alice".into()]));
    assert_eq!(format!("{:?}", host.events), "[SignedOut]");
    assert_eq!(code(host.get_token(&client)), ErrorCode::AccountRequired);
    token_of(&mut host, &client, "alice").unwrap();
    let gone = GetTokenOptions {
        account: Some(bob),
        ..GetTokenOptions::default()
    };
    assert_eq!(
        code(host.run(client.get_token(gone))),
        ErrorCode::SignInRequired
    );
    // The same after a reload.
    let again = new_client();
    host.run(again.restore()).unwrap();
    assert_eq!(subjects(&again), subjects(&client));
    let alice = account(&again, "alice");
    host.run(again.set_active_account(Some(alice))).unwrap();
    host.get_token(&again).unwrap();
    assert_eq!(subjects(&again), (Some("alice".into()), Vec::new()));
}

#[test]
fn a_sign_out_of_another_account_is_told_as_a_change_of_the_accounts() {
    let (mut host, client) = both();
    let alice = account(&client, "alice");
    host.run(client.sign_out_with(of(alice, true))).unwrap();
    assert_eq!(subjects(&client), (Some("bob".into()), Vec::new()));
    assert_eq!(format!("{:?}", host.events), "[AccountsChanged]");
    host.get_token(&client).unwrap();
}

#[test]
fn a_sign_out_that_names_no_account_ends_all_sessions() {
    let (mut host, client) = both();
    host.run(client.sign_out(true)).unwrap();
    assert_eq!(subjects(&client), (None, Vec::new()));
    assert!(host.stored().is_none());
    assert_eq!(code(host.get_token(&client)), ErrorCode::SignInRequired);
}

#[test]
fn openid_rp_initiated_logout_2_the_hint_is_the_account_s_own_id_token() {
    let (mut host, client) = both();
    let alice = account(&client, "alice");
    let hint = |host: &Host| {
        crate::host::parameters(host.navigations.last().unwrap())["id_token_hint"].clone()
    };
    host.run(client.sign_out_with(of(alice, false))).unwrap();
    let first = hint(&host);
    host.run(client.sign_out(false)).unwrap();
    assert_ne!(first, hint(&host));
}

#[test]
fn the_active_account_changes_with_a_word_to_the_listeners_and_only_to_one_that_is_signed_in() {
    let (mut host, client) = both();
    let alice = account(&client, "alice");
    host.run(client.set_active_account(Some(alice.clone())))
        .unwrap();
    assert_eq!(
        subjects(&client),
        (Some("alice".into()), vec!["bob".into()])
    );
    let nobody = AccountId {
        issuer: alice.issuer,
        subject: "carol".into(),
    };
    let refused = host.run(client.set_active_account(Some(nobody)));
    assert_eq!(code(refused), ErrorCode::SignInRequired);
    host.run(client.set_active_account(None)).unwrap();
    let (active, mut others) = subjects(&client);
    others.sort();
    assert_eq!((active, others), (None, vec!["alice".into(), "bob".into()]));
    assert_eq!(format!("{:?}", host.events), "[SignedIn, SignedOut]");
}

#[test]
fn rfc_9700_4_14_2_a_copied_tab_gives_up_the_refresh_tokens_of_all_accounts() {
    let (mut host, _) = both();
    host.is_copy = true;
    let copy = new_client();
    host.run(copy.restore()).unwrap();
    host.now = START + 3700.0;
    for subject in ["alice", "bob"] {
        let refused = token_of(&mut host, &copy, subject);
        assert_eq!(code(refused), ErrorCode::InteractionRequired);
    }
}

#[test]
fn a_call_without_an_account_fails_if_another_one_becomes_active_meanwhile() {
    let (mut host, client) = both();
    host.now = START + 3700.0;
    let mut bobs = host.begin(client.get_token(GetTokenOptions::default()));
    let alices = GetTokenOptions {
        account: Some(account(&client, "alice")),
        ..GetTokenOptions::default()
    };
    let mut alices = host.begin(client.get_token(alices));
    host.go_on(&mut bobs);
    host.go_on(&mut alices);
    let alice = account(&client, "alice");
    host.run(client.set_active_account(Some(alice))).unwrap();
    assert_eq!(code(host.finish(&mut bobs)), ErrorCode::SessionReplaced);
    host.finish(&mut alices).unwrap();
    assert_eq!(
        host.count(|event| matches!(event, Event::TokenRefreshed)),
        2
    );
}

#[test]
fn a_store_that_is_nearly_full_keeps_the_refresh_tokens_of_all_accounts() {
    let (mut host, client) = both();
    host.capacity = host.stored().unwrap().len() - 200;
    host.now = START + 3700.0;
    host.get_token(&client).unwrap();
    host.capacity = usize::MAX;
    let again = new_client();
    host.run(again.restore()).unwrap();
    for subject in ["alice", "bob"] {
        token_of(&mut host, &again, subject).unwrap();
    }
}

/// A host whose provider is Entra, with a client that alice has signed in to.
fn at_entra() -> (Host, Shared<Client>) {
    let tenant = "https://login.example/11111111-2222-3333-4444-555555555555";
    let mut host = Host::new();
    let entra = json!({
        "issuer": format!("{tenant}/v2.0"),
        "token_endpoint": format!("{tenant}/oauth2/v2.0/token"),
    });
    crate::provider::patch(&mut host.provider.metadata, &entra);
    host.provider.claims = json!({ "iss": format!("{tenant}/v2.0") });
    let client = client_of(ClientConfig {
        authority: format!("{tenant}/v2.0"),
        ..config()
    });
    host.sign_in(&client).unwrap();
    (host, client)
}

fn in_tenant(tenant: &str) -> GetTokenOptions {
    GetTokenOptions {
        tenant: Some(tenant.into()),
        ..GetTokenOptions::default()
    }
}

#[test]
fn entra_refresh_tokens_one_refresh_token_serves_the_tenants_in_which_the_user_is_a_guest() {
    let (mut host, client) = at_entra();
    let own = text(host.get_token(&client));
    // The other tenant knows the user by another name.
    host.provider.claims = json!({ "iss": "https://login.example/other/v2.0", "sub": "guest" });
    host.provider.refreshes_id_token = true;
    let token = host.run(client.get_token(in_tenant("contoso.example")));
    let guest = text(token);
    assert_ne!(own, guest);
    let sent = host.requests.last().unwrap();
    assert_eq!(
        sent.url,
        "https://login.example/contoso.example/oauth2/v2.0/token"
    );
    assert_eq!(client.account().unwrap().subject, "alice");
    // Each is kept for itself.
    let requests = host.requests.len();
    assert_eq!(
        text(host.run(client.get_token(in_tenant("contoso.example")))),
        guest
    );
    assert_eq!(text(host.get_token(&client)), own);
    assert_eq!(host.requests.len(), requests);
}

#[test]
fn a_tenant_is_a_name_and_entra_s() {
    let (mut host, client) = at_entra();
    let requests = host.requests.len();
    for tenant in ["common", "a/../b", "{tenantid}", "a?b", "", ".."] {
        let refused = host.run(client.get_token(in_tenant(tenant)));
        assert_eq!(code(refused), ErrorCode::InvalidOption, "{tenant}");
    }
    assert_eq!(host.requests.len(), requests);
    let (mut host, client) = both();
    let refused = host.run(client.get_token(in_tenant("contoso.example")));
    assert_eq!(code(refused), ErrorCode::InvalidOption);
}
