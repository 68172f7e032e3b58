//! What an API can require of a token, rule by rule, and which refusal says so.

use countersign::verifier::{
    Challenge, ClaimValue, Decision, Permissions, Profile, Requirement, Scheme, Terms,
    VerifierConfig,
};
use countersign::{AuthError, ErrorCode, UnixTime, edge};
use serde_json::{Value, json};

use crate::provider::START;
use crate::verification::{config, jwks, new_verifier, token, verify_token};

/// What a token with this change is refused with, if it is.
fn refusal(permissions: Permissions, change: Value) -> Option<ErrorCode> {
    let requirement = Requirement::from(permissions);
    let verified = verify_token(config(Some(&jwks())), &token(change), &requirement);
    verified.err().map(|error| error.code())
}

fn none() -> Permissions {
    Permissions::default()
}

#[test]
fn one_of_some_scopes_is_enough() {
    let either = || none().any_scope("admin write").unwrap();
    assert_eq!(refusal(either(), json!({ "scope": "write" })), None);
    let refused = refusal(either(), json!({ "scope": "read" }));
    assert_eq!(refused, Some(ErrorCode::InsufficientScope));
    // Both rules hold.
    let both = || either().scope("read").unwrap();
    assert_eq!(refusal(both(), json!({ "scope": "read write" })), None);
    let refused = refusal(both(), json!({ "scope": "write" }));
    assert_eq!(refused, Some(ErrorCode::InsufficientScope));
}

#[test]
fn all_of_some_roles_can_be_required() {
    let both = || none().all_roles(&["a", "b"]).unwrap();
    assert_eq!(refusal(both(), json!({ "roles": ["b", "c", "a"] })), None);
    let refused = refusal(both(), json!({ "roles": ["b"] }));
    assert_eq!(refused, Some(ErrorCode::InsufficientRole));
}

#[test]
fn the_client_is_the_first_claim_that_names_it() {
    let ours = || none().clients(&["web", "mobile"]).unwrap();
    for name in ["azp", "appid", "client_id", "cid"] {
        let mut change = json!({ "client_id": null });
        change[name] = "mobile".into();
        assert_eq!(refusal(ours(), change), None, "{name}");
    }
    for change in [
        json!({ "client_id": "other" }),
        json!({ "azp": "other", "client_id": "web" }),
        json!({ "client_id": null }),
    ] {
        let refused = refusal(ours(), change.clone());
        assert_eq!(refused, Some(ErrorCode::ClientNotAllowed), "{change}");
    }
}

#[test]
fn entra_directory_roles_are_in_wids() {
    let admin = || none().directory_roles(&["62e90394"]).unwrap();
    assert_eq!(refusal(admin(), json!({ "wids": ["x", "62e90394"] })), None);
    let refused = refusal(admin(), json!({}));
    assert_eq!(refused, Some(ErrorCode::InsufficientRole));
    let malformed = refusal(admin(), json!({ "wids": [1] }));
    assert_eq!(malformed, Some(ErrorCode::TokenClaimInvalid));
}

#[test]
fn any_claim_can_be_required() {
    let text = |value: &str| ClaimValue::Text(value.into());
    let verified = || {
        none()
            .claim("email_verified", &[ClaimValue::Boolean(true)])
            .unwrap()
    };
    assert_eq!(refusal(verified(), json!({ "email_verified": true })), None);
    for change in [
        json!({}),
        json!({ "email_verified": false }),
        json!({ "email_verified": "true" }),
    ] {
        let refused = refusal(verified(), change.clone());
        assert_eq!(refused, Some(ErrorCode::ClaimRefused), "{change}");
    }
    let plan = || {
        none()
            .claim("plan", &[text("pro"), ClaimValue::Number(2.0)])
            .unwrap()
    };
    for plan_of_token in [json!("pro"), json!(["free", "pro"]), json!(2)] {
        assert_eq!(refusal(plan(), json!({ "plan": plan_of_token })), None);
    }
    let refused = refusal(plan(), json!({ "plan": ["free"] }));
    assert_eq!(refused, Some(ErrorCode::ClaimRefused));
}

#[test]
fn a_rule_without_a_value_is_no_rule() {
    let is_refused = |made: Result<Permissions, AuthError>| {
        assert_eq!(made.unwrap_err().code(), ErrorCode::InvalidOption);
    };
    is_refused(none().any_scope(" "));
    is_refused(none().all_roles::<&str>(&[]));
    is_refused(none().clients(&[""]));
    is_refused(none().groups::<&str>(&[]));
    is_refused(none().directory_roles(&[""]));
    is_refused(none().authentication_contexts(&["c\"1"]));
    is_refused(none().claim("plan", &[]));
}

#[test]
fn entra_too_many_groups_are_looked_up_and_never_assumed() {
    let editors = Requirement::from(none().groups(&["editors"]).unwrap());
    let decide = |change: Value, groups: Option<&[String]>| {
        let (verifier, token) = (new_verifier(config(Some(&jwks()))), token(change));
        let now = UnixTime::from_seconds(START).unwrap();
        let awaiting = verifier.examine_now(token.as_bytes(), now).unwrap();
        let terms = Terms {
            groups,
            ..Terms::from(&editors)
        };
        awaiting.conclude(true, &terms, now, &mut Vec::new())
    };
    let listed = decide(json!({ "groups": ["a", "editors"] }), None).unwrap();
    assert!(matches!(listed, Decision::Accepted(_)));
    let refused = decide(json!({ "groups": ["a"] }), None).err().unwrap();
    assert_eq!(refused.code(), ErrorCode::InsufficientGroup);
    for overage in [
        json!({ "_claim_names": { "groups": "src1" }, "_claim_sources": {} }),
        json!({ "hasgroups": true }),
    ] {
        let needed = decide(overage.clone(), None).unwrap();
        assert!(matches!(needed, Decision::GroupsNeeded(_)), "{overage}");
        let refused = needed.accepted().unwrap_err();
        assert_eq!(refused.code(), ErrorCode::GroupsMissing);
        let found = decide(overage.clone(), Some(&["editors".into()])).unwrap();
        assert!(found.accepted().is_ok());
        let not_in_it = decide(overage, Some(&["a".into()])).err().unwrap();
        assert_eq!(not_in_it.code(), ErrorCode::InsufficientGroup);
    }
    // Another rule that fails is not hidden by the groups that are not known yet.
    let change = json!({ "hasgroups": true, "scope": "read" });
    let writers = Requirement::from(none().groups(&["editors"]).unwrap().scope("write").unwrap());
    let verified = verify_token(config(Some(&jwks())), &token(change), &writers);
    assert_eq!(verified.unwrap_err().code(), ErrorCode::InsufficientScope);
}

fn challenge(
    code: ErrorCode,
    requirement: &Requirement,
    configure: fn(&mut VerifierConfig),
) -> Challenge {
    let mut config = config(Some(&jwks()));
    configure(&mut config);
    let verifier = edge::verifier(config).unwrap();
    let now = UnixTime::from_seconds(START).unwrap();
    verifier.challenge(&code.into(), requirement, Scheme::Bearer, now)
}

#[test]
fn entra_a_claims_challenge_goes_to_clients_that_declared_cp1() {
    let context = || none().authentication_contexts(&["c1"]).unwrap();
    assert_eq!(refusal(context(), json!({ "acrs": ["c1", "c2"] })), None);
    for (capability, expected) in [
        (json!({ "xms_cc": ["CP1"] }), ErrorCode::InsufficientClaims),
        (json!({ "xms_cc": ["x"] }), ErrorCode::ClaimsUnsupported),
        (json!({}), ErrorCode::ClaimsUnsupported),
    ] {
        assert_eq!(refusal(context(), capability), Some(expected));
    }
    let requirement = Requirement::from(context());
    let response = challenge(ErrorCode::InsufficientClaims, &requirement, |_| {});
    assert_eq!(response.status, 401);
    // {"access_token":{"acrs":{"essential":true,"value":"c1"}}}
    let claims = "eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19";
    let header = response.www_authenticate;
    assert!(
        header.starts_with("Bearer error=\"insufficient_claims\""),
        "{header}"
    );
    assert!(
        header.ends_with(&format!("claims=\"{claims}\"")),
        "{header}"
    );
    let response = challenge(ErrorCode::ClaimsUnsupported, &requirement, |_| {});
    assert_eq!(response.status, 403);
    assert!(!response.www_authenticate.contains("claims="));
}

#[test]
fn rfc_9728_5_1_every_challenge_names_realm_and_metadata() {
    let configure = |config: &mut VerifierConfig| {
        config.challenge.realm = Some("notes".into());
        config.challenge.resource_metadata = Some("https://api.example/meta".into());
    };
    let reader = Requirement::from(none().scope("read").unwrap());
    let response = challenge(ErrorCode::CredentialsMissing, &reader, configure);
    assert_eq!(
        response.www_authenticate,
        r#"Bearer realm="notes", scope="read", resource_metadata="https://api.example/meta""#
    );
    for code in [ErrorCode::TokenExpired, ErrorCode::InsufficientScope] {
        let header = challenge(code, &reader, configure).www_authenticate;
        assert!(
            header.starts_with("Bearer realm=\"notes\", error="),
            "{header}"
        );
        assert!(header.ends_with("resource_metadata=\"https://api.example/meta\""));
    }
    let mut config = config(Some(&jwks()));
    config.challenge.realm = Some("a\"b".into());
    let refused = edge::verifier(config).err().unwrap();
    assert_eq!(refused.code(), ErrorCode::InvalidOption);
}

#[test]
fn rules_of_a_kind_are_those_of_its_profile() {
    let mut config = config(Some(&jwks()));
    config.issuers[0].profile = Some(Profile::Entra);
    let daemons = Requirement {
        app: Some(none().clients(&["daemon"]).unwrap()),
        ..Requirement::default()
    };
    let app = |client: &str| {
        token(json!({ "scope": null, "client_id": null, "azp": client, "roles": ["Do"] }))
    };
    let verify = |client| verify_token(config.clone(), &app(client), &daemons);
    assert!(verify("daemon").is_ok());
    assert_eq!(
        verify("other").unwrap_err().code(),
        ErrorCode::ClientNotAllowed
    );
}
