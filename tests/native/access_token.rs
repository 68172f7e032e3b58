//! What an API asks of a token's claims: RFC 7519, RFC 9068, and Entra's claims.

use countersign::verifier::{Algorithm, Requirement, TokenKind, TrustedIssuer, VerifierConfig};
use countersign::{ErrorCode, edge};
use serde_json::{Value, json};

use crate::host::code;
use crate::provider::START;
use crate::verification::{API, check, config, jwks, keys, token, verify_token};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const OTHER: &str = "99999999-2222-3333-4444-555555555555";

fn refused(change: Value, expected: ErrorCode) {
    assert_eq!(code(check(&token(change.clone()))), expected, "{change}");
}

fn kind(change: Value) -> TokenKind {
    check(&token(change)).unwrap().kind
}

fn require(scopes: &[&str], roles: &[&str]) -> Requirement {
    let owned = |words: &[&str]| words.iter().map(|word| String::from(*word)).collect();
    Requirement {
        scopes: owned(scopes),
        roles: owned(roles),
    }
}

fn with_requirement(change: Value, requirement: &Requirement) -> Option<ErrorCode> {
    let verified = verify_token(config(Some(&jwks())), &token(change), requirement);
    verified.err().map(|error| error.code())
}

#[test]
fn rfc_7519_4_1_the_registered_claims_are_checked() {
    for iss in ["https://evil.example", "https://as.example/", ""] {
        refused(json!({ "iss": iss }), ErrorCode::TokenIssuerMismatch);
    }
    refused(
        json!({ "aud": "another" }),
        ErrorCode::TokenAudienceMismatch,
    );
    refused(json!({ "aud": [] }), ErrorCode::TokenAudienceMismatch);
    refused(json!({ "exp": START - 5.0 }), ErrorCode::TokenExpired);
    refused(json!({ "nbf": START + 6.0 }), ErrorCode::TokenNotYetValid);
    for change in [
        json!({ "iss": null }),
        json!({ "iss": 1 }),
        json!({ "aud": null }),
        json!({ "aud": [1] }),
        json!({ "exp": null }),
        json!({ "exp": "soon" }),
        json!({ "nbf": [] }),
        json!({ "tid": 1 }),
        json!({ "scope": 1 }),
        json!({ "roles": {} }),
    ] {
        refused(change, ErrorCode::TokenClaimInvalid);
    }
    for good in [
        json!({ "aud": [API, "another"] }),
        json!({ "exp": START - 4.0 }),
        json!({ "nbf": START + 5.0 }),
    ] {
        assert!(check(&token(good)).is_ok());
    }
}

#[test]
fn rfc_9068_2_2_kinds_of_tokens() {
    assert_eq!(kind(json!({})), TokenKind::User);
    assert_eq!(kind(json!({ "sub": "spa" })), TokenKind::App);
    assert_eq!(kind(json!({ "sub": null })), TokenKind::App);
    assert_eq!(kind(json!({ "idtyp": "app" })), TokenKind::App);
    assert_eq!(
        kind(json!({ "sub": "spa", "idtyp": "user" })),
        TokenKind::User
    );
}

#[test]
fn entra_kinds_of_tokens() {
    assert_eq!(
        kind(json!({ "tid": TENANT, "scp": "read" })),
        TokenKind::User
    );
    assert_eq!(
        kind(json!({ "tid": TENANT, "roles": ["Task.Do"] })),
        TokenKind::App
    );
}

#[test]
fn entra_an_app_only_token_without_a_role_is_no_permission() {
    for roles in [Value::Null, json!([])] {
        refused(
            json!({ "tid": TENANT, "roles": roles }),
            ErrorCode::AppTokenRefused,
        );
    }
    assert!(
        check(&token(json!({ "sub": "spa" }))).is_ok(),
        "elsewhere a scope is one"
    );
}

#[test]
fn all_required_scopes_must_be_there() {
    let scope = |scope: Value| json!({ "scope": scope });
    let both = require(&["read", "write"], &[]);
    assert_eq!(with_requirement(scope(json!("write read x")), &both), None);
    assert_eq!(
        with_requirement(scope(json!(["write", "read"])), &both),
        None
    );
    for missing in [json!("read"), json!("read writer"), json!(""), Value::Null] {
        let refusal = with_requirement(scope(missing), &both);
        assert_eq!(refusal, Some(ErrorCode::InsufficientScope));
    }
    // `scp` is looked at first.
    let both_names = json!({ "scp": "read", "scope": "read write" });
    assert_eq!(
        with_requirement(both_names, &both),
        Some(ErrorCode::InsufficientScope)
    );
}

#[test]
fn one_required_role_must_be_there() {
    let either = require(&[], &["Admin", "Editor"]);
    for (roles, expected) in [
        (json!(["Editor"]), None),
        (json!("Admin"), None),
        (json!(["Reader"]), Some(ErrorCode::InsufficientRole)),
        (json!(["admin"]), Some(ErrorCode::InsufficientRole)),
        (Value::Null, Some(ErrorCode::InsufficientRole)),
    ] {
        assert_eq!(
            with_requirement(json!({ "roles": roles }), &either),
            expected
        );
    }
}

#[test]
fn where_both_are_required_users_need_the_scope_and_applications_the_role() {
    let both = require(&["read"], &["Task.Do"]);
    assert_eq!(with_requirement(json!({}), &both), None);
    let app = |roles: Value| json!({ "sub": "spa", "scope": null, "roles": roles });
    assert_eq!(with_requirement(app(json!(["Task.Do"])), &both), None);
    let refusal = with_requirement(app(json!([])), &both);
    assert_eq!(refusal, Some(ErrorCode::InsufficientRole));
    let user = with_requirement(json!({ "scope": "x", "roles": ["Task.Do"] }), &both);
    assert_eq!(user, Some(ErrorCode::InsufficientScope));
}

#[test]
fn the_verifier_s_own_requirement_is_asked_for_too() {
    let mut config = config(Some(&jwks()));
    config.access_token.requirement = require(&["admin"], &[]);
    let verified = verify_token(config, &token(json!({})), &Requirement::default());
    assert_eq!(code(verified), ErrorCode::InsufficientScope);
}

#[test]
fn rfc_9068_4_the_type_is_the_required_one() {
    let verify = |typ: &str| {
        let mut config = config(Some(&jwks()));
        config.access_token.typ = Some(typ.into());
        verify_token(config, &token(json!({})), &Requirement::default())
    };
    assert!(verify("at+jwt").is_ok());
    assert_eq!(code(verify("jwt")), ErrorCode::TokenTypRefused);
}

/// For Entra's template, by keys that name an issuer.
fn for_tenants(tenants: &[&str], key_issuer: Option<&str>) -> VerifierConfig {
    let mut key = keys().jwk(Algorithm::Es256);
    if let Some(issuer) = key_issuer {
        key["issuer"] = issuer.into();
    }
    let mut config = config(Some(&json!({ "keys": [key] })));
    config.claims.issuer = TrustedIssuer::new("https://login.example/{tenantid}/v2.0").unwrap();
    config.access_token.tenants = tenants.iter().map(|id| String::from(*id)).collect();
    config
}

fn of_tenant(iss: &str, tid: &str) -> String {
    let iss = format!("https://login.example/{iss}/v2.0");
    token(json!({ "iss": iss, "tid": tid, "scp": "read" }))
}

#[test]
fn entra_template_takes_the_token_s_own_tenant() {
    let verify = |iss, tid| {
        let token = of_tenant(iss, tid);
        verify_token(for_tenants(&[], None), &token, &Requirement::default())
    };
    let verified = verify(TENANT, TENANT).unwrap();
    assert_eq!(verified.registered.tenant.as_deref(), Some(TENANT));
    for (iss, tid) in [
        (TENANT, OTHER),
        ("evil", "evil"),
        ("common", TENANT),
        ("{tenantid}", TENANT),
    ] {
        assert_eq!(
            code(verify(iss, tid)),
            ErrorCode::TokenIssuerMismatch,
            "{iss} {tid}"
        );
    }
}

#[test]
fn entra_only_admitted_tenants_come_in() {
    let verify = |tenants: &[&str]| {
        let token = of_tenant(TENANT, TENANT);
        verify_token(for_tenants(tenants, None), &token, &Requirement::default())
    };
    assert!(verify(&[OTHER, TENANT]).is_ok());
    assert!(verify(&[&TENANT.to_uppercase()]).is_ok());
    assert_eq!(code(verify(&[OTHER])), ErrorCode::TenantRefused);
}

#[test]
fn a_token_without_tenant_is_no_admitted_one() {
    let mut config = config(Some(&jwks()));
    config.access_token.tenants = vec![TENANT.into()];
    let verified = verify_token(config, &token(json!({})), &Requirement::default());
    assert_eq!(code(verified), ErrorCode::TenantRefused);
}

#[test]
fn entra_a_key_of_one_tenant_does_not_sign_for_another() {
    let verify = |key_issuer: &str| {
        let token = of_tenant(TENANT, TENANT);
        verify_token(
            for_tenants(&[], Some(key_issuer)),
            &token,
            &Requirement::default(),
        )
    };
    let of = |tenant: &str| format!("https://login.example/{tenant}/v2.0");
    assert!(verify(&of("{tenantid}")).is_ok());
    assert!(verify(&of(TENANT)).is_ok());
    assert_eq!(code(verify(&of(OTHER))), ErrorCode::KeyIssuerMismatch);
}

#[test]
fn a_verifier_that_would_admit_anything_is_refused() {
    let refused = |change: fn(&mut VerifierConfig), name| {
        let mut config = config(Some(&jwks()));
        change(&mut config);
        let error = edge::verifier(config).err().unwrap();
        assert_eq!(error.code(), ErrorCode::InvalidOption);
        let detail = error.detail().unwrap();
        assert!(detail.starts_with(name), "{detail}");
    };
    refused(|config| config.claims.audiences.clear(), "audience");
    refused(|config| config.algorithms.clear(), "algorithms");
    refused(
        |config| config.claims.clock_tolerance = -1.0,
        "clock_tolerance",
    );
    refused(
        |config| config.claims.clock_tolerance = f64::INFINITY,
        "clock_tolerance",
    );
}
