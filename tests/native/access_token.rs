//! What an API asks of a token's claims: RFC 7519, RFC 9068, and Entra's claims.

use countersign::verifier::{
    Algorithm, Permissions, Profile, Requirement, TrustedIssuer, VerifierConfig,
};
use countersign::{ErrorCode, edge};
use serde_json::{Value, json};

use crate::host::code;
use crate::provider::{START, patch};
use crate::verification::{
    API, check, claims, config, header, jwks, keys, signed, token, verify_token,
};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const OTHER: &str = "99999999-2222-3333-4444-555555555555";

fn refused(change: Value, expected: ErrorCode) {
    assert_eq!(code(check(&token(change.clone()))), expected, "{change}");
}

fn permissions(scopes: &[&str], roles: &[&str]) -> Permissions {
    let mut permissions = Permissions::default();
    for scope in scopes {
        permissions = permissions.scope(scope).unwrap();
    }
    if !roles.is_empty() {
        permissions = permissions.roles(roles).unwrap();
    }
    permissions
}

fn require(scopes: &[&str], roles: &[&str]) -> Requirement {
    permissions(scopes, roles).into()
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
        json!({ "iat": "now" }),
        json!({ "scope": 1 }),
        json!({ "roles": {} }),
        json!({ "roles": [1] }),
        json!({ "roles": [{ "display": "Admin" }] }),
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
fn a_token_of_more_than_512_members_is_told_so() {
    let with = |count: usize| {
        let given = claims(json!({})).as_object().unwrap().len();
        let many = (given..count).map(|number| (format!("m{number}"), json!(1)));
        token(Value::Object(many.collect()))
    };
    assert!(check(&with(512)).is_ok());
    assert_eq!(code(check(&with(513))), ErrorCode::TokenMembersExceeded);
}

#[test]
fn rfc_7519_4_1_what_must_be_a_number_is_not_null() {
    for claim in ["exp", "nbf", "iat"] {
        let mut payload = claims(json!({}));
        payload[claim] = Value::Null;
        let header = header(Algorithm::Es256).to_string();
        let token = signed(Algorithm::Es256, &header, &payload.to_string());
        assert_eq!(code(check(&token)), ErrorCode::TokenClaimInvalid, "{claim}");
    }
}

#[test]
fn rfc_7515_4_1_4_4_1_9_and_4_1_11_a_header_s_null_is_malformed() {
    for (name, expected) in [
        ("kid", ErrorCode::TokenJsonInvalid),
        ("typ", ErrorCode::TokenJsonInvalid),
        ("crit", ErrorCode::CriticalHeaderUnknown),
    ] {
        let mut header = header(Algorithm::Es256);
        header[name] = Value::Null;
        let payload = claims(json!({})).to_string();
        let token = signed(Algorithm::Es256, &header.to_string(), &payload);
        assert_eq!(code(check(&token)), expected, "{name}");
    }
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
fn rfc_9068_2_2_3_where_both_are_required_every_token_needs_both() {
    let both = require(&["read"], &["Task.Do"]);
    let token = |scope: &str, roles: Value| json!({ "scope": scope, "roles": roles });
    let refusal = |change| with_requirement(change, &both);
    assert_eq!(refusal(token("read", json!(["Task.Do"]))), None);
    let lacks_role = refusal(token("read", json!([])));
    assert_eq!(lacks_role, Some(ErrorCode::InsufficientRole));
    // Neither a token that looks like an application's nor one with another vendor's `tid`.
    for change in [json!({}), json!({ "sub": "spa" }), json!({ "tid": TENANT })] {
        let mut app = json!({ "scope": null, "roles": ["Task.Do"] });
        patch(&mut app, &change);
        assert_eq!(refusal(app), Some(ErrorCode::InsufficientScope), "{change}");
    }
}

#[test]
fn rfc_9068_2_2_what_is_required_of_a_kind_is_not_required_of_the_other() {
    let requirement = Requirement {
        user: Some(permissions(&["read"], &[])),
        app: Some(permissions(&[], &["Task.Do"])),
        ..Requirement::default()
    };
    let refusal = |change: Value, requirement: &Requirement| {
        let mut config = config(Some(&jwks()));
        config.issuers[0].profile = Some(Profile::Rfc9068);
        let verified = verify_token(config, &token(change), requirement);
        verified.err().map(|error| error.code())
    };
    let app = |roles: Value| json!({ "sub": "spa", "scope": "read", "roles": roles });
    assert_eq!(refusal(json!({}), &requirement), None);
    assert_eq!(refusal(app(json!(["Task.Do"])), &requirement), None);
    let user = refusal(json!({ "scope": "x", "roles": ["Task.Do"] }), &requirement);
    assert_eq!(user, Some(ErrorCode::InsufficientScope));
    let without_role = refusal(app(json!([])), &requirement);
    assert_eq!(without_role, Some(ErrorCode::InsufficientRole));

    let unknown = json!({ "client_id": null, "roles": ["Task.Do"] });
    let users_only = Requirement {
        app: None,
        ..requirement.clone()
    };
    let refused = Some(ErrorCode::TokenKindRefused);
    assert_eq!(refusal(unknown.clone(), &requirement), refused);
    assert_eq!(refusal(app(json!(["Task.Do"])), &users_only), refused);
    // A rule that does not ask for a kind does not depend on it.
    let any = require(&["read"], &["Task.Do"]);
    assert_eq!(refusal(unknown, &any), None);
    assert_eq!(refusal(app(json!(["Task.Do"])), &any), None);
}

#[test]
fn rfc_6749_3_3_a_requirement_that_requires_nothing_is_refused() {
    let default = Permissions::default;
    for scope in [
        "",
        " ",
        "a\"b",
        "a\\b",
        "caf\u{e9}",
        "\u{441}",
        "a\tb",
        "a\nb",
    ] {
        let refused = code(default().scope(scope));
        assert_eq!(refused, ErrorCode::InvalidOption, "{scope:?}");
    }
    assert_eq!(code(default().roles::<&str>(&[])), ErrorCode::InvalidOption);
    assert_eq!(code(default().roles(&["a", ""])), ErrorCode::InvalidOption);
    assert!(
        default()
            .scope("!#[]~ https://api.example/.default")
            .is_ok()
    );
}

#[test]
fn rfc_7643_2_4_roles_may_be_objects_with_a_value() {
    let roles = json!({ "roles": [{ "value": "Reader", "primary": true }, "Admin"] });
    let verified = check(&token(roles)).unwrap();
    assert_eq!(verified.roles, ["Reader", "Admin"]);
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
    // RFC 7515 section 4.1.9: in any case, and with `application/` before it or not.
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        assert!(verify(typ).is_ok(), "{typ}");
    }
    for typ in ["jwt", "application/jwt"] {
        assert_eq!(code(verify(typ)), ErrorCode::TokenTypRefused, "{typ}");
    }
    for typ in ["", "application/"] {
        let mut config = config(Some(&jwks()));
        config.access_token.typ = Some(typ.into());
        assert_eq!(code(edge::verifier(config)), ErrorCode::InvalidOption);
    }
}

#[test]
fn rfc_6749_3_3_scopes_are_separated_by_spaces_and_by_nothing_else() {
    let scopes = |change: Value| check(&token(change)).unwrap().scopes;
    assert_eq!(scopes(json!({ "scope": " a  b " })), ["a", "b"]);
    assert_eq!(scopes(json!({ "scope": "a\tb\nc" })), ["a\tb\nc"]);
    assert_eq!(scopes(json!({ "scp": ["a b", "c"] })), ["a b", "c"]);
}

#[test]
fn an_error_repeats_no_issuer_that_cannot_be_one() {
    let mut config = config(Some(&jwks()));
    let second = countersign::verifier::IssuerConfig::new("https://second.example", API).unwrap();
    for several in [false, true] {
        if several {
            config.issuers.push(second.clone());
        }
        let detail = |iss: &str| {
            let token = token(json!({ "iss": iss }));
            let error = verify_token(config.clone(), &token, &Requirement::default()).unwrap_err();
            assert_eq!(error.code(), ErrorCode::TokenIssuerMismatch);
            error.detail().map(String::from)
        };
        assert_eq!(
            detail("https://x.example").as_deref(),
            Some("https://x.example")
        );
        for iss in [
            "https://x.example\nforged line",
            "\u{1b}[2J",
            &"x".repeat(257),
        ] {
            assert_eq!(detail(iss), None);
        }
    }
}

/// For Entra's template, by keys that name an issuer.
fn for_tenants(tenants: &[&str], key_issuer: Option<&str>) -> VerifierConfig {
    let mut key = keys().jwk(Algorithm::Es256);
    if let Some(issuer) = key_issuer {
        key["issuer"] = issuer.into();
    }
    let mut config = config(Some(&json!({ "keys": [key] })));
    config.issuers[0].issuer = TrustedIssuer::new("https://login.example/{tenantid}/v2.0").unwrap();
    let tenants = tenants.iter().map(|id| String::from(*id)).collect();
    config.issuers[0].tenants = Some(tenants).filter(|ids: &Vec<_>| !ids.is_empty());
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
    config.issuers[0].tenants = Some(vec![TENANT.into()]);
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
    refused(|config| config.issuers[0].audiences.clear(), "audience");
    refused(|config| config.algorithms.clear(), "algorithms");
    for tenants in [vec![], vec![String::new()]] {
        let mut config = config(Some(&jwks()));
        config.issuers[0].tenants = Some(tenants);
        assert_eq!(code(edge::verifier(config)), ErrorCode::InvalidOption);
    }
    refused(|config| config.clock_tolerance = -1.0, "clock_tolerance");
    refused(
        |config| config.clock_tolerance = f64::INFINITY,
        "clock_tolerance",
    );
}
