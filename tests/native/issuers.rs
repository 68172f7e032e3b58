//! Several issuers of one verifier: RFC 8725 section 3.8, and where each one's keys come from.

use countersign::verifier::{Algorithm, IssuerConfig, KeysFrom, Requirement, VerifierConfig};
use countersign::{AuthError, ErrorCode, Input, Step, UnixTime, edge};
use serde_json::{Value, json};

use crate::host::code;
use crate::provider::{ISSUER, START};
use crate::verification::{API, claims, header, jwks, keys, signed, token};

const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const V2: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
const V1: &str = "https://sts.windows.net/{tenantid}/";

fn issuer(identifier: &str, keys: KeysFrom) -> IssuerConfig {
    IssuerConfig {
        keys,
        ..IssuerConfig::new(identifier, API).unwrap()
    }
}

fn given(keys: &Value) -> KeysFrom {
    KeysFrom::Jwks(keys.to_string())
}

fn verify(issuers: Vec<IssuerConfig>, token: &str) -> Result<String, AuthError> {
    let verifier = edge::verifier(VerifierConfig::of(issuers))?;
    let now = UnixTime::from_seconds(START).unwrap();
    let claims = edge::verify_token(&verifier, token, &Requirement::default(), now)?;
    Ok(claims.registered.issuer)
}

fn es256(change: Value) -> String {
    let header = header(Algorithm::Es256).to_string();
    signed(Algorithm::Es256, &header, &claims(change).to_string())
}

#[test]
fn v1_and_v2_tokens_of_one_api_are_verified_by_one_verifier() {
    let verify = |iss: &str| {
        let both = vec![issuer(V2, given(&jwks())), issuer(V1, given(&jwks()))];
        verify(
            both,
            &es256(json!({ "iss": iss, "tid": TENANT, "scp": "read" })),
        )
    };
    for template in [V1, V2] {
        let iss = template.replace("{tenantid}", TENANT);
        assert_eq!(verify(&iss).unwrap(), iss);
    }
    let other = verify("https://login.example/v2.0");
    assert_eq!(code(other), ErrorCode::TokenIssuerMismatch);
}

#[test]
fn rfc_8725_3_8_one_issuer_s_key_does_not_speak_for_another() {
    let other = "https://other.example";
    let only = |algorithm| given(&json!({ "keys": [keys().jwk(algorithm)] }));
    let both = || {
        vec![
            issuer(ISSUER, only(Algorithm::Es256)),
            issuer(other, only(Algorithm::Es384)),
        ]
    };
    assert_eq!(verify(both(), &es256(json!({}))).unwrap(), ISSUER);
    let forged = verify(both(), &es256(json!({ "iss": other })));
    assert_eq!(code(forged), ErrorCode::KeyUnknown);
    // With a common key ID the signature decides.
    let renamed = |algorithm| {
        let mut jwk = keys().jwk(algorithm);
        jwk["kid"] = "same".into();
        given(&json!({ "keys": [jwk] }))
    };
    let both = vec![
        issuer(ISSUER, renamed(Algorithm::Es256)),
        issuer(other, renamed(Algorithm::Es384)),
    ];
    let header = json!({ "alg": "ES256", "kid": "same", "typ": "at+jwt" }).to_string();
    let payload = claims(json!({ "iss": other })).to_string();
    let forged = verify(both, &signed(Algorithm::Es256, &header, &payload));
    assert_eq!(code(forged), ErrorCode::KeyTypeMismatch);
}

#[test]
fn each_issuer_has_its_own_audience() {
    let mut other = issuer("https://other.example", given(&jwks()));
    other.audiences = vec!["theirs".into()];
    let both = || vec![issuer(ISSUER, given(&jwks())), other.clone()];
    let of_other = |aud: &str| es256(json!({ "iss": "https://other.example", "aud": aud }));
    assert!(verify(both(), &of_other("theirs")).is_ok());
    let refused = verify(both(), &of_other(API));
    assert_eq!(code(refused), ErrorCode::TokenAudienceMismatch);
}

#[test]
fn an_issuer_is_named_once() {
    let twice = vec![
        issuer(ISSUER, given(&jwks())),
        issuer(ISSUER, given(&jwks())),
    ];
    assert_eq!(
        code(verify(twice, &token(json!({})))),
        ErrorCode::InvalidOption
    );
    assert_eq!(
        code(verify(vec![], &token(json!({})))),
        ErrorCode::InvalidOption
    );
}

/// The first URL that is requested for the keys of an issuer.
fn requested(issuer: IssuerConfig) -> String {
    let verifier = edge::verifier(VerifierConfig::of(vec![issuer])).unwrap();
    let now = UnixTime::from_seconds(START).unwrap();
    let mut flow = verifier.fetch_keys(0);
    match flow.resume(now, Input::Start) {
        Step::Command(countersign::Command::Send(request)) => request.url,
        _ => panic!("a fetch begins with a request"),
    }
}

#[test]
fn keys_are_where_the_configuration_says() {
    let b2c = "https://contoso.b2clogin.com/11111111-2222-3333-4444-555555555555/v2.0/";
    let policy = "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_in/v2.0";
    let well_known = "/.well-known/openid-configuration";
    let document = json!({ "issuer": ISSUER, "jwks_uri": "https://keys.example/given" });
    for (identifier, keys, expected) in [
        (ISSUER, KeysFrom::Discovery, format!("{ISSUER}{well_known}")),
        (
            V2,
            KeysFrom::Discovery,
            format!("https://login.microsoftonline.com/common/v2.0{well_known}"),
        ),
        (
            b2c,
            KeysFrom::Authority(policy.into()),
            format!("{policy}{well_known}"),
        ),
        // Keys of an application of its own at Entra.
        (
            V2,
            KeysFrom::Authority("https://login.microsoftonline.com/t/v2.0?appid=7".into()),
            format!("https://login.microsoftonline.com/t/v2.0{well_known}?appid=7"),
        ),
        // RFC 8414 section 3.1 puts the path behind.
        (
            ISSUER,
            KeysFrom::Authority(
                "https://as.example/.well-known/oauth-authorization-server/a".into(),
            ),
            "https://as.example/.well-known/oauth-authorization-server/a".into(),
        ),
        (
            ISSUER,
            KeysFrom::JwksUri("https://keys.example/set".into()),
            "https://keys.example/set".into(),
        ),
        (
            ISSUER,
            KeysFrom::Metadata(document.to_string()),
            "https://keys.example/given".into(),
        ),
    ] {
        assert_eq!(requested(issuer(identifier, keys)), expected);
    }
    for keys in [
        KeysFrom::JwksUri("http://keys.example/set".into()),
        KeysFrom::Authority("http://as.example".into()),
    ] {
        let made = edge::verifier(VerifierConfig::of(vec![issuer(ISSUER, keys)]));
        assert_eq!(code(made), ErrorCode::InvalidOption);
    }
}
