//! Whose token it is, by the vendor's profile: RFC 9068 section 2.2 and the vendors' own formats.

use countersign::ErrorCode;
use countersign::verifier::{
    AccessTokenClaims, Algorithm, Permissions, Profile, Requirement, TokenKind, TrustedIssuer,
    VerifierConfig,
};
use serde_json::{Value, json};

use crate::host::code;
use crate::provider::{ISSUER, patch};
use crate::verification::{claims, config, header, jwks, signed, verify_token};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";

/// A token of this profile: the claims of a plain one, changed, under `typ`.
fn verify(
    profile: Profile,
    typ: Option<&str>,
    change: Value,
) -> Result<AccessTokenClaims, countersign::AuthError> {
    verify_with(profile, typ, change, |_| {})
}

fn verify_with(
    profile: Profile,
    typ: Option<&str>,
    change: Value,
    configure: impl FnOnce(&mut VerifierConfig),
) -> Result<AccessTokenClaims, countersign::AuthError> {
    let algorithm = Algorithm::Es256;
    let mut header = header(algorithm);
    patch(&mut header, &json!({ "typ": typ }));
    let mut payload = claims(json!({ "client_id": null, "sub": null }));
    patch(&mut payload, &change);
    let mut config = config(Some(&jwks()));
    config.issuers[0].profile = Some(profile);
    configure(&mut config);
    let token = signed(algorithm, &header.to_string(), &payload.to_string());
    verify_token(config, &token, &Requirement::default())
}

fn kind(profile: Profile, change: Value) -> TokenKind {
    let verified = verify(profile, Some("JWT"), change.clone());
    verified
        .unwrap_or_else(|error| panic!("{change}: {error}"))
        .kind
}

fn refused(profile: Profile, typ: Option<&str>, change: Value) {
    let refusal = code(verify(profile, typ, change.clone()));
    assert_eq!(
        refusal,
        ErrorCode::NotAnAccessToken,
        "{profile:?} {typ:?} {change}"
    );
}

#[test]
fn rfc_9068_2_2_an_application_is_its_own_subject() {
    let kind = |change| {
        verify(Profile::Rfc9068, Some("at+jwt"), change)
            .unwrap()
            .kind
    };
    let token = |subject: Value, client: Value| json!({ "sub": subject, "client_id": client });
    assert_eq!(kind(token(json!("alice"), json!("spa"))), TokenKind::User);
    assert_eq!(kind(token(json!("spa"), json!("spa"))), TokenKind::App);
    assert_eq!(kind(token(json!("alice"), Value::Null)), TokenKind::Unknown);
    assert_eq!(kind(token(Value::Null, json!("spa"))), TokenKind::Unknown);
}

#[test]
fn rfc_9068_4_its_typ_is_required() {
    for typ in [None, Some("JWT"), Some("logout+jwt")] {
        let refusal = code(verify(Profile::Rfc9068, typ, json!({})));
        assert_eq!(refusal, ErrorCode::TokenTypRefused);
    }
}

#[test]
fn of_an_unknown_issuer_s_token_only_an_own_subject_is_known() {
    for (change, expected) in [
        (
            json!({ "sub": "daemon", "client_id": "daemon" }),
            TokenKind::App,
        ),
        (json!({ "sub": "daemon", "azp": "daemon" }), TokenKind::App),
        (
            json!({ "sub": "alice", "client_id": "spa" }),
            TokenKind::Unknown,
        ),
        // Auth0's, Okta's and Keycloak's applications, under a domain of the customer's.
        (
            json!({ "sub": "daemon@clients", "azp": "daemon" }),
            TokenKind::Unknown,
        ),
        (
            json!({ "sub": "daemon", "cid": "daemon" }),
            TokenKind::Unknown,
        ),
        (json!({ "sub": "77", "azp": "daemon" }), TokenKind::Unknown),
        // Another vendor's `tid` and `idtyp` mean nothing.
        (
            json!({ "tid": TENANT, "roles": ["member"] }),
            TokenKind::Unknown,
        ),
        (json!({ "tid": 7, "idtyp": 1 }), TokenKind::Unknown),
        (json!({ "idtyp": "app" }), TokenKind::Unknown),
        (json!({}), TokenKind::Unknown),
    ] {
        assert_eq!(kind(Profile::Generic, change.clone()), expected, "{change}");
    }
}

#[test]
fn entra_idtyp_or_scp_tells_the_kind() {
    for (change, expected) in [
        (json!({ "scp": "read" }), TokenKind::User),
        (json!({ "idtyp": "user" }), TokenKind::User),
        (json!({ "scp": "read", "idtyp": "user" }), TokenKind::User),
        (json!({ "azp": "daemon", "roles": ["Do"] }), TokenKind::App),
        (
            json!({ "appid": "daemon", "roles": ["Do"] }),
            TokenKind::App,
        ),
        (json!({ "idtyp": "app", "roles": ["Do"] }), TokenKind::App),
        (
            json!({ "idtyp": "app", "scp": "read", "roles": ["Do"] }),
            TokenKind::Unknown,
        ),
        (
            json!({ "idtyp": "device", "azp": "x", "roles": ["Do"] }),
            TokenKind::Unknown,
        ),
    ] {
        assert_eq!(kind(Profile::Entra, change.clone()), expected, "{change}");
    }
    let numeric = verify(Profile::Entra, None, json!({ "idtyp": 1, "azp": "x" }));
    assert_eq!(code(numeric), ErrorCode::TokenClaimInvalid);
}

#[test]
fn entra_an_application_s_token_without_a_role_is_no_permission() {
    for change in [
        json!({ "azp": "daemon" }),
        json!({ "azp": "daemon", "roles": [] }),
        json!({ "idtyp": "app", "scp": "read" }),
    ] {
        let refusal = code(verify(Profile::Entra, None, change.clone()));
        assert_eq!(refusal, ErrorCode::AppTokenRefused, "{change}");
    }
    assert!(verify(Profile::Generic, None, json!({ "sub": "a", "azp": "a" })).is_ok());
}

#[test]
fn auth0_the_subject_tells_the_kind() {
    for (change, expected) in [
        (json!({ "sub": "auth0|7", "azp": "spa" }), TokenKind::User),
        (
            json!({ "sub": "x@clients", "azp": "x", "gty": "client-credentials" }),
            TokenKind::App,
        ),
        (
            json!({ "sub": "x@clients", "client_id": "x" }),
            TokenKind::App,
        ),
        (
            json!({ "sub": "x@clients", "azp": "y" }),
            TokenKind::Unknown,
        ),
        (
            json!({ "sub": "auth0|7", "azp": "spa", "gty": "client-credentials" }),
            TokenKind::Unknown,
        ),
        (
            json!({ "sub": "auth0|x@clients", "azp": "auth0|x" }),
            TokenKind::Unknown,
        ),
        (json!({ "sub": "7" }), TokenKind::Unknown),
    ] {
        assert_eq!(kind(Profile::Auth0, change.clone()), expected, "{change}");
    }
}

#[test]
fn auth0_an_id_token_without_nonce_is_no_access_token() {
    let id_token = json!({ "sub": "auth0|7", "scope": null, "email": "a@b.example", "sid": "s" });
    refused(Profile::Auth0, Some("JWT"), id_token);
}

#[test]
fn okta_uid_tells_the_kind() {
    let user = json!({ "sub": "a@b.example", "cid": "spa", "uid": "00u1" });
    assert_eq!(kind(Profile::Okta, user), TokenKind::User);
    let app = json!({ "sub": "0oa1", "cid": "0oa1" });
    assert_eq!(kind(Profile::Okta, app), TokenKind::App);
}

#[test]
fn keycloak_a_service_account_is_an_application() {
    for (change, expected) in [
        (
            json!({ "azp": "spa", "preferred_username": "alice" }),
            TokenKind::User,
        ),
        (
            json!({
                "azp": "Daemon", "client_id": "Daemon", "typ": "Bearer",
                "preferred_username": "service-account-daemon",
            }),
            TokenKind::App,
        ),
        (
            json!({
                "azp": "daemon", "clientId": "daemon",
                "preferred_username": "service-account-daemon",
            }),
            TokenKind::App,
        ),
        // A person who registered under such a name, and one with the client's name in each token.
        (
            json!({ "azp": "spa", "preferred_username": "service-account-spa" }),
            TokenKind::Unknown,
        ),
        (
            json!({ "azp": "spa", "client_id": "spa", "preferred_username": "alice" }),
            TokenKind::User,
        ),
        (json!({ "sub": "7", "azp": "daemon" }), TokenKind::Unknown),
    ] {
        assert_eq!(
            kind(Profile::Keycloak, change.clone()),
            expected,
            "{change}"
        );
    }
}

#[test]
fn cognito_a_username_is_a_user_s() {
    let of = |change: Value| {
        let mut token = json!({ "token_use": "access", "client_id": "c1" });
        patch(&mut token, &change);
        kind(Profile::Cognito, token)
    };
    assert_eq!(
        of(json!({ "sub": "7", "username": "alice" })),
        TokenKind::User
    );
    assert_eq!(of(json!({ "sub": "c1" })), TokenKind::App);
    assert_eq!(of(json!({ "sub": "7" })), TokenKind::Unknown);
}

#[test]
fn cognito_the_client_is_the_audience_of_a_token_without_aud() {
    let token = json!({ "aud": null, "client_id": "c1", "token_use": "access" });
    let verify = |profile, audience: &str| {
        verify_with(profile, None, token.clone(), |config| {
            config.issuers[0].audiences = vec![audience.into()];
        })
    };
    assert!(verify(Profile::Cognito, "c1").is_ok());
    let other = code(verify(Profile::Cognito, "c2"));
    assert_eq!(other, ErrorCode::TokenAudienceMismatch);
    assert_eq!(
        code(verify(Profile::Generic, "c1")),
        ErrorCode::TokenClaimInvalid
    );
    // Nor is it if `aud` says otherwise.
    let with_aud = json!({ "aud": "another", "client_id": "c1", "token_use": "access" });
    let verified = verify_with(Profile::Cognito, None, with_aud, |config| {
        config.issuers[0].audiences = vec!["c1".into()];
    });
    assert_eq!(code(verified), ErrorCode::TokenAudienceMismatch);
}

#[test]
fn rfc_8725_3_11_another_typ_is_no_access_token_s() {
    for profile in Profile::ALL.iter().filter(|one| **one != Profile::Rfc9068) {
        for typ in ["logout+jwt", "dpop+jwt", "secevent+jwt", "id_token", ""] {
            let change = json!({ "scp": "read", "cid": "x", "token_use": "access" });
            refused(*profile, Some(typ), change);
        }
    }
}

#[test]
fn rfc_8725_3_12_id_tokens_logout_tokens_and_proofs_are_no_access_tokens() {
    let good = json!({ "scp": "read", "cid": "x", "token_use": "access" });
    let generic = Profile::ALL
        .iter()
        .filter(|profile| !matches!(profile, Profile::Rfc9068 | Profile::Cognito));
    for profile in generic {
        assert!(verify(*profile, None, good.clone()).is_ok(), "{profile:?}");
        for claim in [
            json!({ "nonce": "n" }),
            json!({ "at_hash": "h" }),
            json!({ "c_hash": "h" }),
            json!({ "events": {} }),
            json!({ "htm": "GET", "htu": "https://api.example/" }),
        ] {
            let mut token = good.clone();
            patch(&mut token, &claim);
            refused(*profile, Some("JWT"), token.clone());
            refused(*profile, None, token);
        }
    }
    // What says that it is one needs no other mark.
    let explicit = verify(Profile::Generic, Some("at+jwt"), json!({ "nonce": "n" }));
    assert!(explicit.is_ok());
}

#[test]
fn rfc_8725_3_12_each_vendor_s_own_id_tokens_are_no_access_tokens() {
    // Without `nonce`, to the API that is the client too.
    let entra = json!({ "scope": null, "oid": "1", "tid": TENANT, "roles": ["member"] });
    refused(Profile::Entra, Some("JWT"), entra);
    refused(Profile::Okta, None, json!({ "scope": null, "idp": "1" }));
    for typ in ["ID", "Logout", "Refresh", "Offline"] {
        refused(Profile::Keycloak, Some("JWT"), json!({ "typ": typ }));
    }
    refused(Profile::Keycloak, Some("JWT"), json!({ "typ": 1 }));
    refused(Profile::Cognito, None, json!({ "token_use": "id" }));
    refused(Profile::Cognito, None, json!({}));
    // Older versions of Keycloak repeat the nonce in access tokens.
    let with_nonce = json!({ "typ": "Bearer", "nonce": "n" });
    assert!(verify(Profile::Keycloak, Some("JWT"), with_nonce).is_ok());
}

#[test]
fn a_typ_that_the_api_asks_for_is_enough() {
    let verify = |required: &str, typ, change| {
        verify_with(Profile::Generic, typ, change, |config| {
            config.access_token.typ = Some(required.into());
        })
    };
    let vendor = Some("vendor+jwt");
    assert!(verify("vendor+jwt", vendor, json!({ "nonce": "n" })).is_ok());
    assert_eq!(
        code(verify("vendor+jwt", None, json!({}))),
        ErrorCode::TokenTypRefused
    );
    let id_token = verify("jwt", Some("JWT"), json!({ "nonce": "n" }));
    assert_eq!(code(id_token), ErrorCode::NotAnAccessToken);
}

#[test]
fn the_default_follows_from_the_configured_issuer_and_not_from_the_token() {
    let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
    let iss = template.replace("{tenantid}", TENANT);
    let verify = |issuer: &str, iss: &str| {
        let change = json!({
            "iss": iss, "tid": TENANT, "scope": null, "azp": "x", "roles": ["member"],
        });
        verify_with(Profile::Generic, None, change, |config| {
            config.issuers[0].issuer = TrustedIssuer::new(issuer).unwrap();
            config.issuers[0].profile = None;
        })
    };
    assert_eq!(verify(template, &iss).unwrap().kind, TokenKind::App);
    assert_eq!(verify(&iss, &iss).unwrap().kind, TokenKind::App);
    assert_eq!(verify(ISSUER, ISSUER).unwrap().kind, TokenKind::Unknown);
    let permission = Permissions::default().scope("notes.write").unwrap();
    let change = json!({ "tid": TENANT, "scope": null, "roles": ["member"] });
    let refused = verify_with(Profile::Generic, None, change, |config| {
        config.issuers[0].profile = None;
        config.access_token.requirement = permission.roles(&["member"]).unwrap().into();
    });
    assert_eq!(code(refused), ErrorCode::InsufficientScope);
}
